// The API keys: who may ask how much of what, and what each was used for.

import * as api from "/static/lib/api.js";
import { Panel } from "/static/lib/panel.js";
import { ago, full, until } from "/static/lib/time.js";
import { ask } from "/static/lib/dialog.js";
import { changeKey, makeKey } from "/static/panels/keys/form.js";
import { compact, number, plural } from "/static/lib/format.js";
import { empty } from "/static/lib/states.js";
import { flag, html, nothing } from "/static/lib/html.js";
import { icon } from "/static/lib/icons.js";
import { nextSort, sorted, table } from "/static/lib/table.js";
import { showKey } from "/static/panels/keys/made.js";
import { toast } from "/static/lib/toast.js";

const COLUMNS = [
  { key: "name", title: "Name", className: "key-name", cell: name, sort: (key) => key.name },
  { key: "state", title: "State", cell: state, sort: (key) => stateOf(key).word },
  { key: "limits", title: "Limits", className: "limits", cell: limits },
  {
    key: "requests",
    title: "Requests",
    numeric: true,
    cell: ({ requests }) => number(requests),
    sort: (key) => key.requests,
  },
  {
    key: "tokens",
    title: "Tokens",
    numeric: true,
    cell: ({ tokens }) => html`<span title="${number(tokens)}">${compact(tokens)}</span>`,
    sort: (key) => key.tokens,
  },
  {
    key: "lastUsedAt",
    title: "Last used",
    cell: ({ lastUsedAt }) => ago(lastUsedAt),
    sort: (key) => key.lastUsedAt,
  },
  { key: "acts", title: "", className: "row-acts", cell: acts },
];

class Keys extends Panel {
  static refreshOn = ["request"];

  #sort = null;
  #words = "";
  #showsAll = false;

  frame() {
    return html`<header class="panel-head">
        <h1>API keys</h1>
        <button type="button" class="button primary" data-action="make">${icon("plus")}Create key</button>
      </header>
      <div class="row spread list-head">
        <input type="search" aria-label="Search API keys" placeholder="Name of a key">
        <label class="row"><input type="checkbox" data-action="showAll">Show revoked keys</label>
      </div>
      <section aria-label="API keys" data-region="main"></section>`;
  }

  opened() {
    this.listen(this.querySelector("[type=search]"), "input", ({ target }) => {
      this.#words = target.value.trim().toLowerCase();
      this.#rewrite();
    });
  }

  load({ get }) {
    return get("/api/api-keys");
  }

  render({ apiKeys }) {
    if (!apiKeys.some(({ active }) => active || this.#showsAll)) return noKey();
    const shown = apiKeys.filter(
      ({ name: own, active }) =>
        (active || this.#showsAll) && own.toLowerCase().includes(this.#words),
    );
    if (!shown.length)
      return empty({
        name: "search",
        title: "Nothing found",
        text: "No key has this in its name.",
      });
    return table({
      label: "API keys",
      columns: COLUMNS,
      rows: sorted(shown, COLUMNS, this.#sort),
      keyOf: ({ id }) => id,
      sort: this.#sort,
      rowClass: ({ active }) => (active ? "" : "spent"),
    });
  }

  actions = {
    make: async () => {
      const made = await makeKey();
      if (!made) return;
      await this.refresh();
      showKey(made);
    },
    edit: async (button) => {
      const changed = await changeKey(this.#find(button.value));
      if (!changed) return;
      toast(`${changed.name} is changed; its next request is held to it.`);
      await this.refresh();
    },
    revoke: async (button) => {
      const key = this.#find(button.value);
      const text = `Whoever uses it is refused at once, and for good. It was used ${plural(key.requests, "time")}.`;
      if (!(await ask({ title: `Revoke ${key.name}?`, text, action: "Revoke", danger: true })))
        return;
      await api.del(`/api/api-keys/${encodeURIComponent(key.id)}`);
      toast(`${key.name} is revoked.`);
      await this.refresh();
    },
    sort: (button) => {
      this.#sort = nextSort(this.#sort, button.dataset.sort);
      this.#rewrite();
    },
    showAll: (box) => {
      this.#showsAll = box.checked;
      this.#rewrite();
    },
  };

  #find(id) {
    return this.data.apiKeys.find((key) => key.id === id);
  }

  #rewrite() {
    if (this.data) this.show("main", this.render(this.data));
  }
}

// ---------------------------------------------------------------- a row

function name({ id, name: own, scopes }) {
  return html`<div><strong>${own}</strong><small><code>sk-gswarm-${id}…</code> · ${scopes.join(", ")}</small></div>`;
}

function stateOf({ active, expiresAt }) {
  if (!active) return { word: "revoked", tone: "" };
  if (!expiresAt) return { word: "active", tone: "good" };
  return new Date(expiresAt) > Date.now()
    ? { word: "active", tone: "good" }
    : { word: "expired", tone: "bad" };
}

function state(key) {
  const { word, tone } = stateOf(key);
  const end =
    key.active && key.expiresAt
      ? html` <small title="${full(key.expiresAt)}">${word === "expired" ? ago(key.expiresAt) : html`ends ${until(key.expiresAt)}`}</small>`
      : nothing;
  return html`<span><span class="badge" data-tone="${tone}">${word}</span>${end}</span>`;
}

function limits(key) {
  const parts = [
    limit(key.rateLimit, "/min"),
    limit(key.tokensPerDay, " tokens/day"),
    limit(key.maxConcurrent, " at once"),
    list("model", key.allowedModels),
    list("path", key.allowedEndpoints),
    list("network", key.allowedIps),
  ].filter(Boolean);
  return html`<span>${parts.length ? parts.map((part, at) => html`${at ? " · " : ""}${part}`) : html`<span class="quiet-text">as configured</span>`}</span>`;
}

/** null leaves it to the config, 0 is no limit. */
function limit(value, unit) {
  if (value === null) return null;
  return value
    ? html`<span title="${number(value)}${unit}">${compact(value)}${unit}</span>`
    : `any${unit}`;
}

function list(what, allowed) {
  return allowed.length
    ? html`<span title="${allowed.join(", ")}">${plural(allowed.length, what)}</span>`
    : null;
}

function acts({ id, name: own, active }) {
  return html`<span class="buttons">
    <button type="button" class="button small" data-action="edit" value="${id}" aria-label="Edit ${own}" ${flag("disabled", !active)}>Edit</button>
    <button type="button" class="button small" data-action="revoke" value="${id}" aria-label="Revoke ${own}" ${flag("disabled", !active)}>Revoke</button>
  </span>`;
}

const noKey = () =>
  empty({
    name: "keys",
    title: "No API key yet",
    text: "Programs show a key to be let in, as they would at OpenAI. Create one, and paste it into your client.",
    action: html`<button type="button" class="button primary" data-action="make">${icon("plus")}Create key</button>`,
  });

customElements.define("keys-panel", Keys);
