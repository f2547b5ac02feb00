// Requests added up: as a whole, by what they have in common, and by why they failed.

import { compact, duration, number, percent, words } from "/static/lib/format.js";
import { html, nothing } from "/static/lib/html.js";
import { sorted, table } from "/static/lib/table.js";

const FIGURES = [
  ["Requests", (all) => compact(all.total_requests)],
  ["Failed", (all) => percent(all.failed_requests / all.total_requests)],
  ["Tokens asked", (all) => compact(all.prompt_tokens)],
  ["Tokens answered", (all) => compact(all.completion_tokens)],
  ["Latency p50", (all) => duration(all.p50_ms)],
  ["Latency p95", (all) => duration(all.p95_ms)],
  ["Latency p99", (all) => duration(all.p99_ms)],
  ["Cache hits", (all) => percent(all.cache.hit_rate)],
];

/** The whole, in a row of figures. */
export function figures(all) {
  return html`<dl class="figures">${FIGURES.map(([title, of]) => html`<div class="figure"><dt>${title}</dt><dd>${of(all)}</dd></div>`)}</dl>`;
}

/** A row for each model, say. */
export function parts(found, title, sort) {
  const columns = columnsOf(title);
  const rows = Object.entries(found).map(([name, tally]) => ({ name, ...tally }));
  if (!rows.length)
    return html`<p class="quiet-text">None of these requests has come as far as to have one.</p>`;
  return table({
    label: `By ${title}`,
    columns,
    rows: sorted(rows, columns, sort),
    keyOf: ({ name }) => name,
    sort,
  });
}

const columnsOf = (title) => [
  {
    key: "name",
    title,
    className: "lead",
    cell: ({ name }) => html`<code>${name}</code>`,
    sort: ({ name }) => name,
  },
  counted("total", "Requests", number),
  {
    key: "failed",
    title: "Failed",
    numeric: true,
    cell: failed,
    sort: (row) => row.failed / row.total,
  },
  counted("tokens_used", "Tokens", compact),
  counted("avg_duration_ms", "Average", duration),
  counted("p50_ms", "p50", duration),
  counted("p95_ms", "p95", duration),
  counted("p99_ms", "p99", duration),
];

const counted = (key, title, write) => ({
  key,
  title,
  numeric: true,
  cell: (row) => write(row[key]),
  sort: (row) => row[key],
});

function failed({ failed: count, total }) {
  return count
    ? html`<span title="${number(count)} of ${number(total)}" data-tone="bad" class="toned">${percent(count / total)}</span>`
    : "0 %";
}

/** Why requests failed, most frequent first. */
export function failures({ error_breakdown: counts, failed_requests: all }) {
  const found = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (!found.length) return nothing;
  const rows = found.map(
    ([why, count]) =>
      html`<li data-key="${why}"><span>${words(why)}</span>
    <span class="bar" aria-hidden="true"><span data-vars="share: ${count / all}"></span></span><span class="numeric">${number(count)}</span></li>`,
  );
  return html`<section aria-labelledby="failures-title"><h2 id="failures-title">Why requests failed</h2><ul class="card failures" role="list">${rows}</ul></section>`;
}
