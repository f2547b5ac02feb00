// The project that an account is onboarded with, where its tier needs one.

import * as api from "/static/lib/api.js";
import { field } from "/static/lib/forms.js";
import { fill } from "/static/lib/dialog.js";
import { html } from "/static/lib/html.js";
import { toast } from "/static/lib/toast.js";

/** Ask for it; tells whether the account was onboarded. */
export async function chooseProject({ id, email, invalidReason, projectIds }) {
  const listed = html`<datalist id="own-projects">${projectIds.map((each) => html`<option value="${each}"></option>`)}</datalist>`;
  const enrolled = await fill({
    title: `A project for ${email}`,
    fields: html`<p>${invalidReason}</p>${listed}
      ${field({ name: "project", label: "Project", value: projectIds[0] ?? "", required: true, hint: "Its ID or number. One can be made under Projects, too.", attributes: html`list="own-projects" autocomplete="off" spellcheck="false"` })}`,
    action: "Use this project",
    submit: (given) => onboarded(id, given),
  });
  if (enrolled) toast(`${enrolled.email} is in the pool.`);
  return Boolean(enrolled);
}

async function onboarded(id, given) {
  const enrolled = await api.post(`/api/accounts/${encodeURIComponent(id)}/onboard`, given);
  if (enrolled.problem) throw new api.ApiError(enrolled.problem);
  return enrolled;
}
