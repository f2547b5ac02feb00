// What requests add up to: by model, account, project, key or path; to look at and to take away.

import { Panel } from "/static/lib/panel.js";
import { chosenOf, segments } from "/static/lib/segments.js";
import { empty } from "/static/lib/states.js";
import { failures, figures, parts } from "/static/panels/metrics/parts.js";
import { flag, html } from "/static/lib/html.js";
import { hrefOf, replaceParams, route } from "/static/lib/router.js";
import { icon } from "/static/lib/icons.js";
import { nextSort } from "/static/lib/table.js";
import { quotaTable } from "/static/panels/metrics/quota.js";
import { showParams, valuesOf } from "/static/lib/forms.js";
import "/static/panels/metrics/trends.js";

const SETTLE_MS = 3_000;
const DAYS_KEPT = 30;
const DIMENSIONS = [
  ["model", "Model"],
  ["account", "Account"],
  ["project", "Project"],
  ["key", "API key"],
  ["endpoint", "Path"],
];
const SUBJECTS = { model: "All models", account: "All accounts", project: "All projects" };
const FILTERS = ["startDate", "endDate", ...Object.keys(SUBJECTS)];

class Metrics extends Panel {
  #known = { model: new Set(), account: new Set(), project: new Set() };
  #sort = { by: "total", descending: true };

  actions = {
    filter: (form) => this.#filter(form),
    by: (button) => this.#turn({ by: button.value }),
    sort: (button) => {
      this.#sort = nextSort(this.#sort, button.dataset.sort);
      this.show("main", this.render(this.data));
    },
    everything: () => {
      showParams(this.querySelector("form"));
      return this.#filter(this.querySelector("form"));
    },
  };

  frame() {
    const { params } = route();
    const [first, last] = keptDays();
    const day = (name, label) =>
      html`<label>${label} <input type="date" name="${name}" min="${first}" max="${last}" value="${params.get(name)}"></label>`;
    const subject = (name) =>
      html`<select name="${name}" aria-label="${SUBJECTS[name]}" data-region="${name}">${this.#options(name)}</select>`;
    return html`<header class="panel-head"><h1>Metrics</h1><div class="row" data-region="exports"></div></header>
      <form class="metrics-filters" data-action="filter" aria-label="What to add up">${day("startDate", "From (UTC)")}${day("endDate", "To (UTC)")}${Object.keys(SUBJECTS).map(subject)}</form>
      <div class="metrics" data-region="main"></div>
      <metrics-trends></metrics-trends>`;
  }

  opened() {
    const form = this.querySelector("form");
    this.listen(form, "change", () => this.#filter(form));
    this.on("request", () => this.refreshSoon(SETTLE_MS));
    this.on("state", (state) => state === "open" && this.refreshSoon());
    this.#showExports();
  }

  moved() {
    showParams(this.querySelector("form"), route().params);
    this.#showExports();
    this.querySelector("metrics-trends").moved();
    return this.refresh();
  }

  async load({ get }) {
    const found = await get("/api/gswarm/metrics", chosen()).catch(spellOut);
    this.#learn(found);
    return found;
  }

  render(found) {
    const by = chosenOf(DIMENSIONS, route().params.get("by"));
    if (!found.total_requests) return html`${nothingAsked()}${quotaTable(found.quota)}`;
    return html`${figures(found)}
      <section aria-labelledby="parts-title"><header class="row spread"><h2 id="parts-title">By what they have in common</h2>${segments("by", "By", DIMENSIONS, by)}</header>
        ${parts(found[`by_${by}`], DIMENSIONS.find(([own]) => own === by)[1], this.#sort)}</section>
      ${failures(found)}
      ${quotaTable(found.quota)}`;
  }

  #filter(form) {
    return this.#turn(valuesOf(form));
  }

  #turn(params) {
    replaceParams(params);
    this.#showExports();
    return this.refresh();
  }

  /** Names stay to be chosen from while others are filtered away. */
  #learn(found) {
    for (const [name, names] of Object.entries(this.#known)) {
      for (const each of Object.keys(found[`by_${name}`])) names.add(each);
      this.show(name, this.#options(name));
    }
  }

  #options(name) {
    const wanted = route().params.get(name);
    const names = [...new Set([...this.#known[name], ...(wanted ? [wanted] : [])])].sort();
    return html`<option value="">${SUBJECTS[name]}</option>${names.map((each) => html`<option value="${each}" ${flag("selected", each === wanted)}>${each}</option>`)}`;
  }

  #showExports() {
    const { startDate, endDate } = chosen();
    const days = Object.entries({ startDate, endDate }).filter(([, day]) => day);
    const address = (format) =>
      `/api/gswarm/metrics/export?${new URLSearchParams([["format", format], ...days])}`;
    const links = ["json", "csv", "zip"].map(
      (format) =>
        html`<a class="button" href="${address(format)}" download>${icon("download")}${format.toUpperCase()}</a>`,
    );
    this.show("exports", html`<span class="quiet-text">Export these days</span>${links}`);
  }
}

function chosen() {
  const { params } = route();
  return Object.fromEntries(FILTERS.map((name) => [name, params.get(name)]));
}

function keptDays() {
  const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  return [day(DAYS_KEPT - 1), day(0)];
}

/** What is wrong with a field is worth more than that something is. */
function spellOut(error) {
  const details = Object.values(error.details ?? {}).flat(2);
  if (details.length) error.message = details.join(" ");
  throw error;
}

function nothingAsked() {
  if (Object.values(chosen()).some(Boolean)) {
    return empty({
      title: "No such requests",
      text: "Nothing that was asked is of these days and names.",
      action: html`<button type="button" class="button" data-action="everything">Show everything</button>`,
    });
  }
  return empty({
    title: "Nothing to add up yet",
    text: "Once clients ask, their requests are counted here for 30 days.",
    action: html`<a class="button primary" href="${hrefOf("playground")}">Open the Playground</a>`,
  });
}

customElements.define("metrics-panel", Metrics);
