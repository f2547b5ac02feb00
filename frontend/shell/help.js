// What the keys do, and where to read more: `?`.

import { html } from "/static/lib/html.js";
import { open } from "/static/lib/dialog.js";
import { shortcuts } from "/static/lib/keys.js";

const NAMES = { mod: navigator.platform.startsWith("Mac") ? "⌘" : "Ctrl" };

export function showHelp() {
  const body = html`<div class="dialog-body help">
    <dl class="shortcuts">${[...shortcuts(), ["Escape", "Close what is open"]].map(([keys, title]) => html`<div><dt>${caps(keys)}</dt><dd>${title}</dd></div>`)}</dl>
    <p>Clients connect to <code>${location.origin}/v1</code> with an API key, as they would to OpenAI.
      The <a href="/docs">API documentation</a> lists every path.</p>
  </div>`;
  open({ title: "Help", body });
}

function caps(keys) {
  return keys.split(/[ +]/).map((key) => html`<kbd>${NAMES[key] ?? key}</kbd>`);
}
