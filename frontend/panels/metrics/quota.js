// Google's quotas: what is used of each today, and when it will be used up.

import { html, nothing } from "/static/lib/html.js";
import { number, words } from "/static/lib/format.js";
import { quotaUse } from "/static/panels/quota-use.js";
import { table } from "/static/lib/table.js";
import { until } from "/static/lib/time.js";

const SOURCES = { config: "set here", google: "told by Google", learnt: "seen at a refusal" };

const COLUMNS = [
  { title: "Account", className: "lead", cell: ({ account }) => account },
  { title: "Model", cell: ({ model }) => html`<code>${model}</code>` },
  { title: "Used", numeric: true, cell: ({ used, limit }) => quotaUse(used, limit) },
  { title: "Left", numeric: true, cell: ({ remaining }) => number(remaining) },
  {
    title: "Limit",
    cell: ({ source }) =>
      html`<span class="quiet-text">${source ? (SOURCES[source] ?? words(source)) : "not known yet"}</span>`,
  },
  { title: "Used up", numeric: true, cell: forecast },
  { title: "Resets", numeric: true, cell: ({ resetsAt }) => until(resetsAt) },
];

/** A row for each account and model that was used; nothing where nothing is counted. */
export function quotaTable(uses) {
  if (!uses.length) return nothing;
  return html`<section aria-labelledby="quota-title"><h2 id="quota-title">Quotas today</h2>
    ${table({ label: "Quotas", columns: COLUMNS, rows: uses, keyOf: ({ account, model }) => `${account}/${model}` })}</section>`;
}

/** At the rate of the last hour. */
function forecast({ limit, remaining, exhaustsAt }) {
  if (remaining === 0) return html`<span class="badge" data-tone="bad">used up</span>`;
  if (exhaustsAt) return html`<span class="badge" data-tone="fair">${until(exhaustsAt)}</span>`;
  return limit === null ? "–" : html`<span class="quiet-text">not before it resets</span>`;
}
