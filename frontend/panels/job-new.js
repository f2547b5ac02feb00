// The dialogs that start a bench or a probe.

import { ApiError, get } from "/static/lib/api.js";
import { field } from "/static/lib/forms.js";
import { fill } from "/static/lib/dialog.js";
import { html } from "/static/lib/html.js";
import { startJob } from "/static/panels/job-follow.js";

/** Answers the job, or null. */
export async function askForBench() {
  return fill({
    title: "Run a bench",
    action: "Run",
    fields: html`
      ${await modelField()}
      ${field({ name: "requests", label: "Requests", type: "number", value: 20, required: true, attributes: html`min="1" max="200" inputmode="numeric"`, hint: "1 to 200; each is real traffic and uses quota." })}
      ${field({ name: "concurrency", label: "At the same time", type: "number", value: 4, required: true, attributes: html`min="1" max="20" inputmode="numeric"`, hint: "1 to 20." })}
      ${field({ name: "stream", label: "Stream the answers", type: "checkbox", value: true, hint: "Measures the time to the first token, too." })}`,
    submit: (values) => startJob("/api/bench", values),
  });
}

/** Answers the job, or null. */
export async function askForProbe() {
  return fill({
    title: "Probe projects",
    action: "Probe",
    fields: html`
      ${await modelField()}
      ${field({ name: "projectIds", label: "Only these projects", type: "textarea", placeholder: "all of them, if left empty", hint: "One ID per line.", attributes: html`spellcheck="false"` })}
      ${field({ name: "disableFailing", label: "Take those out of rotation that Google refuses", type: "checkbox", hint: "What is only limited, or down for the moment, stays." })}`,
    submit: (values) => probe(values),
  });
}

function probe({ model, projectIds, disableFailing }) {
  const ids = (projectIds ?? "").split(/[\s,]+/).filter(Boolean);
  return startJob("/api/probe", { model, disableFailing, projectIds: ids.length ? ids : null });
}

/** What can be served now; every model that is known, where nothing can. */
async function modelField() {
  const { models, defaultModel } = await get("/api/gswarm/models");
  const served = models.filter(({ available }) => available);
  const options = (served.length ? served : models).map(({ id }) => id);
  if (!options.length) throw new ApiError("No model is known.");
  return field({
    name: "model",
    label: "Model",
    type: "select",
    options,
    value: defaultModel,
    required: true,
  });
}
