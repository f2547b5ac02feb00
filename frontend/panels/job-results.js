// What a job has brought: a line per project, or the report of a bench.

import { benchReport } from "/static/panels/bench-report.js";
import { duration, plural } from "/static/lib/format.js";
import { html, nothing, safeUrl } from "/static/lib/html.js";
import { icon } from "/static/lib/icons.js";
import { isOver } from "/static/panels/job-follow.js";
import { table } from "/static/lib/table.js";

const TESTS = ["project-test", "probe"];

const COLUMNS = [
  {
    key: "id",
    title: "Project",
    className: "result-name",
    cell: ({ id }) => html`<strong>${id}</strong>`,
  },
  { key: "ok", title: "Outcome", cell: outcome },
  { key: "latencyMs", title: "Took", numeric: true, cell: ({ latencyMs }) => duration(latencyMs) },
  { key: "message", title: "What Google said", className: "said", cell: said },
];

/** Everything a job tells, its failures first. */
export function jobResults(job) {
  const { kind, results = [], error } = job;
  const problem = error ? html`<p class="alert" role="alert">${error}</p>` : nothing;
  return html`${problem}${kind === "bench" ? benchReport(results.at(-1)) : perProject(job, results)}`;
}

/** How many answered, in one line. */
export function tally({ kind, results = [] }) {
  if (!TESTS.includes(kind)) return nothing;
  const failed = results.filter(({ ok }) => ok === false).length;
  if (!results.length) return nothing;
  return html`<span><b class="good-text">${results.length - failed}</b> answered${failed ? html`, <b class="bad-text">${failed}</b> did not` : nothing}</span>`;
}

/** Google's words, and where a human can mend it. */
export function said({ message, actionUrl }) {
  const link = actionUrl
    ? html` <a href="${safeUrl(actionUrl)}" target="_blank" rel="noopener noreferrer">Mend it at Google${icon("external")}</a>`
    : nothing;
  return html`<span>${message || "–"}${link}</span>`;
}

export function outcome({ ok, status, disabled }) {
  const word = ok ? "answered" : status ? `refused ${status}` : "failed";
  const off = disabled ? html` <span class="badge">taken out</span>` : nothing;
  return html`<span><span class="badge" data-tone="${ok ? "good" : "bad"}">${word}</span>${off}</span>`;
}

function perProject(job, results) {
  if (job.kind === "project-create" || job.kind === "project-enable") return steps(job);
  if (!results.length)
    return html`<p class="quiet-text">${isOver(job) ? "There was nothing to ask." : "Nothing has answered yet."}</p>`;
  const rows = results.toSorted(
    (a, b) => a.ok - b.ok || a.id.localeCompare(b.id, "en", { numeric: true }),
  );
  return table({ label: "Results", columns: COLUMNS, rows, keyOf: ({ id }) => id });
}

function steps({ kind, done, total, state, results = [] }) {
  const names =
    kind === "project-create"
      ? ["Project made", "API enabled", "In the pool"]
      : ["API enabled", "In the pool"];
  const made = results.at(-1)?.id;
  return html`<ol class="steps">${names.map((name, i) => html`<li data-done="${i < done}">${name}</li>`)}</ol>
    ${state === "done" && made ? html`<p><strong>${made}</strong> can serve requests now.</p>` : nothing}
    ${state === "running" ? html`<p class="quiet-text">Step ${Math.min(done + 1, total || names.length)} of ${plural(total || names.length, "step")}; Google takes its time.</p>` : nothing}`;
}
