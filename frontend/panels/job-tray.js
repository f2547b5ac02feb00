// The jobs a panel has under way, as cards above its list.

import { ApiError, isAbort } from "/static/lib/api.js";
import { follow, isOver, shareOf, titleOf, toneOf } from "/static/panels/job-follow.js";
import { hrefOf } from "/static/lib/router.js";
import { html, nothing } from "/static/lib/html.js";
import { jobResults, tally } from "/static/panels/job-results.js";
import { toast } from "/static/lib/toast.js";

export class JobTray {
  #jobs = new Map();

  /** `changed` is called with each news, `ended` with each job that is over. */
  constructor({ changed, ended }) {
    this.changed = changed;
    this.ended = ended;
  }

  /** Show this job until somebody dismisses it. */
  async watch(job, signal) {
    if (this.#jobs.has(job.id)) return;
    this.#show(job);
    try {
      this.ended(await follow(job.id, (news) => this.#show(news), { signal }));
    } catch (error) {
      if (isAbort(error)) return;
      if (!(error instanceof ApiError)) reportError(error);
      this.dismiss(job.id);
      toast(error.message, { kind: "error" });
    }
  }

  dismiss(id) {
    this.#jobs.delete(id);
    this.changed();
  }

  markup() {
    return html`${[...this.#jobs.values()].map(card)}`;
  }

  #show(job) {
    this.#jobs.set(job.id, job);
    this.changed();
  }
}

export function progress(job) {
  const label = `${job.done} of ${job.total}`;
  return html`<span class="progress" data-tone="${toneOf(job)}">
    <span class="bar" role="progressbar" aria-label="${titleOf(job)}" aria-valuemin="0" aria-valuemax="${job.total || 1}" aria-valuenow="${job.done}" aria-valuetext="${label}"><span data-vars="share: ${shareOf(job)}"></span></span>
    <span class="quiet-text">${label}</span>
  </span>`;
}

function card(job) {
  const about = job.target ? html` <span class="quiet-text">${job.target}</span>` : nothing;
  const over = isOver(job);
  return html`<article class="card job-card" data-key="${job.id}" data-state="${job.state}">
    <header class="row spread">
      <h2>${titleOf(job)}${about}</h2>
      <span class="row">${tally(job)}<span class="badge" data-tone="${toneOf(job)}" role="status">${job.state}</span>
        <a class="button ghost small" href="${hrefOf("jobs", {}, job.id)}">Details</a>
        ${over ? html`<button type="button" class="button ghost small" data-action="dismiss" data-job="${job.id}" aria-label="Dismiss ${titleOf(job)}">×</button>` : nothing}</span>
    </header>
    ${progress(job)}
    ${hasMore(job) ? jobResults(onlyFailures(job)) : nothing}
  </article>`;
}

/** A test that went well needs no list. */
function hasMore({ kind, error, results = [] }) {
  return (
    Boolean(error) ||
    kind.startsWith("project-create") ||
    kind.startsWith("project-enable") ||
    results.some(({ ok }) => ok === false)
  );
}

function onlyFailures(job) {
  return job.kind === "project-test"
    ? { ...job, results: job.results.filter(({ ok }) => !ok) }
    : job;
}
