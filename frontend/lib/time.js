// Instants as people speak of them. One timer keeps every one on the page true.
//
//   html`used ${ago(project.lastUsedAt)}, free ${until(project.cooldownUntil)}`

import { html, nothing } from "/static/lib/html.js";
import { seconds } from "/static/lib/format.js";

const TICK_MS = 1_000;
const absolute = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** How long ago; `instant` is ISO 8601 or milliseconds. */
export const ago = (instant, otherwise = "never") => ticking("ago", instant, otherwise);

/** How long still: `in 4:20`, and `now` once it is there. */
export const until = (instant, otherwise = "–") => ticking("until", instant, otherwise);

/** The date and time in full, where the reader is. */
export const full = (instant) => (instant ? absolute.format(asDate(instant)) : "–");

/** The time of day. */
export const timeOfDay = (instant) => (instant ? clock.format(asDate(instant)) : "–");

/** The first and the last instant of a day, like `2026-01-31`, where the reader is. */
export const beginOf = (day) => instantOf(`${day}T00:00:00.000`, day);
export const endOf = (day) => instantOf(`${day}T23:59:59.999`, day);

export const asDate = (instant) => new Date(instant);

/** Keep every instant on the page true, from now on. */
export function start() {
  setInterval(() => document.hidden || tick(), TICK_MS);
  document.addEventListener("visibilitychange", () => document.hidden || tick());
}

function ticking(kind, instant, otherwise) {
  if (!instant) return otherwise ? html`${otherwise}` : nothing;
  const date = asDate(instant);
  return html`<time datetime="${date.toISOString()}" title="${absolute.format(date)}" data-tick="${kind}">${WORDS[kind](date)}</time>`;
}

function tick() {
  for (const element of document.querySelectorAll("time[data-tick]")) {
    const words = WORDS[element.dataset.tick](new Date(element.dateTime));
    if (element.textContent !== words) element.firstChild.nodeValue = words;
  }
}

const WORDS = {
  ago(date) {
    const past = (Date.now() - date) / 1_000;
    if (past < -5) return `in ${rounded(-past)}`;
    return past < 5 ? "just now" : `${rounded(past)} ago`;
  },
  until(date) {
    const left = Math.ceil((date - Date.now()) / 1_000);
    if (left <= 0) return "now";
    if (left >= 3_600) return `in ${seconds(left - (left % 60))}`;
    return `in ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  },
};

/** What is no day stays as it is: the API has words for it. */
function instantOf(text, day) {
  const date = new Date(text);
  return Number.isNaN(date.valueOf()) ? day : date.toISOString();
}

/** In its largest unit alone: an age needs no more. */
function rounded(value) {
  const [size, name] = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
  ].find(([each]) => value >= each) ?? [1, "s"];
  return `${Math.floor(value / size)} ${name}`;
}
