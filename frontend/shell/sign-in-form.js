// The form of the sign-in: by password, or by Google where that is open.

import { begin } from "/static/lib/session.js";
import { field, valuesOf } from "/static/lib/forms.js";
import { get, isAbort, post } from "/static/lib/api.js";
import { html, nothing, render } from "/static/lib/html.js";
import { until } from "/static/lib/time.js";

/** Show it; `entered` is called once the password was right. */
export function showForm(dialog, { isOver, entered }) {
  render(dialog, page(isOver));
  dialog
    .querySelector("form")
    .addEventListener("submit", (event) => submit(event, dialog, entered));
  dialog.querySelector("[data-google]").addEventListener("click", openGoogle);
  dialog.showModal();
  dialog.querySelector("[type=password]").focus();
  offerGoogle(dialog);
}

function page(isOver) {
  const reason = isOver
    ? html`<p>Your session has ended. Sign in, and go on where you were.</p>`
    : nothing;
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

async function submit(event, dialog, entered) {
  event.preventDefault();
  const form = event.target;
  if (form.ariaBusy === "true" || !form.reportValidity()) return;
  form.ariaBusy = "true";
  try {
    begin(await post("/api/admin/login", valuesOf(form)));
    entered();
  } catch (error) {
    if (!isAbort(error)) complain(dialog, error);
  } finally {
    form.ariaBusy = null;
  }
}

/** Say why nobody came in. */
export function complain(dialog, error) {
  const wait = error.retryAfter
    ? html` You can try again ${until(Date.now() + error.retryAfter * 1_000)}.`
    : nothing;
  render(
    dialog.querySelector("[data-problem]"),
    html`<p class="alert">${error.message}${wait}</p>`,
  );
  const password = dialog.querySelector("[type=password]");
  password.value = "";
  password.focus();
}

// ---------------------------------------------------------------- by Google

async function offerGoogle(dialog) {
  try {
    const ways = await get("/api/admin/login");
    dialog.querySelector("[data-google]").hidden = !ways.google;
  } catch (error) {
    if (!isAbort(error)) complain(dialog, error);
  }
}

/** In a window of its own, so that the page stays; the link itself where that is blocked. */
function openGoogle(event) {
  if (window.open(event.currentTarget.href, "gswarm-sign-in", "popup,width=520,height=680"))
    event.preventDefault();
}
