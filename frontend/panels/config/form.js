// The config as a form, and what has been changed in it.

import { FIELDS, GROUPS, valueAt } from "/static/panels/config/fields.js";
import {
  checkRows,
  isByRow,
  readTable,
  rowsChanged,
  tableOf,
} from "/static/panels/config/tables.js";
import { field } from "/static/lib/forms.js";
import { flag, html, nothing, render } from "/static/lib/html.js";

export { GROUPS };

export function formOf(config, models) {
  const names = [...new Set([...models, ...config.models.hidden])].sort();
  return html`${GROUPS.map((group) => groupOf(group, config, names))}
    <datalist id="config-models">${names.map((name) => html`<option value="${name}"></option>`)}</datalist>`;
}

/** Fill the form; whatever was typed gives way. */
export function fill(form, markup) {
  render(form.querySelector("[data-fields]"), markup);
  form.reset();
}

/** `{path, label, value}` of each field that is not as in `config`. */
export function changesIn(form, config) {
  return FIELDS.map((each) => ({
    ...each,
    ...changeOf(each, valueAt(config, each.path), read(form, each)),
  })).filter(({ isChanged }) => isChanged);
}

function changeOf(given, before, after) {
  if (!isByRow(given)) return { value: after, isChanged: canonical(after) !== canonical(before) };
  const value = rowsChanged(before, after);
  return { value, isChanged: Object.keys(value).length > 0 };
}

export function markChanged(form, changes) {
  const paths = new Set(changes.map(({ path }) => path));
  for (const { path } of FIELDS)
    placeOf(form, path).toggleAttribute("data-changed", paths.has(path));
  checkRows(form);
}

/** A number in other words: 60000 ms is 1 min. */
export function readingOf(form, place) {
  const given = FIELDS.find(({ path }) => path === place.dataset.reading);
  return given.reading(read(form, given));
}

/** The same text for values that mean the same, whatever their order. */
export function canonical(value) {
  return JSON.stringify(value, (_, each) => {
    if (!each || typeof each !== "object" || Array.isArray(each)) return each;
    const given = Object.entries(each).filter(([, inner]) => inner !== null);
    return Object.fromEntries(given.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function groupOf({ title, about, fields }, config, names) {
  return html`<section class="config-group" aria-label="${title}">
    <header><h2>${title}</h2><p class="quiet-text">${about}</p></header>
    <div class="config-fields">${fields.map((each) => html`<div class="${each.isWide ? "is-wide" : ""}">${controlOf(each, valueAt(config, each.path), names)}</div>`)}</div>
  </section>`;
}

function controlOf(given, value, names) {
  if (given.type === "table") return tableOf(given, value);
  if (given.type === "models") return choiceOf(given, value, names);
  return field({
    ...given,
    name: given.path,
    id: `config-${given.path}`,
    value: given.type === "lines" ? value.join("\n") : value,
    type: TYPES[given.type] ?? given.type,
    unit: unitOf(given),
    attributes: ATTRIBUTES[given.type] ?? nothing,
  });
}

const TYPES = { model: "text", lines: "textarea" };

const ATTRIBUTES = {
  checkbox: html`class="switch"`,
  model: html`list="config-models" autocomplete="off" spellcheck="false"`,
  number: html`inputmode="decimal"`,
  lines: html`rows="2" spellcheck="false"`,
};

function unitOf({ unit = "", reading, path }) {
  if (!reading) return unit;
  return html`${unit} <span class="config-reading" data-reading="${path}"></span>`;
}

function choiceOf({ path, label, hint }, chosen, names) {
  const box = (name) =>
    html`<label class="choice"><input type="checkbox" data-choice="${name}" ${flag("checked", chosen.includes(name))}>${name}</label>`;
  return html`<fieldset class="field" data-field="${path}">
    <legend>${label}</legend>
    <div class="choices">${names.map(box)}</div>
    <p class="field-about"><span data-error></span><span>${hint}</span></p>
  </fieldset>`;
}

// ---------------------------------------------------------------- reading

const READ = {
  checkbox: (place) => place.querySelector("input").checked,
  number: (place) =>
    place.querySelector("input").value === "" ? null : Number(place.querySelector("input").value),
  select: (place) => place.querySelector("select").value || null,
  textarea: (place) => place.querySelector("textarea").value,
  lines: (place) =>
    place
      .querySelector("textarea")
      .value.split("\n")
      .map((line) => line.trim())
      .filter(Boolean),
  model: (place) => place.querySelector("input").value.trim(),
  table: readTable,
  models: (place) =>
    [...place.querySelectorAll("[data-choice]:checked")]
      .map(({ dataset }) => dataset.choice)
      .sort(),
};

const read = (form, { path, type }) => READ[type](placeOf(form, path));

const placeOf = (form, path) => form.querySelector(`[data-field="${path}"]`);
