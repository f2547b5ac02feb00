// What was asked over hours and days: how much, how well, how fast.

import { Panel } from "/static/lib/panel.js";
import { chart } from "/static/lib/chart.js";
import { compact, duration, percent } from "/static/lib/format.js";
import { html } from "/static/lib/html.js";
import { replaceParams, route } from "/static/lib/router.js";
import { chosenOf, segments } from "/static/lib/segments.js";

const SETTLE_MS = 3_000;
const RANGES = [
  ["24h", "24 h"],
  ["7d", "7 days"],
  ["14d", "14 days"],
  ["30d", "30 days"],
];
const SPLITS = [
  ["", "All"],
  ["model", "By model"],
  ["account", "By account"],
];

const VALUES = {
  requests: (point) => point.total,
  tokens: (point) => point.tokens_used,
  errors: (point) => (point.total ? point.failed / point.total : null),
  latency: (point) => point.p95_ms,
};

class Charts extends Panel {
  actions = {
    range: (button) => this.#turn({ range: button.value }),
    split: (button) => this.#turn({ by: button.value }),
  };

  frame() {
    return html`<section aria-labelledby="traffic-title">
      <header class="row spread"><h2 id="traffic-title">Traffic</h2><div class="row" data-region="choices"></div></header>
      <div data-region="main"></div>
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

  async load({ get }) {
    const { range, by } = choices();
    const time = range === "24h" ? { hours: 24 } : { days: Number.parseInt(range, 10) };
    const found = await get("/api/dashboard/metrics", { ...time, split: by });
    return { ...found, step: range === "24h" ? "hour" : "day", by };
  }

  loading() {
    return html`<div class="charts">${["Requests", "Tokens", "Error rate", "Latency"].map((title) => html`<div class="card chart-card"><h3>${title}</h3></div>`)}</div>`;
  }

  render(data) {
    const draw = data.by ? byPart : asWhole;
    return html`<div class="charts">${draw(data).map((spec) => html`<div class="card chart-card" data-key="${spec.title}">${chart(spec)}</div>`)}</div>`;
  }

  #turn(params) {
    replaceParams(params);
    return this.moved();
  }

  #showChoices() {
    const { range, by } = choices();
    this.show(
      "choices",
      html`${segments("split", "Split", SPLITS, by)}${segments("range", "Time", RANGES, range)}`,
    );
  }
}

function choices() {
  const { params } = route();
  return { range: chosenOf(RANGES, params.get("range")), by: chosenOf(SPLITS, params.get("by")) };
}

function headsOf({ series }) {
  const sum = (name) => series.reduce((all, point) => all + point[name], 0);
  const total = sum("total");
  return {
    requests: compact(total),
    tokens: compact(sum("tokens_used")),
    errors: percent(total ? sum("failed") / total : 0),
  };
}

/** Answered and failed apart, and both percentiles. */
function asWhole(data) {
  const of = (read) => data.series.map(read);
  const heads = headsOf(data);
  const shared = { at: of((point) => point.at), by: data.step };
  return [
    {
      ...shared,
      title: "Requests",
      value: heads.requests,
      kind: "bars",
      format: "compact",
      series: [
        { name: "answered", tone: "good", values: of((point) => point.successful) },
        { name: "failed", tone: "bad", values: of((point) => point.failed) },
      ],
    },
    {
      ...shared,
      title: "Tokens",
      value: heads.tokens,
      kind: "area",
      format: "compact",
      series: [{ name: "tokens", tone: 1, values: of(VALUES.tokens) }],
    },
    {
      ...shared,
      title: "Error rate",
      value: heads.errors,
      kind: "line",
      format: "percent",
      series: [{ name: "failed", tone: "bad", values: of(VALUES.errors) }],
    },
    {
      ...shared,
      title: "Latency",
      value: `${duration(latest(of(VALUES.latency)))} p95`,
      kind: "line",
      format: "duration",
      series: [
        { name: "p50", tone: 2, values: of((point) => point.p50_ms) },
        { name: "p95", tone: 1, values: of(VALUES.latency) },
      ],
    },
  ];
}

const NOBODY = { model: "no model", account: "no account" };

/** The largest models or accounts in their own colours, the others in one; what reached
 *  none of them in grey, so that the parts are the whole. */
function byPart(data) {
  const at = data.series.map((point) => point.at);
  const heads = headsOf(data);
  const seriesOf = (read) =>
    data.parts.map(({ kind, name, series }, i) => ({
      name: name ?? (kind === "others" ? "others" : NOBODY[data.by]),
      tone: kind === "nobody" ? "none" : i + 1,
      values: series.map(read),
    }));
  const shared = { at, by: data.step };
  return [
    {
      ...shared,
      title: "Requests",
      value: heads.requests,
      kind: "bars",
      format: "compact",
      series: seriesOf(VALUES.requests),
    },
    {
      ...shared,
      title: "Tokens",
      value: heads.tokens,
      kind: "bars",
      format: "compact",
      series: seriesOf(VALUES.tokens),
    },
    {
      ...shared,
      title: "Error rate",
      value: heads.errors,
      kind: "line",
      format: "percent",
      series: seriesOf(VALUES.errors),
    },
    {
      ...shared,
      title: "Latency p95",
      value: duration(latest(data.series.map(VALUES.latency))),
      kind: "line",
      format: "duration",
      series: seriesOf(VALUES.latency),
    },
  ];
}

const latest = (values) => values.findLast((value) => value !== null);

customElements.define("overview-charts", Charts);
