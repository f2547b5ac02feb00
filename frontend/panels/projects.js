// The ranking of projects as it is now, and what one can do with each of them.

import { JobTray } from "/static/panels/job-tray.js";
import { Panel } from "/static/lib/panel.js";
import { STATES, TERMS, columnsFor } from "/static/panels/project-row.js";
import { askForProject } from "/static/panels/project-new.js";
import { get, isAbort, post } from "/static/lib/api.js";
import { empty } from "/static/lib/states.js";
import { flag, html, nothing } from "/static/lib/html.js";
import { hrefOf, replaceParams, route } from "/static/lib/router.js";
import { icon } from "/static/lib/icons.js";
import { isOver, startJob } from "/static/panels/job-follow.js";
import { nextSort, table } from "/static/lib/table.js";
import { number } from "/static/lib/format.js";
import { projectDetail } from "/static/panels/project-detail.js";
import { refusalsOf } from "/static/panels/google-refusals.js";
import { showParams } from "/static/lib/forms.js";
import { toast } from "/static/lib/toast.js";

const PAGE_SIZE = 50;
const TYPING_MS = 200;
const LARGE = 300;
const OURS = ["project-test", "project-create", "project-enable"];
const BEST_FIRST = { by: "health", descending: true };

class Projects extends Panel {
  static refreshOn = [
    "project_cooldown",
    "project_recovered",
    "account_invalid",
    "request",
    "status_update",
  ];

  #opened = new Set();
  #outcomes = new Map();
  #refusals = new Map();
  #order = [];
  #jobs = null;
  #typing = null;

  frame() {
    const { params } = route();
    return html`<header class="panel-head"><h1>Projects</h1><div class="row">
        <button type="button" class="button" data-action="rediscover">${icon("refresh")}Sync from Google</button>
        <button type="button" class="button" data-action="testAll">${icon("play")}Test all</button>
        <button type="button" class="button primary" data-action="create">${icon("plus")}New project</button>
      </div></header>
      <form class="filters" role="search" data-action="search">
        <input type="search" name="search" aria-label="Search projects" placeholder="Search by project, name or account" value="${params.get("search")}" autocomplete="off" spellcheck="false">
        <select name="account" aria-label="Account" data-region="accounts"><option value="">All accounts</option></select>
        <select name="status" aria-label="State"><option value="">All states</option>${Object.entries(STATES).map(([value, { word }]) => html`<option value="${value}" ${flag("selected", params.get("status") === value)}>${word}</option>`)}</select>
      </form>
      <div class="stack job-cards" data-region="jobs"></div>
      <div class="ranking" data-region="main"></div>`;
  }

  opened() {
    this.#jobs = new JobTray({
      changed: () => this.show("jobs", this.#jobs.markup()),
      ended: () => this.refreshSoon(0),
    });
    const form = this.querySelector(".filters");
    this.listen(form, "input", () => this.#filterSoon(form));
    this.#prepare();
  }

  moved() {
    clearTimeout(this.#typing);
    showParams(this.querySelector(".filters"), route().params);
    this.#order = [];
    return this.refresh();
  }

  async load({ get: read, route: { params } }) {
    const { by, descending } = sortOf(params);
    const found = await read("/api/projects", {
      search: params.get("search"),
      account: params.get("account"),
      status: params.get("status"),
      sort: by,
      direction: descending ? "desc" : "asc",
      page: params.get("page"),
      pageSize: PAGE_SIZE,
    });
    this.#refusals = await refusalsOf(found.projects, read);
    return found;
  }

  render({ projects, total, page }) {
    const { params } = route();
    if (!projects.length) return total ? beyond() : nobody(params);
    const rows = this.#steadied(projects);
    return html`${table({
      label: "Projects",
      columns: columnsFor({
        outcomes: this.#outcomes,
        refusals: this.#refusals,
        opened: this.#opened,
      }),
      rows,
      keyOf: ({ id }) => id,
      sort: sortOf(params),
      rowClass: ({ enabled }) => (enabled ? "" : "is-off"),
      detailOf: (row) =>
        this.#opened.has(row.id)
          ? projectDetail(row, this.#outcomes.get(row.id), this.#refusals.get(row.id))
          : nothing,
    })}${foot(page, projects.length, total)}`;
  }

  /** A large pool is ranked anew less often. */
  refreshSoon(ms = this.data?.total > LARGE ? 3_000 : 1_000) {
    super.refreshSoon(ms);
  }

  actions = {
    search: (form) => this.#filter(form),
    sort: ({ dataset }) => {
      const { by, descending } = nextSort(sortOf(route().params), dataset.sort);
      return this.#look({ sort: by, direction: descending ? "desc" : "asc", page: null });
    },
    page: ({ dataset }) => this.#look({ page: dataset.page === "1" ? null : dataset.page }),
    clear: () => {
      showParams(this.querySelector(".filters"));
      return this.#look({ search: null, account: null, status: null, page: null });
    },
    disclose: ({ dataset }) => {
      if (!this.#opened.delete(dataset.id)) this.#opened.add(dataset.id);
      this.show("main", this.render(this.data));
    },
    test: ({ dataset }) => this.#test(dataset.id),
    toggle: (box) => this.#toggle(box),
    reset: async ({ dataset }) => {
      await post(`${pathOf(dataset.id)}/reset`);
      toast(`The cooldown of ${dataset.id} is over.`);
      await this.refresh();
    },
    enable: async ({ dataset }) => this.#watch(await startJob(`${pathOf(dataset.id)}/enable`)),
    testAll: async () => this.#watch(await startJob("/api/projects/test")),
    rediscover: async () => {
      await get("/api/projects", { refresh: true, pageSize: 1 }, { signal: this.signal });
      toast("These are the projects that Google knows.");
      await this.refresh();
    },
    create: async () => {
      const job = await askForProject();
      if (job) this.#watch(job);
    },
    dismiss: ({ dataset }) => this.#jobs.dismiss(dataset.job),
  };

  // ------------------------------------------------------------ looking

  /** Accounts to choose from, and jobs that run already. */
  async #prepare() {
    try {
      const options = { signal: this.signal };
      const [{ accounts }, { jobs }] = await Promise.all([
        get("/api/gswarm/accounts", {}, options),
        get("/api/jobs", { limit: 20 }, options),
      ]);
      const chosen = route().params.get("account");
      this.show(
        "accounts",
        html`<option value="">All accounts</option>${accounts.map(({ email }) => html`<option value="${email}" ${flag("selected", email === chosen)}>${email}</option>`)}`,
      );
      this.querySelector("[name=account]").value = chosen ?? "";
      for (const job of jobs) if (OURS.includes(job.kind) && !isOver(job)) this.#watch(job);
    } catch (error) {
      if (!isAbort(error)) toast(error.message, { kind: "error" });
    }
  }

  #filterSoon(form) {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.isConnected && this.#filter(form), TYPING_MS);
  }

  #filter(form) {
    return this.#look({ ...Object.fromEntries(new FormData(form)), page: null });
  }

  #look(changes) {
    replaceParams(changes);
    this.#order = [];
    return this.refresh();
  }

  /** While somebody points at a row, or has the focus in one, none moves away. */
  #steadied(projects) {
    const isInUse = Boolean(this.querySelector("tbody:is(:hover, :focus-within)"));
    const known = new Set(this.#order);
    if (isInUse && projects.length === known.size && projects.every(({ id }) => known.has(id))) {
      const places = new Map(this.#order.map((id, place) => [id, place]));
      return projects.toSorted((a, b) => places.get(a.id) - places.get(b.id));
    }
    this.#order = projects.map(({ id }) => id);
    return projects;
  }

  // ------------------------------------------------------------ doing

  #watch(job) {
    this.#jobs.watch(job, this.signal);
  }

  async #test(id) {
    const outcome = await post(`${pathOf(id)}/test`);
    this.#outcomes.set(id, outcome);
    if (!outcome.ok) this.#opened.add(id);
    if (this.data) this.show("main", this.render(this.data));
    if (outcome.ok) toast(`${id} answered.`);
  }

  async #toggle(box) {
    const { id } = box.dataset;
    try {
      const { enabled } = await post(`${pathOf(id)}/toggle`, { enabled: box.checked });
      toast(`${id} is ${enabled ? "in" : "out of"} rotation.`);
    } finally {
      await this.refresh();
    }
  }
}

const pathOf = (id) => `/api/projects/${encodeURIComponent(id)}`;

function sortOf(params) {
  if (!params.get("sort")) return BEST_FIRST;
  return { by: params.get("sort"), descending: params.get("direction") === "desc" };
}

function nobody(params) {
  if (["search", "account", "status"].some((name) => params.get(name))) {
    const action = html`<button type="button" class="button" data-action="clear">Show all projects</button>`;
    return empty({
      title: "No project is like that",
      text: "None has these words, this account and this state together.",
      action,
    });
  }
  const action = html`<a class="button primary" href="${hrefOf("accounts")}">Add an account</a>`;
  return empty({
    title: "No projects yet",
    text: "Projects come with their Google account: sign one in, and its projects are found and can be asked at once.",
    action,
  });
}

function beyond() {
  return empty({
    title: "This page is empty",
    text: "There are fewer projects by now.",
    action: turn(1, "First page"),
  });
}

function foot(page, count, total) {
  const first = (page - 1) * PAGE_SIZE;
  const last = Math.ceil(total / PAGE_SIZE);
  const pages = html`<nav class="row" aria-label="Pages">
    ${turn(page - 1, "Previous", page <= 1)}<span class="quiet-text">Page ${number(page)} of ${number(last)}</span>${turn(page + 1, "Next", page >= last)}</nav>`;
  return html`<footer class="table-foot row spread">
    <span class="quiet-text" role="status">${number(first + 1)}–${number(first + count)} of ${number(total)}</span>
    <span class="legend quiet-text" aria-hidden="true">${TERMS.map(({ name, title }) => html`<span class="term-${name}"><i></i>${title}</span>`)}</span>
    ${last > 1 ? pages : nothing}
  </footer>`;
}

function turn(page, label, isOff = false) {
  return html`<button type="button" class="button small" data-action="page" data-page="${page}" ${flag("disabled", isOff)}>${label}</button>`;
}

customElements.define("projects-panel", Projects);
