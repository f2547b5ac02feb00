// A turn of the conversation on the page. Text grows in place; nothing else is touched.

import { duration, number } from "/static/lib/format.js";
import { html, nothing, render } from "/static/lib/html.js";
import { hrefOf } from "/static/lib/router.js";
import { paint } from "/static/panels/playground/pictures.js";
import { until } from "/static/lib/time.js";

/** `{element, update}`: call `update` whenever more has come. */
export function turnElement(turn) {
  return turn.role === "user" ? saidElement(turn) : answerElement(turn);
}

function saidElement({ text, pictures, results }) {
  const element = article("user");
  const told = results.map(
    ({ content }) => html`<p class="quiet-text">Result: <code>${content || "nothing"}</code></p>`,
  );
  render(
    element,
    html`<h2 class="unseen">You</h2>${told}${text ? html`<p class="words">${text}</p>` : nothing}<div class="pictures"></div>`,
  );
  addPictures(element.querySelector(".pictures"), pictures);
  return { element, update: () => null };
}

function answerElement(turn) {
  const element = article("assistant");
  render(
    element,
    html`<h2>${turn.model}</h2>
    <details class="thoughts" hidden><summary>Reasoning</summary><p class="words" data-thoughts></p></details>
    <p class="words" data-text></p>
    <div class="pictures"></div>
    <div data-calls></div>
    <div data-error-of-turn></div>
    <dl class="about"></dl>`,
  );
  const part = (selector) => element.querySelector(selector);
  let shownAs = "";

  const update = () => {
    const before = element.offsetHeight;
    grow(part("[data-thoughts]"), turn.thoughts);
    part(".thoughts").hidden = !turn.thoughts;
    grow(part("[data-text]"), turn.text);
    const pictures = part(".pictures");
    addPictures(pictures, turn.pictures.slice(pictures.children.length));
    const state = [turn.state, turn.calls.length, turn.route.project, turn.totalMs].join();
    if (state !== shownAs) {
      shownAs = state;
      element.dataset.state = turn.state;
      render(part(".about"), about(turn));
      render(part("[data-error-of-turn]"), failing(turn));
      if (turn.totalMs !== null) render(part("[data-calls]"), html`${turn.calls.map(call)}`);
    }
    element.dataset.grown = element.offsetHeight - before;
  };
  update();
  return { element, update };
}

function article(role) {
  const element = document.createElement("article");
  element.className = `turn ${role}`;
  return element;
}

/** Only what is new is added, so that a selection further up stays. */
function grow(target, text) {
  const shown = target.firstChild ?? target.appendChild(document.createTextNode(""));
  if (text.length > shown.length) shown.appendData(text.slice(shown.length));
}

function addPictures(target, pictures) {
  for (const { name, url } of pictures) {
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", name);
    target.append(canvas);
    paint(canvas, url, { most: 320 });
  }
}

function call({ id, function: { name, arguments: given } }) {
  return html`<div class="call" data-keep>
    <p><strong>${name}</strong> <code>${given}</code></p>
    <label class="field"><span>What it answers</span><textarea rows="1" data-call="${id}" placeholder='{"result": …}'></textarea></label>
  </div>`;
}

function failing({ state, error, route }) {
  if (state === "stopped")
    return html`<p class="quiet-text">Stopped. <button type="button" class="button small" data-action="again">Ask again</button></p>`;
  if (state !== "failed") return nothing;
  const wait = error.retryAfter
    ? html` Free ${until(Date.now() + error.retryAfter * 1_000)}.`
    : nothing;
  return html`<div class="alert" role="alert">
    <p><strong>${error.message}</strong>${wait} <small>${[error.status || "", error.code, route.id].filter(Boolean).join(" · ")}</small></p>
    <button type="button" class="button small" data-action="again">Try again</button>
  </div>`;
}

// ---------------------------------------------------------------- how it came about

function about({ state, route, usage, firstMs, totalMs, speed, finish }) {
  if (state === "waiting")
    return html`<div><dt class="unseen">State</dt><dd>Waiting for the first token…</dd></div>`;
  if (totalMs === null) return html`<div><dt class="unseen">State</dt><dd>Streaming…</dd></div>`;
  const project = route.project
    ? html`<a href="${hrefOf("projects", { search: route.project })}">${route.project}</a>`
    : null;
  return html`
    ${fact("Project", project)}
    ${fact("Attempts", route.attempts)}
    ${fact("Cache", route.cache)}
    ${usage ? fact("Tokens", tokens(usage)) : nothing}
    ${fact("First token", firstMs === null ? null : duration(firstMs))}
    ${fact("Speed", speed ? `${number(speed)} tokens/s` : null)}
    ${fact("Total", duration(totalMs))}
    ${finish && finish !== "stop" ? fact("Ended by", finish) : nothing}`;
}

const fact = (title, value) =>
  value === null || value === undefined || value === ""
    ? nothing
    : html`<div data-fact="${title}"><dt>${title}</dt><dd>${value}</dd></div>`;

function tokens({
  prompt_tokens: prompt,
  completion_tokens: completion,
  prompt_tokens_details: before,
  completion_tokens_details: after,
}) {
  const asides = [
    after?.reasoning_tokens && `${number(after.reasoning_tokens)} reasoning`,
    before?.cached_tokens && `${number(before.cached_tokens)} cached`,
  ].filter(Boolean);
  return `${number(prompt)} in, ${number(completion)} out${asides.length ? ` (${asides.join(", ")})` : ""}`;
}
