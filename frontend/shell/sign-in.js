// Sign-in, over a page that stays as it was; what one tab learns, the others hear.

import { get, isAbort, post, refreshSession } from "/static/lib/api.js";
import { begin, lose, onSession, session } from "/static/lib/session.js";
import { dress } from "/static/lib/dress.js";
import { html, nothing, render } from "/static/lib/html.js";
import { field, valuesOf } from "/static/lib/forms.js";
import { toast } from "/static/lib/toast.js";
import { until } from "/static/lib/time.js";

const MOST_MS = 2 ** 31 - 1;
const dialog = document.getElementById("sign-in");
const tabs = new BroadcastChannel("gswarm:session");
const google = new BroadcastChannel("gswarm:sign-in");
let expiry = null;
let wasIn = false;

export function startSignIn() {
  onSession(follow);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  tabs.addEventListener("message", ({ data }) => (data === "ended" ? session && lose() : session || enter()));
  google.addEventListener("message", ({ data }) => data.intent === "signin" && heedGoogle(data));
}

export async function signOut() {
  await post("/api/admin/logout");
  tabs.postMessage("ended");
  location.reload();
}

// ---------------------------------------------------------------- with the session

function follow() {
  clearTimeout(expiry);
  document.body.dataset.session = session ? "in" : wasIn ? "over" : "out";
  if (!session) return show();
  wasIn = true;
  const left = new Date(session.expiresAt) - Date.now();
  expiry = setTimeout(lose, Math.min(Math.max(left, 0), MOST_MS));
  if (dialog.open) dialog.close();
}

async function show() {
  await dress("/static/styles/sign-in.css").catch(reportError); // plain, it still lets in
  if (dialog.open || session) return;
  render(dialog, page());
  dialog.querySelector("form").addEventListener("submit", submit);
  dialog.querySelector("[data-google]").addEventListener("click", openGoogle);
  dialog.showModal();
  dialog.querySelector("[type=password]").focus();
  offerGoogle();
}

function page() {
  const reason = wasIn ? html`<p>Your session has ended. Sign in, and go on where you were.</p>` : nothing;
  return html`<form novalidate>
    <div class="brand"><svg class="mark" aria-hidden="true"><use href="/static/icons.svg#mark"></use></svg><h1 id="sign-in-title">GSwarm</h1></div>
    ${reason}
    ${field({ name: "username", label: "User name", value: "admin", required: true, attributes: html`autocomplete="username" autocapitalize="none" spellcheck="false"` })}
    ${field({ name: "password", label: "Password", type: "password", required: true, attributes: html`autocomplete="current-password"` })}
    <div data-problem role="alert"></div>
    <button type="submit" class="button primary block">Sign in</button>
    <a class="button block" href="/api/auth/google?intent=signin" data-google hidden>Sign in with Google</a>
    <p class="quiet-text">No password set? GSwarm printed one in its log at first start.</p>
  </form>`;
}

// ---------------------------------------------------------------- by password

async function submit(event) {
  event.preventDefault();
  const form = event.target;
  if (form.ariaBusy === "true" || !form.reportValidity()) return;
  form.ariaBusy = "true";
  try {
    begin(await post("/api/admin/login", valuesOf(form)));
    tabs.postMessage("began");
  } catch (error) {
    if (!isAbort(error)) complain(form, error);
  } finally {
    form.ariaBusy = null;
  }
}

function complain(form, error) {
  const wait = error.retryAfter ? html` You can try again ${until(Date.now() + error.retryAfter * 1_000)}.` : nothing;
  render(form.querySelector("[data-problem]"), html`<p class="alert">${error.message}${wait}</p>`);
  const password = form.querySelector("[type=password]");
  password.value = "";
  password.focus();
}

// ---------------------------------------------------------------- by Google

async function offerGoogle() {
  try {
    const ways = await get("/api/admin/login");
    dialog.querySelector("[data-google]").hidden = !ways.google;
  } catch (error) {
    if (!isAbort(error)) complain(dialog.querySelector("form"), error);
  }
}

/** In a window of its own, so that the page stays; the link itself where that is blocked. */
function openGoogle(event) {
  if (window.open(event.currentTarget.href, "gswarm-sign-in", "popup,width=520,height=680")) event.preventDefault();
}

function heedGoogle({ ok, message }) {
  if (ok) enter();
  else if (dialog.open) complain(dialog.querySelector("form"), { message });
}

async function enter() {
  try {
    await refreshSession();
  } catch (error) {
    if (!isAbort(error)) toast(error.message, { kind: "error" });
  }
}
