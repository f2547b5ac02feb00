// What a bench has measured: figures, percentiles and who answered, as bars in tables.

import { duration, number, seconds } from "/static/lib/format.js";
import { html, nothing } from "/static/lib/html.js";

const PERCENTILES = ["p50", "p90", "p99"];

export function benchReport(report) {
  if (!report) return html`<p class="quiet-text">Nothing is measured yet.</p>`;
  const { latencyMs, firstTokenMs, projects, failed } = report;
  const slowest = Math.max(...[latencyMs, firstTokenMs].map((each) => each?.p99 ?? 0), 1);
  return html`<div class="bench-report">
    ${figures(report)}
    <div class="bench-charts">
      ${latencyMs ? bars("Latency", percentiles(latencyMs), slowest) : nothing}
      ${firstTokenMs ? bars("Time to first token", percentiles(firstTokenMs), slowest) : nothing}
      ${bars("Answers by project", counted(projects))}
      ${bars("Failures", counted(failed), undefined, "bad")}
    </div>
  </div>`;
}

function figures({ sent, succeeded, tokensPerSecond, seconds: length }) {
  const missed = sent - succeeded;
  return html`<dl class="figures">
    ${figure("Sent", number(sent))}
    ${figure("Answered", number(succeeded))}
    ${figure("Failed", number(missed), missed > 0)}
    ${figure("Tokens/s", number(tokensPerSecond))}
    ${figure("Time", length < 60 ? duration(length * 1_000) : seconds(length))}
  </dl>`;
}

function figure(title, value, isBad = false) {
  return html`<div class="figure ${isBad ? "bad" : ""}"><dt>${title}</dt><dd>${value}</dd></div>`;
}

const percentiles = (found) =>
  PERCENTILES.map((name) => ({ name, value: found[name], text: duration(found[name]) }));

/** The most first. */
function counted(counts) {
  const found = Object.entries(counts).map(([name, value]) => ({
    name,
    value,
    text: number(value),
  }));
  return found.sort(
    (a, b) => b.value - a.value || a.name.localeCompare(b.name, "en", { numeric: true }),
  );
}

/** A table whose middle column draws what the last one says. */
function bars(caption, rows, most = Math.max(...rows.map(({ value }) => value), 1), tone = "") {
  if (!rows.length) return nothing;
  return html`<div class="bars-scroll" role="region" aria-label="${caption}" tabindex="0"><table class="bars" data-tone="${tone}">
    <caption>${caption}</caption>
    <tbody>${rows.map(
      ({ name, value, text }) =>
        html`<tr data-key="${name}">
      <th scope="row">${name}</th>
      <td aria-hidden="true"><span class="bar"><span data-vars="share: ${value / most}"></span></span></td>
      <td class="numeric">${text}</td>
    </tr>`,
    )}</tbody>
  </table></div>`;
}
