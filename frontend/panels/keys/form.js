// What a key may do, as a form: to make one, and to change one.

import * as api from "/static/lib/api.js";
import { field } from "/static/lib/forms.js";
import { fill } from "/static/lib/dialog.js";
import { flag, html } from "/static/lib/html.js";

const SCOPES = [
  ["chat", "Ask models"],
  ["monitor", "Read status, metrics, accounts"],
  ["admin", "Change the configuration"],
];
const FRESH = {
  name: "",
  scopes: ["chat"],
  expiresAt: null,
  rateLimit: null,
  tokensPerDay: null,
  maxConcurrent: null,
  allowedModels: [],
  allowedEndpoints: [],
  allowedIps: [],
  maySeeProjects: false,
};

/** Answers the key with the raw `key`, or null. */
export function makeKey() {
  return fill({
    title: "Create an API key",
    fields: fields(FRESH),
    action: "Create key",
    wide: true,
    submit: (given) => api.post("/api/api-keys", settingsOf(given, FRESH)),
  });
}

/** Answers the changed key, or null. */
export function changeKey(key) {
  const path = `/api/api-keys/${encodeURIComponent(key.id)}`;
  return fill({
    title: `Edit ${key.name}`,
    fields: fields(key),
    action: "Save",
    wide: true,
    submit: (given) => api.patch(path, settingsOf(given, key)),
  });
}

function fields(key) {
  return html`<div class="pairs">
      ${field({ name: "name", label: "Name", value: key.name, required: true, hint: "Who or what uses it.", attributes: html`maxlength="100" autocomplete="off" autofocus` })}
      ${field({ name: "expiresAt", label: "Expires", type: "datetime-local", value: local(key.expiresAt), hint: "Empty: never." })}
    </div>
    <fieldset class="field" data-field="scopes"><legend>Scopes</legend>
      <div class="scopes">${SCOPES.map(([scope, about]) => html`<label><input type="checkbox" name="scope ${scope}" ${flag("checked", key.scopes.includes(scope))}><span><strong>${scope}</strong> <small>${about}</small></span></label>`)}</div>
      <p class="field-about"><span data-error></span></p>
    </fieldset>
    <fieldset><legend>Limits</legend><p class="quiet-text">Empty: as configured for all keys. 0: no limit.</p>
      <div class="pairs three">
        ${count("rateLimit", "Requests per minute", key)}
        ${count("tokensPerDay", "Tokens per day", key)}
        ${count("maxConcurrent", "Requests at once", key)}
      </div>
    </fieldset>
    <fieldset><legend>Only for</legend><p class="quiet-text">One per line; a name may end in *. Empty: all.</p>
      <div class="pairs three">
        ${lines("allowedModels", "Models", key, "gemini-2.5-*")}
        ${lines("allowedEndpoints", "Paths", key, "/v1/*")}
        ${lines("allowedIps", "Networks", key, "10.0.0.0/8")}
      </div>
    </fieldset>
    ${field({ name: "maySeeProjects", label: "Answers tell which project gave them", type: "checkbox", value: key.maySeeProjects })}`;
}

const count = (name, label, key) =>
  field({
    name,
    label,
    type: "number",
    value: key[name],
    attributes: html`min="0" inputmode="numeric"`,
  });

const lines = (name, label, key, placeholder) =>
  field({
    name,
    label,
    type: "textarea",
    value: key[name].join("\n"),
    placeholder,
    attributes: html`rows="2" spellcheck="false"`,
  });

/** As the API takes it. Throws `ApiError` for an end of the key that is newly set, and past. */
function settingsOf({ expiresAt, allowedModels, allowedEndpoints, allowedIps, ...given }, before) {
  const isNewEnd = (expiresAt ?? "") !== local(before.expiresAt);
  if (isNewEnd && expiresAt && new Date(expiresAt) <= Date.now()) {
    const words = "This time is past: the key would open nothing.";
    throw new api.ApiError(words, { details: { expiresAt: words } });
  }
  const scopes = SCOPES.map(([scope]) => scope).filter((scope) => given[`scope ${scope}`]);
  const { name, rateLimit, tokensPerDay, maxConcurrent, maySeeProjects } = given;
  return {
    name: name ?? "",
    scopes,
    // The API refuses an end that is past, and a key that has ended keeps its own.
    ...(isNewEnd ? { expiresAt: expiresAt ? new Date(expiresAt).toISOString() : null } : {}),
    rateLimit,
    tokensPerDay,
    maxConcurrent,
    allowedModels: linesOf(allowedModels),
    allowedEndpoints: linesOf(allowedEndpoints),
    allowedIps: linesOf(allowedIps),
    maySeeProjects,
  };
}

const linesOf = (text) =>
  (text ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/** An instant as a `datetime-local` control takes it. */
function local(instant) {
  if (!instant) return "";
  const date = new Date(instant);
  return new Date(date - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
