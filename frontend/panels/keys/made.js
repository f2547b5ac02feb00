// A new key, shown this once, and how programs use it.

import { copyButton } from "/static/lib/clipboard.js";
import { html, nothing } from "/static/lib/html.js";
import { open } from "/static/lib/dialog.js";
import { snippetsFor } from "/static/panels/keys/snippets.js";

/** Settles when it was closed. */
export async function showKey(made) {
  const { name, key } = made;
  const body = html`<div class="dialog-body">
    <p>Copy it now: <strong>nobody can show it again.</strong></p>
    <p class="secret"><code data-raw>${key}</code>${copyButton(key, "Copy key", html`autofocus`)}</p>
    ${uses(await snippetsFor(made))}
  </div>`;
  const buttons = html`<footer><button type="button" class="button primary" data-close>Done</button></footer>`;
  return open({ title: `${name} is created`, body, buttons, wide: true }).closed;
}

function uses(snippets) {
  if (!snippets.length) return nothing;
  return html`<h3>Use it</h3>
    <div class="ways">${snippets.map(
      ([title, text], at) =>
        html`<details name="snippet" ${at ? "" : html`open`}><summary>${title}</summary>
      <div class="snippet">${copyButton(text)}<pre tabindex="0">${text}</pre></div></details>`,
    )}</div>`;
}
