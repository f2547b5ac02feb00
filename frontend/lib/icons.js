// The icons, from one file of symbols; they say nothing that words beside them do not.

import { html } from "/static/lib/html.js";

export const icon = (name) =>
  html`<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#${name}"></use></svg>`;
