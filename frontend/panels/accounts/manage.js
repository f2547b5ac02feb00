// One account: what is known of it, and all that can be done with it.

import * as api from "/static/lib/api.js";
import { ago, full } from "/static/lib/time.js";
import { field } from "/static/lib/forms.js";
import { fill, open } from "/static/lib/dialog.js";
import { html, nothing, render } from "/static/lib/html.js";
import { hrefOf } from "/static/lib/router.js";
import { icon } from "/static/lib/icons.js";
import { linkByGoogle } from "/static/panels/accounts/link.js";
import { plural } from "/static/lib/format.js";
import { run } from "/static/lib/actions.js";
import { session } from "/static/lib/session.js";
import { toast } from "/static/lib/toast.js";

const pathOf = (email) => encodeURIComponent(email);

export function manage(account, changed) {
  const { dialog, close } = open({
    title: account.email,
    body: html`<div class="dialog-body">${facts(account)}<p role="status" class="told" data-told></p></div>`,
    buttons: buttons(account),
  });
  const told = dialog.querySelector("[data-told]");
  const tell = (words, ok = true) => {
    told.dataset.tone = ok ? "good" : "bad";
    render(told, html`${words}`);
  };
  const acts = {
    refresh: async () => tell(...(await refreshed(account))),
    discover: async () => tell(await discovered(account)),
    again: () => {
      linkByGoogle(account.email);
      close();
    },
    "log-out": async () => (await logOut(account)) && close(),
  };
  dialog.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (button)
      run(button, async () => {
        tell("");
        await acts[button.dataset.act]();
        changed();
      });
  });
}

function facts({ upstream, tier, projectIds, createdAt, updatedAt, tokenExpiry, invalidReason }) {
  const list = projectIds.length
    ? html`<ul role="list" class="ids">${projectIds.map((id) => html`<li><a href="${hrefOf("projects", { search: id })}" data-close><code>${id}</code></a></li>`)}</ul>`
    : "None is known. Look for them again, or give it one at Google.";
  return html`<dl class="facts">
    ${invalidReason ? html`<dt>Turned away</dt><dd>${invalidReason}</dd>` : nothing}
    <dt>Serves by</dt><dd>${upstream === "gemini_api" ? "Gemini API" : "Code Assist"}${tier ? html`, ${tier}` : nothing}</dd>
    <dt>Added</dt><dd>${ago(createdAt)}</dd>
    <dt>Changed</dt><dd>${ago(updatedAt)}</dd>
    ${tokenExpiry ? html`<dt>Access token ends</dt><dd>${full(tokenExpiry)}</dd>` : nothing}
    <dt>Projects</dt><dd>${list}</dd>
  </dl>`;
}

function buttons({ upstream }) {
  const google = html`
    <button type="button" class="button" data-act="refresh">${icon("refresh")}Refresh token</button>
    <button type="button" class="button" data-act="discover">${icon("search")}Sync from Google</button>
    ${session.canLink ? html`<button type="button" class="button" data-act="again">Sign in again</button>` : nothing}`;
  return html`<footer class="manage-acts">
    <button type="button" class="button" data-act="log-out">${icon("trash")}Remove account…</button>
    ${upstream === "cloudcode" ? google : nothing}
  </footer>`;
}

/** What came of it in words, and whether that is good. */
async function refreshed({ email }) {
  const {
    results: [{ ok, message }],
  } = await api.post("/api/refresh-tokens", { email });
  return [ok ? "The token is fresh." : message, ok];
}

async function discovered({ email }) {
  const { projectCount, added, removed } = await api.post(
    `/api/gswarm/accounts/${pathOf(email)}/discover-projects`,
  );
  const changes = [
    added.length && `new: ${added.join(", ")}`,
    removed.length && `gone: ${removed.join(", ")}`,
  ].filter(Boolean);
  return `${plural(projectCount, "project")}; ${changes.join("; ") || "nothing has changed"}.`;
}

/** Tells whether it was done. */
async function logOut({ email, upstream }) {
  const revoke = field({
    name: "revoke",
    label: "Revoke the grant at Google, too",
    type: "checkbox",
    hint: "Other programs with the same grant lose it as well.",
  });
  const forgotten = await fill({
    title: `Remove ${email}?`,
    fields: html`<p>Its credential and its projects are removed from here. Requests under way are answered still.</p>${upstream === "cloudcode" ? revoke : nothing}`,
    action: "Remove account",
    danger: true,
    submit: (given) => api.post(`/api/accounts/${pathOf(email)}/logout`, given),
  });
  if (forgotten) toast(`${email} is removed${forgotten.revoked ? ", its grant revoked" : ""}.`);
  return Boolean(forgotten);
}
