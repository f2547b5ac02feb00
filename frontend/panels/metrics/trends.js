// A metric day by day, and in words which way it goes.

import { Panel } from "/static/lib/panel.js";
import { FORMATS, number, tenth } from "/static/lib/format.js";
import { chart } from "/static/lib/chart.js";
import { chosenOf, segments } from "/static/lib/segments.js";
import { courseOf } from "/static/panels/metrics/course.js";
import { html, nothing } from "/static/lib/html.js";
import { replaceParams, route } from "/static/lib/router.js";

const SETTLE_MS = 3_000;
const METRICS = [
  ["requests", "Requests"],
  ["errors", "Errors"],
  ["latency", "Latency"],
  ["tokens", "Tokens"],
  ["quota", "Quota"],
];
const DAYS = [
  ["7", "7 days"],
  ["14", "14 days"],
  ["30", "30 days"],
];
const UNITS = {
  requests: { name: "requests", format: "compact", kind: "bars", tone: 1 },
  errors: { name: "failed requests", format: "compact", kind: "bars", tone: "bad" },
  latency: { name: "on average", format: "duration", kind: "line", tone: 2 },
  tokens: { name: "tokens", format: "compact", kind: "bars", tone: 1 },
  quota: { name: "attempts counted by Google", format: "compact", kind: "bars", tone: 4 },
};
const UNWELCOME = new Set(["errors", "latency"]);
const WORDS = { increasing: "Rising", decreasing: "Falling", stable: "Steady" };

class Trends extends Panel {
  actions = {
    metric: (button) => this.#turn({ metric: button.value }),
    days: (button) => this.#turn({ days: button.value }),
  };

  frame() {
    return html`<section aria-labelledby="trends-title">
      <header class="row spread"><h2 id="trends-title">Trends</h2><div class="row" data-region="choices"></div></header>
      <div class="card chart-card" data-region="main"></div>
    </section>`;
  }

  opened() {
    this.#showChoices();
    this.on("request", () => this.refreshSoon(SETTLE_MS));
    this.on("state", (state) => state === "open" && this.refreshSoon());
  }

  moved() {
    this.#showChoices();
    return this.refresh();
  }

  load({ get }) {
    return get("/api/gswarm/metrics/trends", choices());
  }

  loading() {
    return nothing;
  }

  render({ metric, dataPoints, peak, ...counted }) {
    const { name, format, kind, tone } = UNITS[metric];
    const at = dataPoints.map(({ date }) => `${date}T00:00:00Z`);
    const isLatency = metric === "latency"; // which a day without requests has none of
    const values = dataPoints.map(({ value }) => (isLatency && !value ? null : value));
    const { average, trend, percentChange } = isLatency ? courseOf(values) : counted;
    const title = METRICS.find(([own]) => own === metric)[1];
    const mean = isLatency
      ? FORMATS[format](average)
      : `${average < 10 ? tenth(average) : FORMATS[format](average)} a day`;
    const isCourse = values.filter(Boolean).length > 1; // one day goes nowhere
    return html`${chart({ title, value: mean, by: "day", format, kind, at, series: [{ name, tone, values }] })}
      <p class="row trend">${isCourse ? html`<span class="badge" data-tone="${toneOf(metric, trend)}">${WORDS[trend]}</span>` : nothing}
        <span class="quiet-text">${mean} on average, ${FORMATS[format](peak)} at most${isCourse ? change(percentChange) : nothing}</span></p>`;
  }

  #turn(params) {
    replaceParams(params);
    return this.moved();
  }

  #showChoices() {
    const { metric, days } = choices();
    this.show(
      "choices",
      html`${segments("metric", "Metric", METRICS, metric)}${segments("days", "Days", DAYS, days)}`,
    );
  }
}

function choices() {
  const { params } = route();
  return {
    metric: chosenOf(METRICS, params.get("metric")),
    days: chosenOf(DAYS, params.get("days")),
  };
}

function toneOf(metric, trend) {
  if (!UNWELCOME.has(metric) || trend === "stable") return "";
  return trend === "increasing" ? "bad" : "good";
}

function change(percentage) {
  if (percentage === null) return nothing;
  return `; today ${percentage < 0 ? "−" : "+"}${number(Math.abs(percentage))} % against the first day with requests`;
}

customElements.define("metrics-trends", Trends);
