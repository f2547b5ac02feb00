// How to ask: what stays the same from turn to turn.

import { field } from "/static/lib/forms.js";
import { html } from "/static/lib/html.js";

const EFFORTS = [
  ["", "As the model decides"],
  ["none", "None"],
  ["minimal", "Minimal"],
  ["low", "Low"],
  ["medium", "Medium"],
  ["high", "High"],
];
const TOOL = '[{"type": "function", "function": {"name": "weather", "parameters": {…}}}]';
const JSON_TEXT = html`rows="3" spellcheck="false" autocapitalize="none"`;

export function settingsForm({ system, temperature, effort, tools, schema, fresh }) {
  return html`<form novalidate>
    ${field({ name: "system", label: "System prompt", type: "textarea", value: system, attributes: html`rows="3"` })}
    ${field({ name: "temperature", label: "Temperature", type: "number", value: temperature, placeholder: "default", attributes: html`min="0" max="2" step="0.1"` })}
    ${field({ name: "effort", label: "Thinking", type: "select", value: effort, options: EFFORTS })}
    ${field({ name: "tools", label: "Functions, as JSON", type: "textarea", value: tools, placeholder: TOOL, attributes: JSON_TEXT })}
    ${field({ name: "schema", label: "Answer by a JSON schema", type: "textarea", value: schema, placeholder: '{"type": "object", …}', attributes: JSON_TEXT })}
    ${field({ name: "fresh", label: "Do not answer from the cache", type: "checkbox", value: fresh })}
    <div data-form-error></div>
  </form>`;
}
