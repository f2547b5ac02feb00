// Every setting an operator can change while GSwarm runs.
//
// The form is filled anew only while nothing in it has been changed, so that neither a
// refresh nor somebody else's change takes away what is being typed.

import { Panel } from "/static/lib/panel.js";
import {
  GROUPS,
  changesIn,
  fill,
  formOf,
  markChanged,
  readingOf,
} from "/static/panels/config/form.js";
import { ask } from "/static/lib/dialog.js";
import { clearErrors, showErrors } from "/static/lib/forms.js";
import { guardLeaving } from "/static/lib/router.js";
import { html, nothing, render } from "/static/lib/html.js";
import { plural } from "/static/lib/format.js";
import { post } from "/static/lib/api.js";
import { settle } from "/static/panels/config/conflict.js";
import { atFields } from "/static/panels/config/mistakes.js";
import { addRow, removeRow } from "/static/panels/config/tables.js";
import { toast } from "/static/lib/toast.js";

const ADDRESS = "/api/gswarm/config";

class Configuration extends Panel {
  #config = null;
  #models = [];
  #form = null;

  actions = {
    save: (form) => this.#save(form),
    discard: () => this.#discard(),
    add: (button) => this.#changed(addRow(button.closest("[data-table]"))),
    remove: (button) => this.#changed(removeRow(button)),
  };

  frame() {
    return html`<form data-action="save" aria-label="Configuration" novalidate>
      <header class="panel-head config-head">
        <h1>Configuration</h1>
        <p class="quiet-text" data-state role="status"></p>
        <div class="row">
          <button type="button" class="button" data-action="discard" disabled>Discard</button>
          <button type="submit" class="button primary" disabled>Save</button>
        </div>
      </header>
      <div data-region="main"></div>
      <div data-form-error></div>
      <div data-fields></div>
    </form>`;
  }

  loading() {
    const group = html`<div class="config-group"><span class="skeleton"></span><span class="skeleton config-skeleton"></span></div>`;
    return html`${GROUPS.map(() => group)}`;
  }

  opened() {
    this.#form = this.querySelector("form");
    this.listen(this.#form, "input", () => this.#changed());
    const stop = guardLeaving(
      () => this.#isDirty,
      () => this.#mayLeave(),
    );
    this.signal.addEventListener("abort", stop, { once: true });
  }

  async load({ get }) {
    const [config, { models }] = await Promise.all([get(ADDRESS), get("/api/gswarm/models")]);
    return { config, models: models.map(({ id }) => id) };
  }

  render({ config, models }) {
    if (!this.#isDirty) this.#take(config, models);
    return nothing;
  }

  get #changes() {
    return this.#config ? changesIn(this.#form, this.#config) : [];
  }

  get #isDirty() {
    return this.#changes.length > 0;
  }

  #take(config, models = this.#models) {
    this.#config = config;
    this.#models = models;
    fill(this.#form, formOf(config, models));
    clearErrors(this.#form);
    this.#changed();
  }

  /** Say how many changes there are, and where. */
  #changed() {
    const changes = this.#changes;
    markChanged(this.#form, changes);
    for (const place of this.#form.querySelectorAll("[data-reading]")) {
      const words = readingOf(this.#form, place);
      if (place.textContent !== words) place.textContent = words;
    }
    const state = changes.length
      ? html`<span class="badge" data-tone="fair">${plural(changes.length, "unsaved change")}</span>`
      : html`Version ${this.#config.version}, saved`;
    render(this.#form.querySelector("[data-state]"), state);
    for (const button of this.#form.querySelectorAll(".config-head button"))
      button.disabled = !changes.length;
  }

  async #save(form) {
    clearErrors(form);
    const changes = this.#changes;
    if (!changes.length || !form.reportValidity()) return;
    try {
      this.#saved(
        await post(ADDRESS, asBody(changes, this.#config.version), { signal: this.signal }),
      );
    } catch (error) {
      if (error.status === 409 && error.details?.current)
        await this.#settle(changes, error.details.current);
      else showErrors(form, atFields(form, error));
    }
  }

  async #settle(changes, current) {
    const saved = await settle({
      before: this.#config,
      changes,
      current,
      save: (chosen, version) => post(ADDRESS, asBody(chosen, version)),
    });
    if (saved) this.#saved(saved);
  }

  #saved(config) {
    this.#take(config);
    toast("Saved. Every process follows within two seconds.");
  }

  async #discard() {
    const count = plural(this.#changes.length, "unsaved change");
    if (
      !(await ask({
        title: `Discard ${count}?`,
        text: listed(this.#changes),
        action: "Discard",
        danger: true,
      }))
    )
      return;
    this.#take(this.#config);
    await this.refresh();
  }

  #mayLeave() {
    return ask({
      title: "Leave without saving?",
      text: `These changes would be lost: ${listed(this.#changes)}`,
      action: "Leave",
      danger: true,
    });
  }
}

const listed = (changes) => `${changes.map(({ label }) => label).join(", ")}.`;

/** Changes as the API takes them, made on a version. */
function asBody(changes, version) {
  const body = { version };
  for (const { path, value } of changes) {
    const [group, name] = path.split(".");
    (body[group] ??= {})[name] = value;
  }
  return body;
}

customElements.define("config-panel", Configuration);
