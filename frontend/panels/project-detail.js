// What a project's row has no room for: its terms of health, its models, its last test.

import { TERMS, button } from "/static/panels/project-row.js";
import { ago, until } from "/static/lib/time.js";
import { duration, number, words } from "/static/lib/format.js";
import { html, nothing } from "/static/lib/html.js";
import { said } from "/static/panels/job-results.js";

export function projectDetail(row, outcome, refusal) {
  return html`<div class="project-detail">
    ${outcome ? tried(outcome) : refused(refusal)}
    <div class="project-facts">${terms(row)}${facts(row)}</div>
    ${models(row)}
    <div class="row">
      ${button("test", row.id, "Test")}${button("reset", row.id, "Reset cooldown")}
      ${row.upstream === "cloudcode" ? button("enable", row.id, "Enable API") : nothing}
    </div>
  </div>`;
}

function refused(refusal) {
  return refusal
    ? html`<p class="tried" data-tone="bad"><strong>Google refuses it.</strong> ${said(refusal)}</p>`
    : nothing;
}

function tried(outcome) {
  const { ok, latencyMs, status } = outcome;
  const text = ok
    ? html`Answered in ${duration(latencyMs)}.`
    : html`<strong>${status ? `Refused (${status}).` : "Failed."}</strong> ${said(outcome)}`;
  return html`<p class="tried" data-tone="${ok ? "good" : "bad"}" role="status">${text}</p>`;
}

function terms({ healthTerms, health }) {
  return html`<dl class="project-terms">
    ${TERMS.map(({ name, title, weight, of }) => html`<div><dt class="term-${name}"><i></i>${title}</dt><dd>${of(healthTerms).toFixed(2)} × ${weight}</dd></div>`)}
    <div><dt>Health</dt><dd><b>${health.toFixed(2)}</b></dd></div>
  </dl>`;
}

function facts({ account, upstream, apiEnabled }) {
  const api = apiEnabled === null ? "not known" : apiEnabled ? "enabled" : "not enabled";
  const known = [
    ["Account", account],
    ["Upstream", upstream ?? "–"],
    ["API", api],
  ];
  return html`<dl class="project-terms">${known.map(([title, value]) => html`<div><dt>${title}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function models({ id, models: known }) {
  const names = Object.keys(known).sort();
  if (!names.length) return html`<p class="quiet-text">No model has been asked for here yet.</p>`;
  const heads = [
    "Model",
    "State",
    "Last used",
    "Answered",
    "Limited",
    "Errors",
    "In a row",
    "Last error",
  ];
  return html`<div class="model-scroll" role="region" aria-label="Models of ${id}" tabindex="0"><table class="models">
    <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
    <tbody>${names.map((name) => model(name, known[name]))}</tbody>
  </table></div>`;
}

function model(name, record) {
  return html`<tr data-key="${name}">
    <th scope="row">${name}</th>
    <td>${rest(record)}</td>
    <td>${ago(record.lastUsedAt)}</td>
    <td>${number(record.successCount)}</td>
    <td>${number(record.limitedCount)}</td>
    <td>${number(record.errorCount)}</td>
    <td>${number(record.consecutiveErrors)}</td>
    <td>${lastError(record)}</td>
  </tr>`;
}

function rest({ cooldownUntil, cooldownReason, quotaResetReason }) {
  if (cooldownUntil <= Date.now()) return html`<span class="badge" data-tone="good">Active</span>`;
  return html`<span class="badge" data-tone="fair" title="${quotaResetReason ?? ""}">${words(cooldownReason)}</span> ${until(cooldownUntil)}`;
}

function lastError({ lastErrorType, lastErrorAt }) {
  return lastErrorType ? html`${words(lastErrorType)} <small>${ago(lastErrorAt)}</small>` : html`–`;
}
