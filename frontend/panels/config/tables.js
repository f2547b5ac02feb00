// Tables of the config that people write row by row: aliases, fallbacks, limits.

import { html, nothing, render } from "/static/lib/html.js";
import { icon } from "/static/lib/icons.js";

const list = (text) => text.split(/[\s,]+/).filter(Boolean);
const count = (text) => (text === "" ? null : Number(text));

const MODEL = { label: "Model", isModel: true };

const TABLES = {
  aliases: {
    noun: "alias",
    columns: [
      { label: "Name", placeholder: "my-model, or claude-*" },
      { ...MODEL, placeholder: "off" },
    ],
    toCells: (model) => [model ?? ""],
    toValue: ([model]) => model || null,
    isByRow: true,
  },
  fallbacks: {
    noun: "fallback",
    columns: [
      MODEL,
      { label: "Then ask, in this order", placeholder: "gemini-2.5-flash, gemini-2.5-flash-lite" },
    ],
    toCells: (models) => [models.join(", ")],
    toValue: ([models]) => list(models),
  },
  limits: {
    noun: "limit",
    columns: [
      MODEL,
      { label: "A minute, per project", isNumber: true },
      { label: "A day, per account", isNumber: true },
    ],
    toCells: ({ perMinutePerProject = null, perDayPerAccount = null }) => [
      perMinutePerProject ?? "",
      perDayPerAccount ?? "",
    ],
    toValue: ([minute, day]) => ({
      perMinutePerProject: count(minute),
      perDayPerAccount: count(day),
    }),
  },
};

export function tableOf({ path, label, table, hint }, value) {
  const { noun, columns, toCells } = TABLES[table];
  const rows = Object.entries(value).map(([key, entry]) =>
    rowOf(table, [key, ...toCells(entry)], key),
  );
  return html`<fieldset class="field" data-field="${path}" data-table="${table}">
    <legend>${label}</legend>
    <p class="field-about"><span data-error></span><span>${hint}</span></p>
    <div class="config-rows">
      <div class="config-row config-row-head" aria-hidden="true">${columns.map((column) => html`<span>${column.label}</span>`)}</div>
      <ul role="list" data-rows>${rows}</ul>
    </div>
    <div><button type="button" class="button small" data-action="add">${icon("plus")}Add ${noun}</button></div>
  </fieldset>`;
}

/** A new row, ready to type in. */
export function addRow(place) {
  const rows = place.querySelector("[data-rows]");
  const made = document.createElement("ul");
  render(
    made,
    rowOf(
      place.dataset.table,
      TABLES[place.dataset.table].columns.map(() => ""),
      null,
    ),
  );
  const row = made.firstElementChild;
  rows.append(row);
  row.querySelector("input").focus();
}

export function removeRow(button) {
  const row = button.closest("li");
  const next = row.nextElementSibling ?? row.previousElementSibling;
  const place = row.closest("[data-table]");
  row.remove();
  (next?.querySelector("[data-action=remove]") ?? place.querySelector("[data-action=add]")).focus();
}

/** What the rows say; those without any word in them are none. */
export function readTable(place) {
  const { toValue } = TABLES[place.dataset.table];
  return Object.fromEntries(filledRows(place).map(([, [key, ...cells]]) => [key, toValue(cells)]));
}

/** Whether a field is a table whose rows are each changed for themselves. */
export const isByRow = ({ table }) => Boolean(TABLES[table]?.isByRow);

/** The rows of such a table that are not as before. One that is gone switches its name
 *  off; one that was off already is forgotten. */
export function rowsChanged(before, after) {
  const gone = Object.entries(before).filter(([key]) => !(key in after));
  const changed = Object.entries(after).filter(([key, value]) => before[key] !== value);
  return Object.fromEntries([
    ...changed,
    ...gone.map(([key, value]) => [key, value === null ? "" : null]),
  ]);
}

/** Let each row know where it stands in the config, as the API names it. */
export function nameRows(form) {
  for (const place of form.querySelectorAll("[data-table]")) {
    for (const [row, [key]] of filledRows(place))
      row.dataset.field = `${place.dataset.field}.${key}`;
  }
}

/** Two rows of one name, or a row without: only the form can see that. */
export function checkRows(form) {
  for (const place of form.querySelectorAll("[data-table]")) {
    const seen = new Set();
    for (const [row, [key]] of filledRows(place)) {
      const problem = key
        ? seen.has(key)
          ? "There is a row of that name already."
          : ""
        : "This row needs a name.";
      row.querySelector("input").setCustomValidity(problem);
      seen.add(key);
    }
  }
}

function filledRows(place) {
  const rows = [...place.querySelectorAll("[data-rows] > li")];
  const read = rows.map((row) => [
    row,
    [...row.querySelectorAll("input")].map(({ value }) => value.trim()),
  ]);
  for (const [row, cells] of read)
    if (!cells.some(Boolean)) row.querySelector("input").setCustomValidity("");
  return read.filter(([, cells]) => cells.some(Boolean));
}

function rowOf(table, cells, key) {
  const { noun, columns } = TABLES[table];
  const own = key === null ? nothing : html`data-key="${key}"`;
  return html`<li class="config-row" ${own}>
    ${columns.map((column, i) => cellOf(column, cells[i]))}
    <button type="button" class="button ghost small" data-action="remove" aria-label="Remove the ${noun} ${key ?? ""}">${icon("trash")}</button>
    <p class="field-about"><span data-error></span></p>
  </li>`;
}

function cellOf({ label, placeholder = label, isModel, isNumber }, value) {
  const kind = isNumber
    ? html`type="number" step="any" inputmode="numeric"`
    : html`type="text" autocomplete="off" autocapitalize="none" spellcheck="false"`;
  return html`<input ${kind} ${isModel ? html`list="config-models"` : nothing} aria-label="${label}" placeholder="${placeholder}" value="${value}">`;
}
