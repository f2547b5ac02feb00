// Today at a glance: what is ready, what was asked, what is happening.

import { Panel } from "/static/lib/panel.js";
import { compact, duration, number, percent } from "/static/lib/format.js";
import { firstSteps, stepsOf } from "/static/panels/overview/first-steps.js";
import { html, nothing } from "/static/lib/html.js";
import "/static/panels/overview/charts.js";
import "/static/panels/overview/feed.js";
import "/static/panels/overview/models.js";

const FIGURES = [
  { title: "Requests today", of: (stats) => compact(stats.apiRequestsToday) },
  {
    title: "Error rate",
    of: (stats) => percent(stats.errorRate),
    isBad: (stats) => stats.errorRate > 0.05,
  },
  { title: "Tokens today", of: (stats) => compact(stats.tokensToday) },
  { title: "Latency p50", of: (stats) => duration(stats.p50Ms) },
  { title: "Latency p95", of: (stats) => duration(stats.p95Ms) },
  { title: "Active projects", of: (stats) => number(stats.activeProjects) },
  { title: "Accounts", of: (stats) => number(stats.totalAccounts) },
];

class Overview extends Panel {
  static refreshOn = ["request", "status_update"];

  #areStepsDone = false;

  frame() {
    return html`<header class="panel-head"><h1>Overview</h1></header>
      <div class="overview">
        <overview-wrong></overview-wrong>
        <section aria-label="Today" data-region="main"></section>
        <overview-models></overview-models>
        <overview-charts></overview-charts>
        <overview-feed></overview-feed>
      </div>`;
  }

  async load({ get }) {
    const stats = await get("/api/dashboard/stats");
    if (isAmiss(stats)) import("/static/panels/overview/wrong.js").catch(reportError);
    const steps = this.#areStepsDone ? null : await stepsOf(stats, get);
    this.#areStepsDone ||= steps.every((step) => step.isDone);
    return { stats, steps: this.#areStepsDone ? null : steps };
  }

  moved() {
    this.querySelector("overview-charts").moved();
  }

  loading() {
    return html`<dl class="figures">${FIGURES.map(({ title }) => figure(title, html`<span class="skeleton"></span>`))}</dl>`;
  }

  render({ stats, steps }) {
    return html`${steps ? firstSteps(steps) : nothing}
      <dl class="figures" data-status="${stats.status}">
        ${FIGURES.map(({ title, of, isBad }) => figure(title, of(stats), isBad?.(stats)))}
      </dl>`;
  }
}

/** Whether there may be anything for <overview-wrong> to tell. */
const isAmiss = ({ status, errorRate, failingAccounts, failingProjects }) =>
  !["connected", "degraded-routed"].includes(status) ||
  errorRate + failingAccounts + failingProjects > 0;

const figure = (title, value, isBad = false) =>
  html`<div class="figure ${isBad ? "bad" : ""}"><dt>${title}</dt><dd>${value}</dd></div>`;

customElements.define("overview-panel", Overview);
