// Accounts from a file: what is in it, and what became of each.

import * as api from "/static/lib/api.js";
import { html, nothing, safeUrl } from "/static/lib/html.js";
import { plural } from "/static/lib/format.js";

/** What a file says, or null where it is not JSON. */
export function readEntries(content) {
  try {
    return JSON.parse(content);
  } catch {
    return null;
  }
}

/** Answers what became of each entry; throws `ApiError`. */
export async function bringIn({ content, passphrase = null }) {
  const entries = readEntries(content);
  if (entries === null) {
    const words = "This is not JSON: a file begins with { or [, and ends with its counterpart.";
    throw new api.ApiError(words, { details: { content: words } });
  }
  const body = entries.gswarmExport ? { ...entries, passphrase: passphrase ?? "" } : entries;
  return (await api.post("/api/accounts/import", body)).accounts;
}

export function outcomes(entries) {
  const good = entries.filter(({ problem }) => !problem).length;
  return html`<h3>${plural(good, "account")} of ${entries.length} in the pool</h3>
    <ul role="list" class="outcomes">${entries.map(outcome)}</ul>`;
}

function outcome({ email, problem, projects, actionUrl }) {
  const link = actionUrl
    ? html` <a href="${safeUrl(actionUrl)}" target="_blank" rel="noreferrer">Mend it at Google</a>`
    : nothing;
  return html`<li>
    <span class="badge" data-tone="${problem ? "bad" : "good"}">${problem ? "problem" : "ready"}</span>
    <div><strong>${email || "An account without a name"}</strong><p>${problem ?? plural(projects.length, "project")}${link}</p></div>
  </li>`;
}
