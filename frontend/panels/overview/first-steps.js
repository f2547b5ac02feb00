// From nothing to a first answer: what is done, and what comes next.

import { copyButton } from "/static/lib/clipboard.js";
import { hrefOf } from "/static/lib/router.js";
import { html, nothing } from "/static/lib/html.js";
import { icon } from "/static/lib/icons.js";

/** The three steps, and which of them are done. */
export async function stepsOf(stats, get) {
  const [{ apiKeys }, { requests }, { defaultModel }] = await Promise.all([
    get("/api/api-keys"),
    get("/api/gswarm/requests", { limit: 1 }),
    get("/api/gswarm/status"),
  ]);
  return [
    { name: "account", isDone: stats.totalAccounts > 0 },
    { name: "key", isDone: apiKeys.some((key) => key.active) },
    { name: "request", isDone: requests.length > 0, model: defaultModel },
  ];
}

const WORDS = {
  account: {
    title: "Add an account",
    text: "Sign in with Google, import accounts you have elsewhere, or paste a Gemini API key.",
    action: () => html`<a class="button primary" href="${hrefOf("accounts")}">Add an account</a>`,
  },
  key: {
    title: "Make an API key",
    text: "Clients show it, as they would to OpenAI. You see it once.",
    action: () => html`<a class="button primary" href="${hrefOf("keys")}">Make a key</a>`,
  },
  request: {
    title: "Ask something",
    text: "Here, or from a terminal with your key in place of YOUR_KEY:",
    action: ({ model }) =>
      html`<a class="button primary" href="${hrefOf("playground")}">Open the Playground</a>
      ${copyButton(curl(model), "Copy the command")}
      <pre tabindex="0" aria-label="Command">${curl(model)}</pre>`,
  },
};

/** A list of the steps; only the next one is unfolded. */
export function firstSteps(steps) {
  const next = steps.find((step) => !step.isDone);
  return html`<section class="card first-steps" aria-labelledby="first-steps-title" data-key="first-steps">
    <h2 id="first-steps-title">To a first answer</h2>
    <ol role="list">${steps.map((step, i) => item(step, i, step === next))}</ol>
  </section>`;
}

function item(step, i, isNext) {
  const { name, isDone } = step;
  const { title, text, action } = WORDS[name];
  const more = isNext ? html`<p>${text}</p><div class="row">${action(step)}</div>` : nothing;
  return html`<li data-key="${name}" class="${isDone ? "done" : ""}" ${isNext ? html`aria-current="step"` : nothing}>
    <span class="step-mark" aria-hidden="true">${isDone ? icon("check") : i + 1}</span>
    <div><h3>${title}${isDone ? html`<span class="unseen"> (done)</span>` : nothing}</h3>${more}</div>
  </li>`;
}

const curl = (model) => `curl ${location.origin}/v1/chat/completions \\
  -H "Authorization: Bearer YOUR_KEY" -H "Content-Type: application/json" \\
  -d '{"model": "${model}", "messages": [{"role": "user", "content": "Hello"}]}'`;
