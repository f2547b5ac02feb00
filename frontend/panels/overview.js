// Today at a glance.

import { Panel } from "/static/lib/panel.js";
import { compact, duration, number, percent } from "/static/lib/format.js";
import { html } from "/static/lib/html.js";

const FIGURES = [
  { title: "Requests today", of: (stats) => compact(stats.apiRequestsToday) },
  { title: "Error rate", of: (stats) => percent(stats.errorRate), isBad: (stats) => stats.errorRate > 0.05 },
  { title: "Tokens today", of: (stats) => compact(stats.tokensToday) },
  { title: "Latency p50", of: (stats) => duration(stats.p50Ms) },
  { title: "Latency p95", of: (stats) => duration(stats.p95Ms) },
  { title: "Active projects", of: (stats) => number(stats.activeProjects) },
  { title: "Accounts", of: (stats) => number(stats.totalAccounts) },
];

class Overview extends Panel {
  static refreshOn = ["request", "status_update"];

  frame() {
    return html`<header class="panel-head"><h1>Overview</h1></header>
      <section aria-label="Today" data-region="main"></section>`;
  }

  load({ get }) {
    return get("/api/dashboard/stats");
  }

  loading() {
    return html`<dl class="figures">${FIGURES.map(({ title }) => figure(title, html`<span class="skeleton"></span>`))}</dl>`;
  }

  render(stats) {
    return html`<dl class="figures" data-status="${stats.status}">
      ${FIGURES.map(({ title, of, isBad }) => figure(title, of(stats), isBad?.(stats)))}
    </dl>`;
  }
}

const figure = (title, value, isBad = false) =>
  html`<div class="figure ${isBad ? "bad" : ""}"><dt>${title}</dt><dd>${value}</dd></div>`;

customElements.define("overview-panel", Overview);
