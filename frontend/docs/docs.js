// Writes /openapi.json as a page to read.

import { get } from "/static/lib/api.js";
import { html, nothing, render } from "/static/lib/html.js";

const CREDENTIALS = {
  apiKey: "an API key",
  session: "a dashboard session",
  csrfToken: "its X-CSRF-Token",
};

const api = await get("/openapi.json");
const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);
const find = document.getElementById("find");

render(
  document.getElementById("about"),
  html`${api.info.description} Version ${api.info.version}, <a href="/openapi.json">as OpenAPI</a>.`,
);
show();
openTarget();
find.addEventListener("input", show);
addEventListener("hashchange", openTarget);

function show() {
  const word = find.value.trim().toLowerCase();
  const found = operations.filter((each) => wordsOf(each).includes(word));
  const tags = [...new Set(found.map(tagOf))].sort();
  render(
    document.getElementById("operations"),
    tags.length
      ? html`${tags.map((tag) =>
          groupOf(
            tag,
            found.filter((each) => tagOf(each) === tag),
          ),
        )}`
      : html`<p>No matches.</p>`,
  );
}

function tagOf({ tags }) {
  return tags[0];
}

function wordsOf({ path, method, summary, description }) {
  return `${method} ${path} ${summary} ${description}`.toLowerCase();
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) {
    target.open = true;
    target.scrollIntoView();
  }
}

// ---------------------------------------------------------------- operations

function groupOf(tag, members) {
  return html`<section data-key="${tag}"><h2>${tag}</h2>${members.map(operationOf)}</section>`;
}

function operationOf({
  path,
  method,
  operationId,
  summary,
  description,
  security,
  parameters,
  requestBody,
  responses,
}) {
  return html`
    <details class="operation" id="${operationId}">
      <summary><span class="method">${method.toUpperCase()}</span> <code>${path}</code> <span>${prose(summary)}</span></summary>
      ${description ? html`<p>${prose(description)}</p>` : nothing}
      <p><strong>Needs</strong> ${credentialsOf(security)}.</p>
      ${parameters.length ? html`<h3>Parameters</h3>${tableOf(parameters.map(parameterOf))}` : nothing}
      ${requestBody ? html`<h3>Body</h3>${contentOf(requestBody.content)}` : nothing}
      <h3>Answers</h3>
      <ul>${Object.entries(responses).map(answerOf)}</ul>
    </details>`;
}

function credentialsOf(security) {
  const ways = security.map((way) => Object.entries(way).map(credentialOf).join(" and "));
  return ways.join(", or ") || "nothing";
}

function credentialOf([name, scopes]) {
  const scope = scopes.length ? ` with scope ${scopes.join(", ")}` : "";
  return (CREDENTIALS[name] ?? name) + scope;
}

function parameterOf({ name, in: place, required, schema }) {
  return rowOf(name, `in ${place}, ${typeOf(schema)}`, schema, required);
}

function answerOf([status, { description, content = {} }]) {
  return html`<li><code>${status}</code> ${description} ${status < 400 ? contentOf(content) : nothing}</li>`;
}

function contentOf(content) {
  return Object.entries(content).map(([type, { schema }]) =>
    type === "application/json" && schema
      ? (schema.oneOf ?? schema.anyOf ?? [schema]).map((each) => schemaOf(each))
      : html`<p><code>${type}</code></p>`,
  );
}

// ---------------------------------------------------------------- schemas

function schemaOf(schema, above = []) {
  const { description, properties = {}, required = [] } = resolved(schema);
  const rows = Object.entries(properties).map(([name, inner]) =>
    rowOf(
      name,
      typeOf(inner),
      inner,
      required.includes(name),
      innerOf(inner, [...above, schema.$ref]),
    ),
  );
  return html`${description ? html`<p>${prose(description)}</p>` : nothing}${rows.length ? tableOf(rows) : nothing}`;
}

function innerOf(schema, above) {
  const reference = (schema.items ?? schema.additionalProperties)?.$ref ?? schema.$ref;
  if (!reference || above.includes(reference)) return nothing;
  return html`<details><summary>${nameOf(reference)}</summary>${schemaOf({ $ref: reference }, above)}</details>`;
}

function resolved(schema) {
  return schema.$ref ? (api.components.schemas[nameOf(schema.$ref)] ?? {}) : schema;
}

function nameOf(reference) {
  return reference.split("/").at(-1);
}

function typeOf(schema) {
  if (schema.$ref) return "object";
  const types = [schema.type ?? "anything"].flat();
  const spelled = types.map((type) =>
    type === "array" ? `list of ${typeOf(schema.items ?? {})}` : type,
  );
  return spelled.join(" or ") + (schema.format ? ` (${schema.format})` : "");
}

function limitsOf({
  minimum,
  maximum,
  minLength,
  maxLength,
  items,
  default: otherwise,
  enum: words = items?.enum,
}) {
  const isBounded = (minimum ?? maximum) !== undefined;
  const isMeasured = (minLength ?? maxLength) !== undefined;
  return [
    words ? `one of ${words.filter((word) => word !== null).join(", ")}` : "",
    isBounded ? `${minimum ?? "…"} to ${maximum ?? "…"}` : "",
    isMeasured ? `${minLength ?? 0} to ${maxLength ?? "…"} characters` : "",
    (otherwise ?? null) !== null ? `else ${otherwise}` : "",
  ]
    .filter(Boolean)
    .join("; ");
}

function rowOf(name, type, schema, isRequired, inner = nothing) {
  return html`
    <tr>
      <th scope="row"><code>${name}</code>${isRequired ? "" : " (optional)"}</th>
      <td>${type} <small>${limitsOf(schema)}</small>${inner}</td>
    </tr>`;
}

function tableOf(rows) {
  return html`<table><tbody>${rows}</tbody></table>`;
}

/** Text with `code` in it. */
function prose(text) {
  return text.split("`").map((piece, i) => (i % 2 ? html`<code>${piece}</code>` : piece));
}
