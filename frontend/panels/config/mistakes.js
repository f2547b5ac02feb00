// What the API finds wrong, brought to the places of the form.
//
// It names values within tables too (`models.aliases.gpt-4o.value`); what has no place of
// its own is told at the smallest thing around it.

import { nameRows } from "/static/panels/config/tables.js";

export function atFields(form, error) {
  nameRows(form);
  const places = [...form.querySelectorAll("[data-field]")].map(({ dataset }) => dataset.field);
  const details = {};
  for (const [path, problems] of Object.entries(error.details ?? {})) {
    (details[nearest(places, path)] ??= []).push(...[problems].flat(2));
  }
  return { message: error.message, details };
}

function nearest(places, path) {
  const around = places.filter((place) => path === place || path.startsWith(`${place}.`));
  return around.sort((a, b) => b.length - a.length)[0] ?? path;
}
