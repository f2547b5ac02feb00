// What went wrong, newest first: in Google's words, and where a human has to act.

import { Panel } from "/static/lib/panel.js";
import { ago, beginOf, endOf, until } from "/static/lib/time.js";
import { ask } from "/static/lib/dialog.js";
import { del, get, isAbort } from "/static/lib/api.js";
import { empty } from "/static/lib/states.js";
import { flag, html, nothing, safeUrl } from "/static/lib/html.js";
import { hrefOf, replaceParams, route } from "/static/lib/router.js";
import { icon } from "/static/lib/icons.js";
import { isApiOff } from "/static/panels/google-refusals.js";
import { plural, words } from "/static/lib/format.js";
import { showParams } from "/static/lib/forms.js";
import { table } from "/static/lib/table.js";
import { toast } from "/static/lib/toast.js";

const ADDRESS = "/api/dashboard/errors";
const FILTERS = ["type", "account", "project", "startDate", "endDate"];
const PAGE_SIZE = 50;
const LEFT_MS = 250;
const TYPES = [
  "rate_limit",
  "quota_exhausted",
  "capacity",
  "auth",
  "not_logged_in",
  "not_found",
  "server",
  "bad_request",
  "unusable_reply",
];
const FAIR = ["rate_limit", "quota_exhausted", "capacity"];

const COLUMNS = [
  { key: "at", title: "When", className: "when", cell: ({ at }) => ago(at) },
  { key: "type", title: "What", cell: kind },
  { key: "message", title: "In Google's words", className: "said", cell: message },
  { key: "project", title: "Where", className: "where", cell: place },
  { key: "recovered", title: "The request", cell: ending },
];

class Errors extends Panel {
  static refreshOn = ["request", "account_invalid"];

  #types = new Set(TYPES);
  #shown = [];
  #cursor = null;
  #waiting = 0;

  frame() {
    const { params } = route();
    return html`<header class="panel-head"><h1>Errors</h1>
        <span class="held quiet-text" role="status" data-region="held"></span>
        <button type="button" class="button" data-action="clear">${icon("trash")}Clear…</button></header>
      <form class="filters error-filters" role="search" data-action="filter">
        <input type="search" name="project" aria-label="Project" placeholder="Project ID" value="${params.get("project")}" autocomplete="off" spellcheck="false">
        <select name="type" aria-label="Type" data-region="types">${typeOptions(this.#types, params.get("type"))}</select>
        <select name="account" aria-label="Account" data-region="accounts"><option value="">All accounts</option></select>
        <label>From <input type="date" name="startDate" value="${params.get("startDate")}"></label>
        <label>To <input type="date" name="endDate" value="${params.get("endDate")}"></label>
      </form>
      <div data-region="main"></div>
      <div class="more" data-region="more"></div>`;
  }

  opened() {
    const form = this.querySelector("form");
    this.listen(form, "change", () => this.#filter(form));
    const list = this.querySelector("[data-region=main]");
    for (const leaving of ["pointerleave", "focusout"])
      this.listen(list, leaving, () => this.#waiting && this.refreshSoon(LEFT_MS));
    this.#prepare();
  }

  moved() {
    showParams(this.querySelector("form"), route().params);
    this.#shown = [];
    return this.refresh();
  }

  async load({ get: read }) {
    const { errors, nextCursor = null } = await read(ADDRESS, {
      ...sought(),
      limit: PAGE_SIZE,
    }).catch(spellOut);
    const known = new Set(this.#shown.map(({ id }) => id));
    const fresh = errors.filter(({ id }) => !known.has(id)).length;
    this.#waiting = this.#isRead() ? fresh : 0;
    if (!this.#waiting) this.#putFirst(errors, nextCursor);
    this.show(
      "held",
      this.#waiting
        ? html`${fresh === PAGE_SIZE ? `${PAGE_SIZE} or more` : fresh} new, shown when you leave the list`
        : nothing,
    );
    return this.#shown;
  }

  render(errors) {
    this.#noteTypes(errors);
    this.show(
      "more",
      this.#cursor
        ? html`<button type="button" class="button" data-action="more">Show older errors</button>`
        : nothing,
    );
    if (!errors.length) return isFiltered() ? noneAlike() : none();
    return table({ label: "Errors", columns: COLUMNS, rows: errors, keyOf: ({ id }) => id });
  }

  actions = {
    filter: (form) => this.#filter(form),
    more: async () => {
      const page = await get(
        ADDRESS,
        { ...sought(), limit: PAGE_SIZE, cursor: this.#cursor },
        { signal: this.signal },
      );
      this.#shown.push(...page.errors);
      this.#cursor = page.nextCursor ?? null;
      this.show("main", this.render(this.#shown));
    },
    showAll: () => {
      const form = this.querySelector("form");
      showParams(form);
      return this.#filter(form);
    },
    clear: () => this.#clear(),
  };

  // ------------------------------------------------------------ looking

  async #prepare() {
    try {
      const { accounts } = await get("/api/gswarm/accounts", {}, { signal: this.signal });
      const chosen = route().params.get("account") ?? "";
      this.show(
        "accounts",
        html`<option value="">All accounts</option>${accounts.map(({ email }) => html`<option value="${email}">${email}</option>`)}`,
      );
      this.querySelector("[name=account]").value = chosen;
    } catch (error) {
      if (!isAbort(error)) toast(error.message, { kind: "error" });
    }
  }

  #filter(form) {
    replaceParams(Object.fromEntries(new FormData(form)));
    this.#shown = [];
    return this.refresh();
  }

  /** Rows do not move away under a pointer or a focus: newer ones wait until it has left. */
  #isRead() {
    return (
      this.#shown.length > 0 && Boolean(this.querySelector("tbody tr:hover, tbody :focus-visible"))
    );
  }

  /** The newest page before what was turned to, unless there is a gap between them. */
  #putFirst(errors, cursor) {
    const ids = new Set(errors.map(({ id }) => id));
    const last = this.#shown.findLastIndex(({ id }) => ids.has(id));
    const older = cursor && last >= 0 ? this.#shown.slice(last + 1) : [];
    this.#cursor = older.length ? this.#cursor : cursor;
    this.#shown = [...errors, ...older];
  }

  #noteTypes(errors) {
    const before = this.#types.size;
    for (const { type } of errors) this.#types.add(type);
    if (this.#types.size > before) this.show("types", typeOptions(this.#types, filters().type));
  }

  async #clear() {
    const title = isFiltered() ? "Clear the errors that are shown?" : "Clear all errors?";
    const text =
      "They are removed for everybody, and do not come back. Cooldowns stay as they are.";
    if (!(await ask({ title, text, action: "Clear", danger: true }))) return;
    const { deleted } = await del(`${ADDRESS}?${new URLSearchParams(sought())}`);
    this.#shown = [];
    toast(`${plural(deleted, "error")} cleared.`);
    await this.refresh();
  }
}

function filters() {
  const { params } = route();
  return Object.fromEntries(
    FILTERS.filter((name) => params.get(name)).map((name) => [name, params.get(name)]),
  );
}

/** The same as the API takes it: days are meant as they are where the reader is. */
function sought() {
  const { startDate, endDate, ...others } = filters();
  return {
    ...others,
    ...(startDate ? { startDate: beginOf(startDate) } : {}),
    ...(endDate ? { endDate: endOf(endDate) } : {}),
  };
}

/** What is wrong with a filter is in the details. */
function spellOut(error) {
  const details = Object.values(error.details ?? {}).flat(2);
  error.message = [error.message, ...details].join(" ");
  throw error;
}

const isFiltered = () => Object.keys(filters()).length > 0;

function typeOptions(types, chosen) {
  return html`<option value="">All types</option>${[...types].map((type) => html`<option value="${type}" ${flag("selected", type === chosen)}>${words(type)}</option>`)}`;
}

// ---------------------------------------------------------------- one error

function kind({ type, status }) {
  return html`<span class="kind"><span class="badge" data-tone="${FAIR.includes(type) ? "fair" : "bad"}">${words(type)}</span>${status ? html`<small>${status}</small>` : nothing}</span>`;
}

function message(error) {
  const { message: text, actionUrl, resetsAt } = error;
  const link = actionUrl
    ? html` <a href="${safeUrl(actionUrl)}" target="_blank" rel="noopener noreferrer">Mend it at Google${icon("external")}</a>`
    : nothing;
  const reset =
    resetsAt && new Date(resetsAt) > Date.now()
      ? html` <small>quota back ${until(resetsAt)}</small>`
      : nothing;
  return html`<span><span class="words">${text}</span>${wayOut(error)}${link}${reset}</span>`;
}

/** Where it is mended from here. */
function wayOut(error) {
  const { type, projectId, account } = error;
  if (projectId && isApiOff(error))
    return html` <a href="${hrefOf("projects", { search: projectId })}">Enable API</a> `;
  return type === "not_logged_in" && account
    ? html` <a href="${hrefOf("accounts", { search: account })}">Sign in again</a>`
    : nothing;
}

function place({ projectId, account, model }) {
  const project = projectId
    ? html`<a href="${hrefOf("projects", { search: projectId })}">${projectId}</a>`
    : html`<span>nobody to ask</span>`;
  return html`<span class="place">${project}<small>${[account, model].filter(Boolean).join(" · ")}</small></span>`;
}

function ending({ recovered, requestId, key }) {
  return html`<span class="place"><span class="badge" data-tone="${recovered ? "good" : "bad"}">${recovered ? "answered by another" : "failed"}</span>
    <small title="Request ${requestId}">${key ? html`key ${key}` : requestId}</small></span>`;
}

// ---------------------------------------------------------------- none

function none() {
  return empty({
    title: "Nothing went wrong",
    text: "Whatever Google refuses, or a request that finds nobody to ask, shows here at once.",
    name: "check",
  });
}

function noneAlike() {
  const action = html`<button type="button" class="button" data-action="showAll">Show all errors</button>`;
  return empty({
    title: "No error is like that",
    text: "None is of this type, account, project and time together.",
    action,
  });
}

customElements.define("errors-panel", Errors);
