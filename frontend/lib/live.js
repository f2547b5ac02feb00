// News as it happens, over one event stream that the whole page shares.
//
//   live.on("project_cooldown", (event) => …, { signal });
//   live.on("resync", () => …, { signal });   // news may have been missed: read again
//
// A stream that breaks is opened again. A page nobody looks at for a while lets go of it,
// as a browser has but six connections to one address.

import { get, isAbort } from "/static/lib/api.js";
import { onSession, session } from "/static/lib/session.js";

const ADDRESS = "/api/gswarm/status/stream";
const HIDDEN_MS = 30_000;
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

const bus = new EventTarget();
const kinds = new Set();
let source = null;
let retry = null;
let failures = 0;
let hiding = null;

/** `idle`, `connecting`, `open`, `lost` or `paused`; each change is told as `state`. */
export let state = "idle";

export function on(kind, listen, { signal } = {}) {
  if (kind !== "state" && kind !== "resync" && !kinds.has(kind)) {
    kinds.add(kind);
    source?.addEventListener(kind, pass);
  }
  bus.addEventListener(kind, (event) => listen(event.detail), { signal });
}

/** Tell every listener, as the stream does. */
export function tell(kind, news) {
  bus.dispatchEvent(new CustomEvent(kind, { detail: news }));
}

/** Follow the session and the page's visibility from now on. */
export function start() {
  onSession(() => (session ? connect() : disconnect("idle")));
  document.addEventListener("visibilitychange", followVisibility);
  addEventListener("online", () => state === "lost" && connect());
  if (session) connect();
}

function connect() {
  if (source && source.readyState !== EventSource.CLOSED) return;
  clearTimeout(retry);
  turn(failures ? "lost" : "connecting");
  source = new EventSource(ADDRESS);
  source.addEventListener("open", opened);
  source.addEventListener("error", failed);
  for (const kind of kinds) source.addEventListener(kind, pass);
}

function disconnect(next) {
  clearTimeout(retry);
  source?.close();
  source = null;
  turn(next);
}

function opened() {
  failures = 0;
  turn("open");
  tell("resync"); // the first time, too: what is shown was read before
}

/** The browser tries again by itself after a broken line, but not after a refusal. */
function failed() {
  turn("lost");
  failures += 1;
  if (source?.readyState !== EventSource.CLOSED) return;
  source = null;
  retry = setTimeout(reconnect, RETRY_MS[Math.min(failures, RETRY_MS.length) - 1]);
}

async function reconnect() {
  try {
    await get("/api/admin/session"); // leads to sign-in where that is why
    connect();
  } catch (error) {
    if (!isAbort(error)) failed();
  }
}

function followVisibility() {
  clearTimeout(hiding);
  if (document.hidden) hiding = setTimeout(() => source && disconnect("paused"), HIDDEN_MS);
  else if (state === "paused" && session) connect();
}

function pass(event) {
  tell(event.type, JSON.parse(event.data));
}

function turn(next) {
  if (next === state) return;
  state = next;
  tell("state", next);
}
