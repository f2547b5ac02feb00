// The accounts of the pool: how each is, what Google says of it, and how more come in.

import * as api from "/static/lib/api.js";
import { Panel } from "/static/lib/panel.js";
import { addAccount } from "/static/panels/accounts/add.js";
import { ago, until } from "/static/lib/time.js";
import { chooseProject } from "/static/panels/accounts/project.js";
import { empty } from "/static/lib/states.js";
import { flag, html, nothing, safeUrl } from "/static/lib/html.js";
import { hrefOf, replaceParams, route } from "/static/lib/router.js";
import { icon } from "/static/lib/icons.js";
import { linkByGoogle, onLinked } from "/static/panels/accounts/link.js";
import { manage } from "/static/panels/accounts/manage.js";
import { nextSort, table } from "/static/lib/table.js";
import { number, plural } from "/static/lib/format.js";
import { saveExport } from "/static/panels/accounts/export.js";
import { session } from "/static/lib/session.js";
import { toast } from "/static/lib/toast.js";

const ASKED = ["search", "sort", "direction", "page"];
const TYPING_MS = 250;
const TONES = { active: "good", cooldown: "fair", invalid: "bad", disabled: "" };
const KINDS = { cloudcode: "Code Assist", gemini_api: "Gemini API key" };

const COLUMNS = [
  { key: "email", title: "Account", className: "account", cell: name, sort: true },
  {
    key: "status",
    title: "State",
    cell: ({ status }) => html`<span class="badge" data-tone="${TONES[status]}">${status}</span>`,
    sort: true,
  },
  { key: "token", title: "Access token", cell: token },
  { key: "projects", title: "Projects", numeric: true, cell: projects, sort: true },
  { key: "lastUsed", title: "Last used", cell: ({ lastUsed }) => ago(lastUsed), sort: true },
  { key: "enabled", title: "In rotation", cell: rotation },
  { key: "acts", title: "", className: "row-acts", cell: acts },
];

class Accounts extends Panel {
  static refreshOn = ["account_invalid"];

  #typing = null;
  #counts = "";

  frame() {
    return html`<header class="panel-head">
        <h1>Accounts</h1>
        <div class="row">
          <button type="button" class="button" data-action="refreshAll">${icon("refresh")}Refresh tokens</button>
          <button type="button" class="button" data-action="export">${icon("download")}Export</button>
          <button type="button" class="button primary" data-action="add">${icon("plus")}Add account</button>
        </div>
      </header>
      <div class="row spread list-head">
        <input type="search" aria-label="Search accounts" placeholder="Name, reason or project" value="${route().params.get("search")}">
        <p class="quiet-text" role="status" data-region="count"></p>
      </div>
      <section aria-label="Accounts" data-region="main"></section>`;
  }

  opened() {
    onLinked(() => this.refreshSoon(0), this.signal);
    this.on("status_update", (status) => this.#follow(status));
    this.listen(window, "focus", () => this.refreshSoon(0));
    this.listen(this.querySelector("[type=search]"), "input", ({ target }) =>
      this.#search(target.value),
    );
  }

  moved() {
    clearTimeout(this.#typing);
    this.querySelector("[type=search]").value = route().params.get("search") ?? "";
    return this.refresh();
  }

  load({ get, route: { params } }) {
    return get("/api/accounts", Object.fromEntries(ASKED.map((each) => [each, params.get(each)])));
  }

  render(data) {
    const { params } = route();
    this.show("count", html`${plural(data.total, "account")}`);
    if (!data.accounts.length) return params.get("search") ? nothingFound() : noAccount();
    const sort = {
      by: params.get("sort") ?? "email",
      descending: params.get("direction") === "desc",
    };
    const rows = table({
      label: "Accounts",
      columns: COLUMNS,
      rows: data.accounts,
      keyOf: ({ id }) => id,
      sort,
    });
    return html`${rows}${pager(data)}`;
  }

  actions = {
    add: () => addAccount(() => this.refresh()),
    export: () => saveExport(),
    sort: (button) => {
      const { params } = route();
      const sort = {
        by: params.get("sort") ?? "email",
        descending: params.get("direction") === "desc",
      };
      const { by, descending } = nextSort(sort, button.dataset.sort);
      return this.#ask({ sort: by, direction: descending ? "desc" : "asc", page: null });
    },
    page: (button) => this.#ask({ page: button.value }),
    again: (button) => (session.canLink ? linkByGoogle(button.value) : this.actions.add()), // which tells what is missing
    choose: async (button) => {
      if (await chooseProject(this.#find(button.value))) await this.refresh();
    },
    manage: (button) => manage(this.#find(button.value), () => this.refresh()),
    toggle: (box) => this.#toggle(this.#find(box.value), box),
    refreshAll: async () => {
      const { refreshed, failed } = await api.post("/api/refresh-tokens");
      toast(`${plural(refreshed, "token")} refreshed${failed ? `, ${failed} failed` : ""}.`, {
        kind: failed ? "error" : "success",
      });
      await this.refresh();
    },
  };

  async #toggle({ email, enabled }, box) {
    try {
      await api.post(`/api/accounts/${encodeURIComponent(email)}/toggle`, { enabled: !enabled });
    } catch (error) {
      box.checked = enabled;
      throw error;
    }
    toast(enabled ? `${email} is out of rotation.` : `${email} is in rotation.`);
    await this.refresh();
  }

  #search(words) {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(
      () => this.isConnected && this.#ask({ search: words.trim(), page: null }),
      TYPING_MS,
    );
  }

  #ask(changes) {
    replaceParams(changes);
    return this.refresh();
  }

  #find(id) {
    return this.data.accounts.find((each) => each.id === id);
  }

  /** Only what concerns accounts: the status changes far more often. */
  #follow({ accounts, validAccounts, projects: known }) {
    const counts = [accounts, validAccounts, known].join();
    if (counts !== this.#counts) this.refreshSoon();
    this.#counts = counts;
  }
}

// ---------------------------------------------------------------- a row

function name({ email, upstream, tier, isInvalid, invalidReason, actionUrl }) {
  const reason = isInvalid
    ? html`<p class="reason">${invalidReason}${actionUrl ? html` <a href="${safeUrl(actionUrl)}" target="_blank" rel="noreferrer">Mend it at Google</a>` : nothing}</p>`
    : nothing;
  return html`<div><strong>${email}</strong><small>${[KINDS[upstream] ?? upstream, tier].filter(Boolean).join(" · ")}</small>${reason}</div>`;
}

function token({ upstream, isInvalid, isExpired, tokenExpiry }) {
  if (upstream !== "cloudcode" || isInvalid || !tokenExpiry)
    return html`<span class="quiet-text">–</span>`;
  if (isExpired)
    return html`<span title="The next request fetches another.">ended ${ago(tokenExpiry)}</span>`;
  return html`<span>ends ${until(tokenExpiry)}</span>`;
}

function projects({ email, projects: count }) {
  return count
    ? html`<a href="${hrefOf("projects", { account: email })}">${number(count)}</a>`
    : html`<span class="quiet-text">none</span>`;
}

function rotation({ id, email, enabled }) {
  return html`<input type="checkbox" class="switch" role="switch" data-action="toggle" value="${id}" aria-label="${email} in rotation" ${flag("checked", enabled)}>`;
}

function acts({ id, email, isInvalid, needsProject, upstream }) {
  const choose = needsProject
    ? html`<button type="button" class="button small" data-action="choose" value="${id}" aria-label="Choose a project for ${email}">Choose a project</button>`
    : nothing;
  const again =
    isInvalid && !needsProject && upstream === "cloudcode"
      ? html`<button type="button" class="button small" data-action="again" value="${email}">Sign in again</button>`
      : nothing;
  return html`<span class="buttons">${choose}${again}<button type="button" class="button small" data-action="manage" value="${id}" aria-label="Manage ${email}">Manage</button></span>`;
}

// ---------------------------------------------------------------- where there is none

const addButton = html`<button type="button" class="button primary" data-action="add">${icon("plus")}Add account</button>`;

const noAccount = () =>
  empty({
    name: "accounts",
    title: "No account yet",
    text: "Sign in with a Google account, import one, or give a Gemini API key. What it can answer with is in the pool at once.",
    action: addButton,
  });

const nothingFound = () =>
  empty({
    name: "search",
    title: "Nothing found",
    text: "No account has this in its name, its reason or its projects.",
  });

function pager({ page, pageSize, total }) {
  const last = Math.ceil(total / pageSize);
  if (last < 2) return nothing;
  return html`<nav class="row pager" aria-label="Pages">
    <button type="button" class="button small" data-action="page" value="${page - 1}" ${flag("disabled", page <= 1)}>Previous</button>
    <span class="quiet-text">Page ${page} of ${last}</span>
    <button type="button" class="button small" data-action="page" value="${page + 1}" ${flag("disabled", page >= last)}>Next</button>
  </nav>`;
}

customElements.define("accounts-panel", Accounts);
