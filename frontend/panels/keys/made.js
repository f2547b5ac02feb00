// A new key, shown this once, and how programs use it.

import { copyButton } from "/static/lib/clipboard.js";
import { html } from "/static/lib/html.js";
import { open } from "/static/lib/dialog.js";

/** Settles when it was closed. */
export function showKey({ name, key, allowedModels }) {
  const model = allowedModels.find((each) => !each.endsWith("*")) ?? "gemini-2.5-flash";
  const body = html`<div class="dialog-body">
    <p>Copy it now: <strong>nobody can show it again.</strong></p>
    <p class="secret"><code data-raw>${key}</code>${copyButton(key, "Copy key", html`autofocus`)}</p>
    <h3>Use it</h3>
    <div class="ways">${snippets(key, model).map(([title, text], at) => html`<details name="snippet" ${at ? "" : html`open`}><summary>${title}</summary>
      <div class="snippet">${copyButton(text)}<pre tabindex="0">${text}</pre></div></details>`)}</div>
  </div>`;
  const buttons = html`<footer><button type="button" class="button primary" data-close>Done</button></footer>`;
  return open({ title: `${name} is created`, body, buttons, wide: true }).closed;
}

function snippets(key, model) {
  const base = `${location.origin}/v1`;
  return [
    ["curl", `curl ${base}/chat/completions \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "${model}", "messages": [{"role": "user", "content": "Hello"}]}'`],
    ["Python (openai)", `from openai import OpenAI

client = OpenAI(base_url="${base}", api_key="${key}")
answer = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)`],
    ["Cursor", `Settings > Models > API keys
  OpenAI API key:           ${key}
  Override OpenAI base URL: ${base}
Then add the model ${model}, and switch it on.`],
  ];
}
