// What every panel stands on: it loads, it renders, it keeps itself true while it is shown.
//
//   class Errors extends Panel {
//     static refreshOn = ["request"];           // live events that make it load again
//     frame() { return html`<h1>Errors</h1><div data-region="main"></div>`; }  // written once
//     load({ get, route }) { return get("/api/dashboard/errors", { type: route.params.get("type") }); }
//     render({ errors }) { return html`…`; }    // into the region `main`, and nowhere else
//     actions = { clear: async (button) => { …; await this.refresh(); } };  // data-action="clear"
//   }
//
// `render` may run at any moment: forms, filters and dialogs belong into `frame`.

import * as api from "/static/lib/api.js";
import * as live from "/static/lib/live.js";
import { failure, skeleton } from "/static/lib/states.js";
import { html, nothing, render } from "/static/lib/html.js";
import { route } from "/static/lib/router.js";
import { run } from "/static/lib/actions.js";

const REFRESH_MS = 1_000;

export class Panel extends HTMLElement {
  static refreshOn = [];

  actions = {};
  data = null;
  #life = null;
  #loading = null;
  #isStale = false;
  #timer = null;

  // ------------------------------------------------------------ what a panel says

  frame() {
    return html`<div data-region="main"></div>`;
  }

  load() {
    return {};
  }

  render() {
    return nothing;
  }

  /** Shown until the first data is there: the shape of what comes. */
  loading() {
    return skeleton();
  }

  /** Once, after the frame is there. */
  opened() {}

  /** Another place within this panel; loads again unless it does better. */
  moved() {
    return this.refresh();
  }

  // ------------------------------------------------------------ what a panel may use

  /** Ends with the panel: hand it to whatever listens or waits. */
  get signal() {
    return this.#life.signal;
  }

  /** Load again and show it; calls that come meanwhile are one more load. */
  async refresh() {
    if (this.#loading) {
      this.#isStale = true;
      return this.#loading;
    }
    this.#loading = this.#load(this.#life);
    try {
      await this.#loading;
    } finally {
      this.#loading = null;
    }
    if (this.#isStale) {
      this.#isStale = false;
      await this.refresh();
    }
  }

  /** Load again soon: any number of events are one load. */
  refreshSoon(ms = REFRESH_MS) {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (this.isConnected && !document.hidden) this.refresh();
    }, ms);
  }

  /** Write into a region of the frame; those of panels within are theirs. */
  show(region, markup) {
    const regions = [...this.querySelectorAll(`[data-region="${region}"]`)];
    const target = regions.find((each) => panelOf(each) === this);
    if (target) render(target, markup);
  }

  listen(target, type, act) {
    target.addEventListener(type, act, { signal: this.signal });
  }

  on(kind, act) {
    live.on(kind, act, { signal: this.signal });
  }

  // ------------------------------------------------------------ its life

  connectedCallback() {
    this.#life = new AbortController();
    render(this, this.frame());
    this.show("main", this.loading());
    this.listen(this, "click", (event) =>
      this.#act(event, "button[data-action], a[data-action], input[data-action]"),
    );
    this.listen(this, "submit", (event) => this.#act(event, "form[data-action]"));
    this.listen(this, "change", (event) => this.#act(event, "select[data-action]"));
    this.listen(document, "visibilitychange", () => document.hidden || this.refreshSoon(0));
    for (const kind of [...this.constructor.refreshOn, "resync"])
      this.on(kind, () => this.refreshSoon());
    this.opened();
    this.refresh();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#life.abort();
    this.#loading = null;
    this.data = null;
    this.replaceChildren();
  }

  async #load(life) {
    const get = (path, query) => api.get(path, query, { signal: life.signal });
    try {
      this.data = await this.load({ get, signal: life.signal, route: route() });
      if (!life.signal.aborted) this.show("main", this.render(this.data));
    } catch (error) {
      if (api.isAbort(error) || life.signal.aborted) return;
      if (!(error instanceof api.ApiError)) reportError(error);
      this.#showFailure(error);
    }
  }

  /** What was shown stays: data of a moment ago is better than none. */
  #showFailure(error) {
    const shown = this.data ? this.render(this.data) : nothing;
    this.show("main", html`${failure(error)}${shown}`);
  }

  #act(event, selector) {
    const element = event.target.closest(selector);
    if (!element || !this.contains(element)) return;
    const { action } = element.dataset;
    const act = action === "retry" ? () => this.refresh() : this.actions[action];
    if (!act) return;
    if (event.type === "submit") event.preventDefault();
    run(element, () => act.call(this, element, event));
  }
}

function panelOf(element) {
  return element instanceof Panel ? element : panelOf(element.parentElement);
}
