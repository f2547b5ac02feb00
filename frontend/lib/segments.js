// A choice of a few, all of them in sight.
//
//   segments("range", "Time", [["24h", "24 h"], ["7d", "7 days"]], "24h")
//
// Each is a button with data-action="range" whose `value` says what was chosen.

import { html } from "/static/lib/html.js";

export function segments(action, label, options, chosen) {
  const buttons = options.map(
    ([value, title]) =>
      html`<button type="button" data-action="${action}" value="${value}" aria-pressed="${String(value === chosen)}">${title}</button>`,
  );
  return html`<div class="segments" role="group" aria-label="${label}">${buttons}</div>`;
}

/** The value, if it is one of those to choose from; else the first of them. */
export const chosenOf = (options, value) =>
  options.some(([own]) => own === value) ? value : options[0][0];
