// What stands where data will stand: while it comes, where there is none, when it fails.

import { html, nothing } from "/static/lib/html.js";
import { icon } from "/static/lib/icons.js";

/** Rows of the height of those to come, so that nothing moves when they do. */
export function skeleton(rows = 6) {
  const bars = Array.from({ length: rows }, () => html`<span class="skeleton"></span>`);
  return html`<div class="skeletons" aria-hidden="true">${bars}</div><p class="quiet-text" role="status">Loading…</p>`;
}

/** Nothing here yet, and what to do next: `action` is a link or button. */
export function empty({ title, text = "", action = nothing, name = "empty" }) {
  return html`<div class="empty">${icon(name)}<h2>${title}</h2><p>${text}</p><div class="row">${action}</div></div>`;
}

/** What went wrong, in the API's words, and another try. */
export function failure(error) {
  const request = error.requestId ? html`<small>Request ${error.requestId}</small>` : nothing;
  return html`<div class="alert" role="alert" data-key="failure">
    <p><strong>${error.message || "That did not work."}</strong> ${request}</p>
    <button type="button" class="button small" data-action="retry">Try again</button>
  </div>`;
}
