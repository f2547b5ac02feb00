// How each model stands, and when what rests will be free again.

import { Panel } from "/static/lib/panel.js";
import { html, nothing } from "/static/lib/html.js";
import { number, stateTone, words } from "/static/lib/format.js";
import { quotaUse } from "/static/panels/quota-use.js";
import { table } from "/static/lib/table.js";
import { until } from "/static/lib/time.js";

const SOON_MS = 60 * 86_400_000;
const DAY = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});

const COLUMNS = [
  {
    title: "Model",
    className: "lead",
    cell: ({ name, isDefault, retiresOn }) =>
      html`<span><code>${name}</code>${isDefault ? html` <span class="badge">default</span>` : nothing}${end(retiresOn)}</span>`,
  },
  {
    title: "State",
    cell: ({ status }) =>
      html`<span class="badge" data-tone="${stateTone(status)}">${words(status)}</span>`,
  },
  { title: "Available", numeric: true, cell: ({ available }) => number(available) },
  { title: "Cooldown", numeric: true, cell: ({ cooling }) => number(cooling) },
  { title: "Next available", numeric: true, cell: ({ nextFreeAt }) => until(nextFreeAt) },
  { title: "Used today", numeric: true, cell: ({ used, limit }) => quotaUse(used, limit) },
];

/** The day Google's public API stops serving it, once that is near. */
function end(retiresOn) {
  const left = retiresOn ? Date.parse(retiresOn) - Date.now() : Infinity;
  if (left > SOON_MS) return nothing;
  return html` <span class="badge" data-tone="fair" title="Google's public API serves it until then">${left > 0 ? "ends" : "ended"} ${DAY.format(new Date(retiresOn))}</span>`;
}

class Models extends Panel {
  frame() {
    return html`<section aria-labelledby="models-title"><h2 id="models-title">Models</h2><div data-region="main"></div></section>`;
  }

  load({ get }) {
    return get("/api/gswarm/status");
  }

  opened() {
    this.on("status_update", (status) => this.show("main", this.render((this.data = status))));
    this.on("resync", () => this.refreshSoon());
  }

  loading() {
    return html`<div class="table-scroll"><span class="skeleton table-skeleton"></span></div>`;
  }

  render(status) {
    return table({
      label: "State of each model",
      columns: COLUMNS,
      rows: rowsOf(status),
      keyOf: ({ name }) => name,
      rowClass: ({ available }) => (available ? "" : "stopped"),
    });
  }
}

function rowsOf({ models, defaultModel, quota: known }) {
  const uses = known?.uses ?? [];
  return Object.entries(models).map(([name, state]) => ({
    name,
    isDefault: name === defaultModel,
    ...state,
    ...sumOf(uses, name),
  }));
}

/** Over all accounts; a limit only where it is known of each. */
function sumOf(uses, model) {
  const own = uses.filter((use) => use.model === model);
  const limit =
    own.length && own.every((use) => use.limit !== null)
      ? own.reduce((sum, use) => sum + use.limit, 0)
      : null;
  return { used: own.reduce((sum, use) => sum + use.used, 0), limit };
}

customElements.define("overview-models", Models);
