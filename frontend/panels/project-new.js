// The dialog that makes a project at Google.

import { empty } from "/static/lib/states.js";
import { field } from "/static/lib/forms.js";
import { fill, open } from "/static/lib/dialog.js";
import { get } from "/static/lib/api.js";
import { hrefOf } from "/static/lib/router.js";
import { html } from "/static/lib/html.js";
import { startJob } from "/static/panels/job-follow.js";

/** Answers the job that makes it, or null. */
export async function askForProject() {
  const { accounts } = await get("/api/gswarm/accounts");
  const able = accounts.filter(
    ({ upstream, isInvalid, needsProject }) =>
      upstream === "cloudcode" && (!isInvalid || needsProject),
  );
  if (!able.length) return explain();
  return fill({
    title: "New project",
    action: "Create",
    fields: html`
      ${field({ name: "account", label: "Google account", type: "select", options: able.map(({ email }) => email), value: able[0].email, required: true })}
      ${field({ name: "projectId", label: "Project ID", placeholder: "made up, if left empty", hint: "6 to 30 lower-case letters, digits and hyphens; for ever taken, once it is." })}
      ${field({ name: "name", label: "Name", placeholder: "as its ID, if left empty", hint: "4 to 30 characters." })}
      <p class="quiet-text">Google makes it in this account's name and may refuse, above all for its quota of projects.</p>`,
    submit: (values) => startJob("/api/projects/create", values),
  });
}

function explain() {
  const action = html`<a class="button primary" href="${hrefOf("accounts")}" data-close>Add an account</a>`;
  open({
    title: "New project",
    body: html`<div class="dialog-body">${empty({ title: "No account can make one", text: "A project is made in the name of a Google account that works.", action })}</div>`,
  });
  return null;
}
