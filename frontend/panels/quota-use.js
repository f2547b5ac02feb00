// How much of a quota is used: a number, and a bar where the limit is known.

import { html } from "/static/lib/html.js";
import { number } from "/static/lib/format.js";

const NEARLY = 0.8;

export function quotaUse(used, limit) {
  if (limit === null) return number(used);
  const share = limit ? Math.min(1, used / limit) : 1;
  return html`<span class="quota" data-tone="${toneOf(share)}">
    <span>${number(used)} of ${number(limit)}</span><span class="bar" aria-hidden="true"><span data-vars="share: ${share}"></span></span>
  </span>`;
}

function toneOf(share) {
  if (share >= 1) return "bad";
  return share >= NEARLY ? "fair" : "";
}
