// Charts over time, as SVG: to look at, to walk through with the arrow keys, to read as a table.
//
//   chart({
//     title: "Requests", value: "1,234", by: "hour", format: "compact", kind: "bars",
//     at: ["2026-01-31T09:00:00Z", …],
//     series: [{ name: "answered", values: [3, …], tone: "good" }, …],
//   })
//
// `kind` is bars (stacked), area (stacked by nothing) or line; `tone` is good, fair, bad, none
// or the number of a series' colour; `format` is a name of FORMATS. A value of null is none.

import { FORMATS } from "/static/lib/format.js";
import {
  areaPath,
  across,
  barPaths,
  dotsPath,
  highestOf,
  labelled,
  linePath,
  ticksUpTo,
} from "/static/lib/plot.js";
import { html, nothing, render } from "/static/lib/html.js";

const WHOLE = new Set(["compact", "number"]);
const LEAST = { percent: 0.05 };
const TIMES = {
  hour: new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }),
  day: new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }),
};
const LONG_TIMES = {
  hour: new Intl.DateTimeFormat("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" }),
  day: new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    timeZone: "UTC",
  }),
};
const KEYS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

const narrow = matchMedia("(width < 40rem)");

/** A chart, to be put into `html`. What it shows may change; where one is in it stays. */
export const chart = (spec) => html`<time-chart data-spec="${JSON.stringify(spec)}"></time-chart>`;

class TimeChart extends HTMLElement {
  static observedAttributes = ["data-spec"];

  #spec = null;
  #chosen = null;
  #isTable = false;

  connectedCallback() {
    this.addEventListener("click", this);
    this.addEventListener("keydown", this);
    this.addEventListener("pointermove", this);
    this.addEventListener("pointerleave", this);
    this.addEventListener("focusout", this);
    narrow.addEventListener("change", this);
    this.#write();
  }

  disconnectedCallback() {
    narrow.removeEventListener("change", this);
  }

  attributeChangedCallback(_, __, text) {
    this.#spec = JSON.parse(text);
    if (this.#chosen >= this.#spec.at.length) this.#chosen = null;
    if (this.isConnected) this.#write();
  }

  handleEvent(event) {
    if (event.type === "click") this.#toggle(event);
    else if (event.type === "keydown") this.#walk(event);
    else if (event.type === "pointermove") this.#point(event);
    else if (event.type === "change") this.#write();
    else this.#choose(null);
  }

  #toggle(event) {
    if (!event.target.closest("[data-as-table]")) return;
    this.#isTable = !this.#isTable;
    this.#write();
  }

  #walk(event) {
    if (!event.target.closest(".plot") || !(event.key in KEYS)) return;
    event.preventDefault();
    const last = this.#spec.at.length - 1;
    const next = this.#chosen === null ? last : this.#chosen + KEYS[event.key];
    this.#choose(Math.max(0, Math.min(last, event.key === "Home" ? 0 : next)));
  }

  #point(event) {
    const plot = event.target.closest(".plot");
    if (!plot) return this.#choose(null);
    const { left, width } = plot.getBoundingClientRect();
    const count = this.#spec.at.length;
    this.#choose(
      Math.max(0, Math.min(count - 1, Math.floor(((event.clientX - left) / width) * count))),
    );
  }

  #choose(i) {
    if (i === this.#chosen) return;
    this.#chosen = i;
    this.#write();
  }

  #write() {
    if (this.#spec) render(this, figure(this.#spec, this.#chosen, this.#isTable));
  }
}

// ---------------------------------------------------------------- the whole

function figure(spec, chosen, isTable) {
  const { title, value, series } = spec;
  const keys = series.map(
    (each, i) =>
      html`<li data-series="${each.tone ?? i + 1}"><i></i><span>${each.name}</span></li>`,
  );
  return html`<div class="chart-head">
      <h3>${title}</h3>
      <button type="button" class="button ghost small" data-as-table aria-pressed="${String(isTable)}" aria-label="${title} as a table">Table</button>
      <p class="chart-value">${value}</p>
      <ul class="chart-keys" role="list">${keys}</ul>
    </div>
    <div class="chart-body">${isTable ? asTable(spec) : asPicture(spec, chosen)}</div>`;
}

function asTable({ title, at, series, by, format }) {
  const write = FORMATS[format];
  const rows = at.map(
    (instant, i) =>
      html`<tr><th scope="row">${LONG_TIMES[by].format(new Date(instant))}</th>${series.map(({ values }) => html`<td>${write(values[i])}</td>`)}</tr>`,
  );
  return html`<div class="chart-table" role="region" aria-label="${title} by ${by}" tabindex="0"><table>
    <thead><tr><th scope="col">${by === "hour" ? "Hour" : "Day"}</th>${series.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${rows.toReversed()}</tbody>
  </table></div>`;
}

// ---------------------------------------------------------------- the picture

function asPicture(spec, chosen) {
  const { at, series, kind, format, title, by } = spec;
  const highest = Math.max(highestOf(series, kind === "bars"), LEAST[format] ?? 0);
  const ticks = ticksUpTo(highest, WHOLE.has(format));
  const top = ticks.at(-1);
  const shown = chosen ?? at.length - 1;
  return html`
    <div class="plot" tabindex="0" role="slider" aria-label="${title}, by ${by}" aria-valuemin="1" aria-valuemax="${at.length}"
      aria-valuenow="${shown + 1}" aria-valuetext="${reading(spec, shown)}">
      ${ticks.map((tick) => html`<span class="tick" data-vars="y: ${(tick / top) * 100}%">${FORMATS[format](tick)}</span>`)}
      <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true"><path class="grid" d="${ticks.map((tick) => `M0 ${100 - (tick / top) * 100}H100`).join("")}"/>${marks(series, kind, top)}</svg>
      ${isEmpty(spec) ? html`<p class="plot-empty">Nothing in this time.</p>` : nothing}
      ${chosen === null ? nothing : cursor(spec, chosen)}
    </div>
    <div class="plot-times" aria-hidden="true">${labelled(at.length, narrow.matches ? 4 : 6).map((i) => html`<span data-vars="x: ${across(i, at.length)}%">${TIMES[by].format(new Date(at[i]))}</span>`)}</div>`;
}

/** No value at all; nought of something counted is none, either. */
function isEmpty({ series, kind }) {
  return series.every(({ values }) =>
    values.every((value) => (kind === "line" ? (value ?? null) === null : !value)),
  );
}

function marks(series, kind, top) {
  const bars = kind === "bars" ? barPaths(series, top) : [];
  return series.map(({ values, tone }, i) => {
    const of = html`data-series="${tone ?? i + 1}"`;
    if (kind === "bars") return html`<path class="bars" ${of} d="${bars[i]}"/>`;
    const area =
      kind === "area" ? html`<path class="area" ${of} d="${areaPath(values, top)}"/>` : nothing;
    return html`${area}<path class="line" ${of} d="${linePath(values, top)}"/><path class="line dots" ${of} d="${dotsPath(values, top)}"/>`;
  });
}

function cursor({ at, series, by, format }, i) {
  const write = FORMATS[format];
  const rows = series.map(
    ({ name, values, tone }, n) =>
      html`<div data-series="${tone ?? n + 1}"><dt><i></i><span>${name}</span></dt><dd>${write(values[i])}</dd></div>`,
  );
  return html`<span class="cursor" data-vars="x: ${across(i, at.length)}%"></span>
    <div class="reading ${i * 2 >= at.length ? "before" : ""}" data-vars="x: ${across(i, at.length)}%" aria-hidden="true"><div><b>${LONG_TIMES[by].format(new Date(at[i]))}</b><dl>${rows}</dl></div></div>`;
}

function reading({ at, series, by, format }, i) {
  const values = series.map(({ name, values }) => `${name} ${FORMATS[format](values[i])}`);
  return `${LONG_TIMES[by].format(new Date(at[i]))}: ${values.join(", ")}`;
}

customElements.define("time-chart", TimeChart);
