// Who changed what, when, and from where; newest first, older pages on demand.

import { Panel } from "/static/lib/panel.js";
import { ago } from "/static/lib/time.js";
import { empty } from "/static/lib/states.js";
import { get } from "/static/lib/api.js";
import { html, nothing } from "/static/lib/html.js";
import { icon } from "/static/lib/icons.js";
import { plural, words } from "/static/lib/format.js";
import { table } from "/static/lib/table.js";

const PAGE = 50;

const COLUMNS = [
  { title: "When", className: "audit-when", cell: ({ at }) => ago(at) },
  { title: "Who", className: "audit-who", cell: ({ who }) => who },
  {
    title: "What",
    className: "audit-what",
    cell: ({ what }) => html`<span class="badge">${spoken(what)}</span>`,
  },
  { title: "On", className: "audit-target", cell: ({ target }) => target || "–" },
  { title: "From", className: "audit-from", cell: ({ address }) => address || "–" },
  { title: "Details", className: "audit-details", cell: ({ details }) => detailsOf(details) },
];

class Audit extends Panel {
  static refreshOn = ["job"];

  #entries = [];
  #cursor = null;

  actions = {
    refresh: () => this.refresh(),
    older: () => this.#loadOlder(),
  };

  frame() {
    return html`<header class="panel-head"><h1>Audit</h1>
        <button type="button" class="button" data-action="refresh">${icon("refresh")}Refresh</button>
      </header>
      <section aria-label="Changes" data-region="main"></section>`;
  }

  async load({ get }) {
    this.#takeNewest(await get("/api/audit", { limit: PAGE }));
    return this.#entries;
  }

  render(entries) {
    if (!entries.length) {
      return empty({
        name: "audit",
        title: "Nothing has been changed yet",
        text: "Sign-ins and changes to keys, accounts, projects and the configuration are written down here.",
      });
    }
    return html`${table({ label: "Changes, newest first", columns: COLUMNS, rows: entries, keyOf: ({ id }) => id })}
      <footer class="row spread audit-foot">
        <p class="quiet-text" role="status">${plural(entries.length, "entry", "entries")} shown${this.#cursor ? "" : ", all there are"}</p>
        ${this.#cursor ? html`<button type="button" class="button" data-action="older">Show older</button>` : nothing}
      </footer>`;
  }

  disconnectedCallback() {
    this.#entries = [];
    super.disconnectedCallback();
  }

  /** Older pages that were opened stay, as long as nothing is missing between. */
  #takeNewest({ entries, nextCursor = null }) {
    const last = entries.at(-1)?.id;
    const joint = this.#entries.findIndex(({ id }) => id === last);
    if (joint < 0) this.#cursor = nextCursor;
    this.#entries = joint < 0 ? entries : [...entries, ...this.#entries.slice(joint + 1)];
  }

  async #loadOlder() {
    const { signal } = this;
    const { entries, nextCursor = null } = await get(
      "/api/audit",
      { limit: PAGE, cursor: this.#cursor },
      { signal },
    );
    this.#entries = [...this.#entries, ...entries];
    this.#cursor = nextCursor;
    this.data = this.#entries;
    this.show("main", this.render(this.#entries));
  }
}

/** api_key.created → api key · created */
const spoken = (what) => what.split(".").map(words).join(" · ");

function detailsOf(details) {
  const names = Object.keys(details);
  if (!names.length) return "–";
  return html`<details><summary>${names.join(", ")}</summary><pre>${JSON.stringify(details, null, 2)}</pre></details>`;
}

customElements.define("audit-panel", Audit);
