// Requests as they finish, newest first; each row opens why it went where it went.

import { Panel } from "/static/lib/panel.js";
import { ago } from "/static/lib/time.js";
import { compact, duration, number, words } from "/static/lib/format.js";
import { dress } from "/static/lib/dress.js";
import { empty } from "/static/lib/states.js";
import { html, nothing } from "/static/lib/html.js";
import { table } from "/static/lib/table.js";

const MOST = 20;
const PAINT_MS = 250;

const COLUMNS = [
  {
    title: "Finished",
    cell: (row) =>
      html`<button type="button" class="row-button" data-action="why" value="${row.id}" aria-label="Why ${row.id}">${ago(row.timestamp)}</button>`,
  },
  { title: "Model", className: "lead", cell: (row) => html`<code>${row.model ?? "–"}</code>` },
  { title: "Served by", cell: (row) => servedBy(row) },
  { title: "Key", cell: (row) => row.key_name ?? "–" },
  { title: "Result", cell: (row) => result(row) },
  { title: "Tries", numeric: true, cell: (row) => number(row.attempts) },
  { title: "Tokens", numeric: true, cell: (row) => compact(row.tokens_used) },
  { title: "Took", numeric: true, cell: (row) => duration(row.duration_ms) },
];

class Feed extends Panel {
  actions = {
    why: async (button) => {
      const [{ showRequest }] = await Promise.all([
        import("/static/panels/request-detail.js"),
        dress("/static/styles/request-detail.css"),
      ]);
      showRequest(button.value);
    },
  };
  #rows = [];
  #waiting = [];
  #told = [];
  #timer = null;

  frame() {
    return html`<section aria-labelledby="feed-title">
      <header class="row spread"><h2 id="feed-title">Requests as they finish</h2><span class="quiet-text" data-region="held" role="status"></span></header>
      <div data-region="main"></div>
    </section>`;
  }

  opened() {
    this.on("request", (request) => this.#take(request));
    this.on("state", (state) => state === "open" && this.refreshSoon(0));
    this.listen(this, "pointerleave", () => this.#paintSoon());
    this.listen(this, "focusout", () => this.#paintSoon());
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    this.#timer = null;
    super.disconnectedCallback();
  }

  async load({ get }) {
    this.#told = [];
    const { requests } = await get("/api/gswarm/requests", { limit: MOST });
    this.#mix(this.#told, requests); // what was told meanwhile may not be among them
    return this.#rows;
  }

  loading() {
    return html`<div class="table-scroll"><span class="skeleton table-skeleton"></span></div>`;
  }

  render() {
    if (!this.#rows.length)
      return empty({
        title: "No request yet",
        text: "What clients ask shows here as soon as it is answered.",
      });
    return table({
      label: "Requests",
      columns: COLUMNS,
      rows: this.#rows,
      keyOf: (row) => row.id,
      rowClass: () => "linked",
    });
  }

  #take(request) {
    this.#waiting = [request, ...this.#waiting].slice(0, MOST);
    this.#told = [request, ...this.#told].slice(0, MOST);
    this.#paintSoon();
  }

  #paintSoon() {
    this.#timer ??= setTimeout(() => this.#paint(), PAINT_MS);
  }

  /** Rows do not move away under a pointer or a focus: they wait until it has left. */
  #paint() {
    this.#timer = null;
    if (!this.data) return;
    const isHeld = this.#waiting.length > 0 && this.querySelector("tr:hover, tr :focus-visible");
    if (!isHeld && this.#waiting.length) {
      this.#mix(this.#waiting, this.#rows);
      this.show("main", this.render());
    }
    this.show(
      "held",
      isHeld
        ? html`${this.#waiting.length === MOST ? `${MOST} or more` : this.#waiting.length} new, shown when you leave the list`
        : nothing,
    );
  }

  /** What is told late of a row that is there already leaves it in its place. */
  #mix(told, rows) {
    const known = new Set(rows.map(({ id }) => id));
    this.#rows = [...told.filter(({ id }) => !known.has(id)), ...rows].slice(0, MOST);
    this.#waiting = [];
  }
}

function servedBy({ project_id: project, account_id: account, cache }) {
  if (cache === "hit") return html`<span class="quiet-text">the cache</span>`;
  if (!project) return "–";
  return html`<span class="served" title="${account}">${project}</span>`;
}

function result({ status, status_code: code, error_type: error, attempts }) {
  if (status !== "success")
    return html`<span class="badge" data-tone="bad" title="${code}">${words(error)}</span>`;
  return html`<span class="badge" data-tone="${attempts > 1 ? "fair" : "good"}">${attempts > 1 ? "answered elsewhere" : "answered"}</span>`;
}

customElements.define("overview-feed", Feed);
