// Long work: what runs and what has run, live; and starting a bench or a probe.

import { Panel } from "/static/lib/panel.js";
import { ago } from "/static/lib/time.js";
import { askForBench, askForProbe } from "/static/panels/job-new.js";
import { duration } from "/static/lib/format.js";
import { empty, skeleton } from "/static/lib/states.js";
import { html, nothing } from "/static/lib/html.js";
import { icon } from "/static/lib/icons.js";
import { isOver, titleOf, toneOf } from "/static/panels/job-follow.js";
import { jobResults, tally } from "/static/panels/job-results.js";
import { navigate, route } from "/static/lib/router.js";
import { progress } from "/static/panels/job-tray.js";
import { table } from "/static/lib/table.js";

const NEWS_MS = 250;

class Jobs extends Panel {
  #opened = new Set();
  #shown = new Map();

  frame() {
    return html`<header class="panel-head"><h1>Jobs and bench</h1><div class="row">
        <button type="button" class="button" data-action="probe">${icon("search")}Probe projects</button>
        <button type="button" class="button primary" data-action="bench">${icon("play")}Run a bench</button>
      </div></header>
      <div data-region="main"></div>`;
  }

  opened() {
    this.#openNamed();
    this.on("job", (told) => this.#heed(told));
  }

  moved() {
    this.#openNamed();
    return this.refresh();
  }

  async load({ get }) {
    const { jobs } = await get("/api/jobs", { limit: 50 });
    const wanted = jobs.filter(
      (job) => this.#opened.has(job.id) && !isOver(this.#shown.get(job.id) ?? { state: "running" }),
    );
    const read = await Promise.all(
      wanted.map(({ id }) => get(`/api/jobs/${encodeURIComponent(id)}`)),
    );
    for (const job of read) this.#shown.set(job.id, job);
    return jobs.map((job) => ({ ...job, ...this.#shown.get(job.id) }));
  }

  render(jobs) {
    if (!jobs.length) return none();
    return table({
      label: "Jobs",
      columns: columnsFor(this.#opened),
      rows: jobs,
      keyOf: ({ id }) => id,
      detailOf: (job) => (this.#opened.has(job.id) ? this.#detail(job) : nothing),
    });
  }

  actions = {
    disclose: ({ dataset: { id } }) => {
      const isOpening = !this.#opened.delete(id);
      if (isOpening) this.#opened.add(id);
      this.show("main", this.render(this.data));
      return isOpening ? this.refresh() : undefined;
    },
    bench: async () => this.#goTo(await askForBench()),
    probe: async () => this.#goTo(await askForProbe()),
  };

  #goTo(job) {
    if (job) navigate("jobs", {}, job.id);
  }

  #openNamed() {
    const [id] = route().rest;
    if (id) this.#opened.add(id);
  }

  /** Progress shows at once; results are read when there is somebody to see them. */
  #heed(told) {
    const known = this.data?.find(({ id }) => id === told.id);
    if (!known || isOver(told)) return this.refreshSoon(NEWS_MS);
    Object.assign(known, told);
    this.show("main", this.render(this.data));
    if (this.#opened.has(told.id)) this.refreshSoon(NEWS_MS);
  }

  #detail(job) {
    return html`<div class="job-detail">${job.results ? html`${jobResults(job)}` : skeleton(3)}</div>`;
  }
}

function columnsFor(opened) {
  return [
    {
      key: "kind",
      title: "Job",
      className: "job-name",
      cell: (job) => name(job, opened.has(job.id)),
    },
    {
      key: "state",
      title: "State",
      cell: (job) => html`<span class="badge" data-tone="${toneOf(job)}">${job.state}</span>`,
    },
    {
      key: "progress",
      title: "Progress",
      className: "job-progress",
      cell: (job) => html`${progress(job)}`,
    },
    { key: "createdAt", title: "Started", cell: ({ createdAt }) => ago(createdAt) },
    { key: "took", title: "Took", numeric: true, cell: took },
    { key: "who", title: "By", className: "job-who", cell: ({ who }) => who || "–" },
  ];
}

function name(job, isOpen) {
  const about = job.target || job.error || "";
  return html`<span class="job-names"><button type="button" class="disclose" data-action="disclose" data-id="${job.id}" aria-expanded="${String(isOpen)}"><strong>${titleOf(job)}</strong></button>
    <small>${about} ${tally(job)}</small></span>`;
}

function took({ startedAt, finishedAt }) {
  return startedAt && finishedAt ? duration(new Date(finishedAt) - new Date(startedAt)) : "–";
}

function none() {
  const action = html`<button type="button" class="button primary" data-action="bench">Run a bench</button>`;
  return empty({
    title: "No jobs of late",
    text: "Tests of all projects, new projects, probes and benches show here for a day. A bench measures how quick and how even the pool is.",
    name: "jobs",
    action,
  });
}

customElements.define("jobs-panel", Jobs);
