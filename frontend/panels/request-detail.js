// Why a request went where it went: every attempt, what spoke for it, what came of it.

import { get } from "/static/lib/api.js";
import { ago, full, until } from "/static/lib/time.js";
import { compact, duration, number, plural, words } from "/static/lib/format.js";
import { copyButton } from "/static/lib/clipboard.js";
import { failure, skeleton } from "/static/lib/states.js";
import { html, nothing, render } from "/static/lib/html.js";
import { open } from "/static/lib/dialog.js";

/** Show it in a dialog. */
export function showRequest(id) {
  const { dialog, closed } = open({
    title: "Why this answer",
    body: html`<div class="dialog-body why" data-why>${skeleton(4)}</div>`,
    wide: true,
  });
  const life = new AbortController();
  closed.then(() => life.abort());
  const place = dialog.querySelector("[data-why]");
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-action=retry]")) load(id, place, life.signal);
  });
  load(id, place, life.signal);
}

async function load(id, place, signal) {
  try {
    render(
      place,
      describe(await get(`/api/gswarm/requests/${encodeURIComponent(id)}`, null, { signal })),
    );
  } catch (error) {
    if (!signal.aborted) render(place, failure(error));
  }
}

// ---------------------------------------------------------------- the request

const describe = (request) =>
  html`${headline(request)}${facts(request)}<h3>How it was routed</h3>${route(request)}`;

function headline({ status, status_code: code, error_type: error, model, timestamp }) {
  const isGood = status === "success";
  return html`<p class="row"><span class="badge" data-tone="${isGood ? "good" : "bad"}">${isGood ? "answered" : `${code} ${words(error)}`}</span>
    <code>${model ?? "no model"}</code><span class="quiet-text">${ago(timestamp)}, ${full(timestamp)}</span></p>`;
}

function facts(request) {
  const rows = [
    ["Took", duration(request.duration_ms)],
    ["First word after", duration(request.ttft_ms)],
    ["Tokens", tokens(request)],
    ["Key", request.key_name ?? "–"],
    [
      "Path",
      html`<code>${request.method} ${request.endpoint}</code>${request.stream ? " (streamed)" : ""}`,
    ],
    ["Cache", request.cache ?? "–"],
    ["Ended with", words(request.finish_reason?.toLowerCase())],
    ["Id", html`<code>${request.id}</code> ${copyButton(request.id)}`],
  ];
  return html`<dl class="request-facts">${rows.map(([title, value]) => html`<div><dt>${title}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function tokens({
  tokens_used: all,
  prompt_tokens: prompt,
  completion_tokens: completion,
  thought_tokens: thoughts,
  cached_tokens: cached,
}) {
  const more = [
    [prompt, "input"],
    [completion, "output"],
    [thoughts, "thinking"],
    [cached, "cached by Google"],
  ];
  const parts = more.filter(([count]) => count).map(([count, word]) => `${compact(count)} ${word}`);
  return html`${number(all)}${parts.length ? html` <small>${parts.join(", ")}</small>` : nothing}`;
}

// ---------------------------------------------------------------- its attempts

function route({ route: { attempts, nothing: left }, cache }) {
  if (!attempts.length && !left) {
    return html`<p class="quiet-text">${cache === "hit" ? "The answer was in the cache: no project was asked." : "It was refused before any project was asked."}</p>`;
  }
  return html`<ol class="attempts" role="list">${attempts.map(attempt)}${left ? nobody(left) : nothing}</ol>`;
}

function attempt(made, i) {
  const {
    verdict,
    project_id: project,
    account_id: account,
    model,
    duration_ms: ms,
    is_probe: isProbe,
  } = made;
  return html`<li>
    <p class="row spread"><span class="row"><b>${i + 1}. ${project}</b><span class="quiet-text">${account}</span></span>
      <span class="row"><span class="badge" data-tone="${verdict === "success" ? "good" : "bad"}">${words(verdict)}</span><span>${duration(ms)}</span></span></p>
    <p class="quiet-text">Chosen among ${plural(made.candidates, "candidate")} for <code>${model}</code>${isProbe ? ", to see whether its cooldown is over early" : ""}. ${passed(made.passed_over)}</p>
    ${health(made)}
  </li>`;
}

const TERMS = [
  [
    "success",
    "Success",
    (value) => `0.5 × ${value}`,
    "the share of its answers that were good of late",
  ],
  ["recency", "Recency", (value) => `0.3 × ${value}`, "how long it has had nothing to do"],
  ["cooldown", "Cooldown", (value) => `0.2 × (1 − ${value})`, "a penalty: 0 is none"],
];

function health({ health: score, health_terms: terms }) {
  const rows = TERMS.map(
    ([name, title, weigh, about]) =>
      html`<div title="${title}: ${about}"><dt>${title}</dt>
    <dd><span class="bar" aria-hidden="true"><span data-vars="share: ${terms[name]}"></span></span><small>${weigh(terms[name].toFixed(2))}</small></dd></div>`,
  );
  return html`<dl class="terms"><div><dt>Health</dt><dd><b>${score.toFixed(2)}</b></dd></div>${rows}</dl>`;
}

const PASSED = {
  tried: "already tried",
  rate_limit: "at a rate limit",
  quota_exhausted: "out of quota",
  auth: "refused by Google",
  not_logged_in: "not signed in",
  server: "failing",
  not_found: "without the model",
};

function passed(counts) {
  const parts = Object.entries(counts)
    .filter(([, count]) => count)
    .map(([why, count]) => `${number(count)} ${PASSED[why] ?? words(why)}`);
  return parts.length ? `Passed over: ${parts.join(", ")}.` : "Nobody was passed over.";
}

const NOTHING = {
  no_account: "No account could be asked.",
  not_served: "No account's upstream serves this model.",
  quota_exhausted: "All have used up their quota of the day.",
  resting: "All the others are in cooldown.",
  model_resting: "The model itself is in cooldown: Google has no capacity for it.",
  tried: "All others had been tried.",
};

function nobody({ reason, free_at: freeAt, candidates, passed_over: over }) {
  return html`<li><p class="row spread"><b>Then nobody was left</b><span class="badge" data-tone="bad">${words(reason)}</span></p>
    <p class="quiet-text">${NOTHING[reason] ?? ""} ${plural(candidates, "candidate")}. ${passed(over)} ${freeAt ? html`The next is free ${until(freeAt)}.` : nothing}</p></li>`;
}
