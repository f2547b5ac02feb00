// The ways an account comes in: Google sign-in, a file, a Gemini API key.

import * as api from "/static/lib/api.js";
import { bringIn, outcomes, readEntries } from "/static/panels/accounts/import.js";
import { copyButton } from "/static/lib/clipboard.js";
import { field } from "/static/lib/forms.js";
import { html, render } from "/static/lib/html.js";
import { linkAddress, linkByGoogle } from "/static/panels/accounts/link.js";
import { onDrop } from "/static/lib/files.js";
import { onSubmit } from "/static/lib/actions.js";
import { open } from "/static/lib/dialog.js";
import { session } from "/static/lib/session.js";
import { toast } from "/static/lib/toast.js";

const UNSAVED = html`autocomplete="off" spellcheck="false"`;

/** Ask how; `changed` is called whenever an account has come in. */
export function addAccount(changed) {
  const body = html`<div class="dialog-body ways">
    ${way("Sign in with Google", session.canLink ? byGoogle() : withoutClient(), { isFirst: true })}
    ${way("Import from a file", byFile())}
    ${way("Gemini API key", byKey())}
    <div data-outcomes role="status"></div>
  </div>`;
  const { dialog, close } = open({ title: "Add an account", body });
  const show = (entries) => render(dialog.querySelector("[data-outcomes]"), outcomes(entries));

  const project = dialog.querySelector("[name=linkProject]");
  dialog.querySelector("[data-google]")?.addEventListener("click", () => {
    linkByGoogle("", project.value.trim());
    close();
  });
  const byHand = dialog.querySelector("[data-by-hand]");
  project?.addEventListener(
    "input",
    () => (byHand.href = linkAddress({ project: project.value.trim(), byHand: true })),
  );
  const forms = Object.fromEntries(
    [...dialog.querySelectorAll("form")].map((form) => [form.getAttribute("name"), form]),
  );
  if (forms.paste) {
    onSubmit(forms.paste, async (given) => {
      show([await api.post("/api/auth/callback-url", given)]);
      forms.paste.reset();
      changed();
    });
  }
  onSubmit(forms.file, async (given) => {
    show(await bringIn(given));
    forms.file.reset();
    changed();
  });
  onSubmit(forms.key, async (given) => {
    const [enrolled] = await bringIn({
      content: JSON.stringify({ upstream: "gemini_api", ...given }),
    });
    changed();
    if (enrolled.problem) return show([enrolled]);
    close();
    toast(`${enrolled.email} is in the pool.`);
  });
  heedFiles(forms.file);
}

function way(title, content, { isFirst = false } = {}) {
  return html`<details name="way" ${isFirst ? html`open` : ""}><summary>${title}</summary><div class="stack">${content}</div></details>`;
}

// ---------------------------------------------------------------- Google

function byGoogle() {
  return html`<p>A window leads to Google, and closes by itself. Signing in again mends an account that was turned away.</p>
    <details>
      <summary>A Standard or Enterprise licence, and a certain project?</summary>
      ${field({ name: "linkProject", label: "Project to begin with", hint: "Its ID or number. Without, it is the first of the account's own that works.", attributes: UNSAVED })}
    </details>
    <button type="button" class="button primary" data-google autofocus>Continue with Google</button>
    <details>
      <summary>Google cannot send you back to this gateway?</summary>
      <form name="paste" class="stack" novalidate>
        <p>1. <a data-by-hand href="${linkAddress({ byHand: true })}" target="_blank" rel="noreferrer">Sign in at Google in another tab.</a> It ends on a page that cannot be reached.</p>
        ${field({ name: "url", label: "2. Paste the address of that page", required: true, placeholder: "http://localhost…/api/auth/callback?state=…", attributes: UNSAVED })}
        <div data-form-error></div>
        <div class="row"><button class="button">Finish linking</button></div>
      </form>
    </details>`;
}

/** What to do first where nobody could sign in. */
function withoutClient() {
  const callback = `${location.origin}/api/auth/callback`;
  return html`<p><strong>This gateway has no OAuth client yet.</strong> Google lets people sign in only at clients it knows.</p>
    <ol>
      <li>Open <a href="https://console.cloud.google.com/apis/credentials" target="_blank" rel="noreferrer">Credentials in Google Cloud</a> and create an OAuth client of the type <em>Web application</em>.</li>
      <li>Allow this redirect address: <span class="row"><code>${callback}</code>${copyButton(callback)}</span></li>
      <li>Set <code>GOOGLE_CLIENT_ID</code> and <code>GOOGLE_CLIENT_SECRET</code> for the gateway, and start it again.</li>
    </ol>
    <p>Files and Gemini API keys come in without one.</p>`;
}

// ---------------------------------------------------------------- a file, a key

function byFile() {
  return html`<form name="file" class="stack" novalidate>
    <label class="drop"><input type="file" class="unseen" accept=".json,application/json" data-file>
      <strong>Drop a file here, or choose one</strong>
      <small>Accounts as JSON, the Gemini CLI's oauth_creds.json, or an export of GSwarm</small></label>
    ${field({ name: "content", label: "Or paste its content", type: "textarea", required: true, placeholder: '{"refresh_token": "…"}', attributes: UNSAVED })}
    <div data-passphrase hidden>${field({ name: "passphrase", label: "Passphrase of the export", type: "password", attributes: html`autocomplete="off"` })}</div>
    <div data-form-error></div>
    <div class="row"><button class="button primary">Import</button></div>
  </form>`;
}

function byKey() {
  return html`<form name="key" class="stack" novalidate>
    <p>From <a href="https://aistudio.google.com/apikey" target="_blank" rel="noreferrer">Google AI Studio</a>.</p>
    ${field({ name: "name", label: "Name", required: true, hint: "How it is called here.", attributes: UNSAVED })}
    ${field({ name: "api_key", label: "API key", type: "password", required: true, attributes: html`autocomplete="off"` })}
    ${field({ name: "project", label: "Project", hint: "Keys of one project share its quota. Without, the name stands for it.", attributes: UNSAVED })}
    <div data-form-error></div>
    <div class="row"><button class="button primary">Add key</button></div>
  </form>`;
}

/** A file becomes the content, which its owner may look at before it goes. */
function heedFiles(form) {
  const { content } = form.elements;
  const follow = () => {
    form.querySelector("[data-passphrase]").hidden = !readEntries(content.value)?.gswarmExport;
  };
  const take = async ([file]) => {
    content.value = await file.text();
    follow();
    form.querySelector("button").focus();
  };
  content.addEventListener("input", follow);
  form.addEventListener("reset", () => setTimeout(follow));
  form
    .querySelector("[data-file]")
    .addEventListener("change", ({ target }) => target.files.length && take(target.files));
  onDrop(form, take);
}
