// One project as a row of the ranking: how it stands, how healthy it is, what one can do.

import { ago, until } from "/static/lib/time.js";
import { duration, number, plural, words } from "/static/lib/format.js";
import { flag, html, nothing } from "/static/lib/html.js";
import { isApiOff } from "/static/panels/google-refusals.js";

export const STATES = {
  active: { word: "Active", tone: "good" },
  cooldown: { word: "Cooling", tone: "fair" },
  disabled: { word: "Off", tone: "" },
  error: { word: "Failing", tone: "bad" },
};

/** The formula of the ranking: each term weighs so much. */
export const TERMS = [
  { name: "success", title: "Success rate", weight: 0.5, of: ({ success }) => success },
  { name: "recency", title: "Idle long enough", weight: 0.3, of: ({ recency }) => recency },
  { name: "warmth", title: "Not cooling", weight: 0.2, of: ({ cooldown }) => 1 - cooldown },
];

/** `outcomes` are the tests made from here, `refusals` what Google said of those it
 *  refuses, both by project; `opened` is who shows more. */
export function columnsFor({ outcomes, refusals, opened }) {
  return [
    {
      key: "id",
      title: "Project",
      sort: true,
      className: "project-name",
      cell: (row) => name(row, opened.has(row.id)),
    },
    { key: "status", title: "State", sort: true, cell: (row) => state(row, refusals.get(row.id)) },
    { key: "health", title: "Health", sort: true, cell: health },
    {
      key: "inFlight",
      title: "In flight",
      numeric: true,
      sort: true,
      cell: ({ inFlight }) => number(inFlight),
    },
    {
      key: "lastUsedAt",
      title: "Last used",
      sort: true,
      className: "when",
      cell: ({ lastUsedAt }) => ago(lastUsedAt),
    },
    {
      key: "successCount",
      title: "Answered",
      numeric: true,
      sort: true,
      cell: ({ successCount }) => number(successCount),
    },
    { key: "errorCount", title: "Errors", numeric: true, sort: true, cell: errors },
    { key: "enabled", title: "In rotation", sort: true, cell: rotation },
    {
      key: "actions",
      title: "",
      className: "project-actions",
      cell: (row) => actions(row, outcomes.get(row.id), refusals.get(row.id)),
    },
  ];
}

export const restsAnywhere = (row) => Boolean(row.cooldownUntil) || restingModels(row).length > 0;

function restingModels({ models }) {
  return Object.values(models).filter(({ cooldownUntil }) => cooldownUntil > Date.now());
}

function name({ id, name: called, account }, isOpen) {
  const second = called && called !== id ? `${called} · ${account}` : account;
  return html`<span class="project-names"><button type="button" class="disclose" data-action="disclose" data-id="${id}" aria-expanded="${String(isOpen)}"><strong>${id}</strong></button>
    <small title="${second}">${second}</small></span>`;
}

function state(row, refusal) {
  const { word, tone } = STATES[row.status];
  return html`<span class="project-state"><span><span class="badge" data-tone="${tone}">${word}</span> ${rest(row)}</span>${why(row, refusal)}</span>`;
}

function rest(row) {
  if (row.cooldownUntil) return html`<small>${until(row.cooldownUntil)}</small>`;
  const resting = restingModels(row);
  return resting.length
    ? html`<small>${until(Math.min(...resting.map(({ cooldownUntil }) => cooldownUntil)))}</small>`
    : nothing;
}

/** What the badge does not say. */
function why(row, refusal) {
  if (refusal)
    return html`<small class="refusal" title="${refusal.message}">${refusal.message}</small>`;
  if (row.cooldownReason && !row.cooldownUntil)
    return html`<small class="refusal" title="${row.cooldownReason}">${row.cooldownReason}</small>`;
  if (row.apiEnabled === false) return html`<small>API not enabled</small>`;
  if (row.status === "disabled")
    return row.enabled ? html`<small>its account is off</small>` : nothing;
  if (row.cooldownUntil) return html`<small>${words(row.cooldownReason)}</small>`;
  if (row.status === "error") return html`<small>its account is refused</small>`;
  const count = restingModels(row).length;
  return count ? html`<small>${plural(count, "model")} in cooldown</small>` : nothing;
}

function health({ health: score, healthTerms }) {
  const told = TERMS.map(
    ({ title, weight, of }) => `${title} ${of(healthTerms).toFixed(2)} × ${weight}`,
  ).join(" + ");
  const about = `Health ${score.toFixed(2)} = ${told}`;
  return html`<span class="health" role="img" aria-label="${about}" title="${about}">
    <span class="bar">${TERMS.map((term) => html`<span class="term-${term.name}" data-vars="share: ${(term.weight * term.of(healthTerms)).toFixed(3)}"></span>`)}</span>
    <b>${score.toFixed(2)}</b>
  </span>`;
}

function errors({ errorCount }) {
  return errorCount ? html`<span class="bad-text">${number(errorCount)}</span>` : html`0`;
}

function rotation({ id, enabled }) {
  return html`<input type="checkbox" class="switch" role="switch" data-action="toggle" data-id="${id}" aria-label="${id} in rotation" ${flag("checked", enabled)}>`;
}

function actions(row, outcome, refusal) {
  return html`<span class="acts">${shortly(outcome)}
    ${restsAnywhere(row) ? button("reset", row.id, "Reset") : nothing}
    ${row.apiEnabled === false || isApiOff(refusal) ? button("enable", row.id, "Enable API") : nothing}
    ${button("test", row.id, "Test")}</span>`;
}

/** The label is read with the project's name, so that each button is its own. */
export function button(action, id, label) {
  return html`<button type="button" class="button small" data-action="${action}" data-id="${id}" aria-label="${label} ${id}">${label}</button>`;
}

function shortly(outcome) {
  if (!outcome) return nothing;
  const word = outcome.ok ? duration(outcome.latencyMs) : outcome.status || "failed";
  return html`<span class="badge" data-tone="${outcome.ok ? "good" : "bad"}">${word}</span>`;
}
