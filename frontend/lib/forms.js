// Forms: how a field looks, what was typed, and what is wrong with it.
//
//   html`<form data-action="create">${field({ name: "name", label: "Name", required: true })}</form>`
//   const { name, limit } = valuesOf(form);

import { flag, html, nothing, render } from "/static/lib/html.js";

let made = 0;

/** A labelled control. `type` is an input's, `select` (with `options`), `textarea` or
 *  `checkbox`; `hint` explains, `unit` follows a number. */
export function field(given) {
  const { name, label, hint = "", id = `field-${name}-${(made += 1)}` } = given;
  const about = `${id}-about`;
  const control = controlOf({ ...given, id, about });
  const isBox = given.type === "checkbox";
  return html`<div class="field ${isBox ? "field-box" : ""}" data-field="${name}">
    ${isBox ? control : nothing}<label for="${id}">${label}</label>
    ${isBox ? nothing : html`<span class="field-control">${control}${given.unit ? html`<span class="unit">${given.unit}</span>` : nothing}</span>`}
    <p class="field-about" id="${about}"><span data-error></span><span>${hint}</span></p>
  </div>`;
}

/** What a form holds: numbers as numbers, boxes as booleans, nothing typed as null. */
export function valuesOf(form) {
  const values = {};
  for (const control of form.elements) {
    if (!control.name || control.disabled || (control.type === "radio" && !control.checked))
      continue;
    values[control.name] = valueOf(control);
  }
  return values;
}

/** Have each control show the parameter of its name; without, it is empty. */
export function showParams(form, params = new URLSearchParams()) {
  for (const control of form.elements) control.value = params.get(control.name) ?? "";
}

/** Say what the API found wrong: at each field it names, the rest above the buttons. */
export function showErrors(form, error) {
  clearErrors(form);
  const rest = [];
  for (const [path, problems] of Object.entries(error.details ?? {})) {
    const words = [problems].flat(2).join(" ");
    const place = form.querySelector(`[data-field="${CSS.escape(path)}"]`);
    if (place) markWrong(place, words);
    else if (words !== error.message) rest.push(`${path}: ${words}`);
  }
  const marked = form.querySelector("[aria-invalid=true]");
  const summary = form.querySelector("[data-form-error]");
  if (summary)
    render(
      summary,
      rest.length || !marked
        ? html`<p class="alert" role="alert">${[error.message, ...rest].join(" ")}</p>`
        : nothing,
    );
  (marked ?? summary)?.scrollIntoView?.({ block: "nearest" });
  marked?.focus();
}

export function clearErrors(form) {
  for (const control of form.querySelectorAll("[aria-invalid]"))
    control.removeAttribute("aria-invalid");
  for (const place of form.querySelectorAll("[data-error]")) place.textContent = "";
  const summary = form.querySelector("[data-form-error]");
  if (summary) render(summary, nothing);
}

function markWrong(place, words) {
  const about = place.querySelector("[data-error]");
  if (about) about.textContent = words;
  place.querySelector("input, select, textarea")?.setAttribute("aria-invalid", "true");
}

function controlOf({
  type = "text",
  name,
  id,
  about,
  value,
  options = [],
  required,
  attributes = nothing,
  placeholder = "",
}) {
  const common = html`id="${id}" name="${name}" aria-describedby="${about}" ${flag("required", required)} ${attributes}`;
  if (type === "checkbox") return html`<input type="checkbox" ${common} ${flag("checked", value)}>`;
  if (type === "textarea")
    return html`<textarea ${common} placeholder="${placeholder}">${value}</textarea>`;
  if (type === "select")
    return html`<select ${common}>${options.map((each) => optionOf(each, value))}</select>`;
  return html`<input type="${type}" ${common} value="${value}" placeholder="${placeholder}" ${type === "number" ? html`step="any"` : nothing}>`;
}

function optionOf(option, value) {
  const [own, label] = Array.isArray(option) ? option : [option, option];
  return html`<option value="${own}" ${flag("selected", String(own) === String(value ?? ""))}>${label}</option>`;
}

function valueOf(control) {
  if (control.type === "checkbox") return control.checked;
  if (control.multiple) return [...control.selectedOptions].map((option) => option.value);
  if (control.value === "") return null;
  return control.type === "number" ? Number(control.value) : control.value;
}
