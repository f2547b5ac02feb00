// Reads /openapi.json and writes it as a page. Text goes in as text, never as HTML.

const CREDENTIALS = {
  apiKey: "an API key",
  session: "a dashboard session",
  csrfToken: "its X-CSRF-Token",
  metricsToken: "the METRICS_TOKEN",
};

const reply = await fetch("/openapi.json");
const api = await reply.json();

const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);
show(operations);
document.getElementById("about").replaceChildren(
  `${api.info.description} Version ${api.info.version}, `,
  element("a", { href: "/openapi.json" }, "as OpenAPI"),
  ".",
);
document.getElementById("find").addEventListener("input", (event) => {
  const word = event.target.value.trim().toLowerCase();
  show(operations.filter((each) => wordsOf(each).includes(word)));
});
openTarget();
addEventListener("hashchange", openTarget);

function show(found) {
  const groups = Map.groupBy
    ? Map.groupBy(found, (each) => each.tags[0])
    : found.reduce((all, each) => all.set(each.tags[0], [...(all.get(each.tags[0]) ?? []), each]), new Map());
  const sections = [...groups].map(([tag, members]) =>
    element("section", {}, element("h2", {}, tag), ...members.map(operationOf)),
  );
  const nothing = element("p", {}, "Nothing here is called that.");
  document.getElementById("operations").replaceChildren(...(sections.length ? sections : [nothing]));
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

// ---------------------------------------------------------------- one operation

function operationOf(operation) {
  const title = element(
    "summary",
    {},
    element("span", { class: `method ${operation.method}` }, operation.method.toUpperCase()),
    element("code", { class: "path" }, operation.path),
    element("span", {}, operation.summary),
  );
  // Most are never opened: they are written when they are.
  const details = element("details", { id: operation.operationId }, title);
  details.addEventListener("toggle", () => details.append(...bodyOf(operation)), { once: true });
  return details;
}

function bodyOf({ description, security, parameters, requestBody, responses }) {
  return [
    description ? element("p", {}, description) : null,
    element("p", {}, element("strong", {}, "Needs "), credentialsOf(security)),
    ...part("Parameters", parameters.length ? [parametersOf(parameters)] : []),
    ...part("Body", requestBody ? contentOf(requestBody.content) : []),
    ...part("Answers", [answersOf(responses)]),
  ].filter(Boolean);
}

function part(title, content) {
  return content.length ? [element("h3", {}, title), ...content] : [];
}

function credentialsOf(security) {
  const ways = security.map((way) =>
    Object.entries(way)
      .map(([name, scopes]) => (CREDENTIALS[name] ?? name) + (scopes.length ? ` with scope ${scopes.join(", ")}` : ""))
      .join(" and "),
  );
  return ways.length ? ways.join(", or ") : "nothing";
}

function parametersOf(parameters) {
  const rows = parameters.map(({ name, in: place, required, schema }) =>
    row(name, `in ${place}, ${typeOf(schema)}`, limitsOf(schema), required),
  );
  return table(rows);
}

function answersOf(responses) {
  const items = Object.entries(responses).map(([status, { description, content }]) =>
    element(
      "li",
      {},
      element("p", {}, element("code", {}, status), ` ${description}`),
      ...(status < 400 ? contentOf(content ?? {}) : []),
    ),
  );
  return element("ul", {}, ...items);
}

function contentOf(content) {
  return Object.entries(content).flatMap(([type, { schema }]) =>
    type === "application/json" ? schemaOf(schema) : [element("p", {}, element("code", {}, type))],
  );
}

// ---------------------------------------------------------------- schemas

function schemaOf(schema, above = []) {
  const name = schema.$ref;
  const { description, properties = {}, required = [] } = resolved(schema);
  const rows = Object.entries(properties).map(([field, inner]) =>
    row(field, typeOf(inner), limitsOf(inner), required.includes(field), nested(inner, [...above, name])),
  );
  return [description ? element("p", {}, description) : null, rows.length ? table(rows) : null].filter(Boolean);
}

function nested(schema, above) {
  const inner = schema.items ?? (typeof schema.additionalProperties === "object" ? schema.additionalProperties : schema);
  if (!inner.$ref || above.includes(inner.$ref)) {
    return [];
  }
  return [element("details", {}, element("summary", {}, nameOf(inner.$ref)), ...schemaOf(inner, above))];
}

function resolved(schema) {
  return schema.$ref ? (api.components.schemas[nameOf(schema.$ref)] ?? {}) : schema;
}

function nameOf(reference) {
  return reference.split("/").at(-1);
}

function typeOf(schema) {
  if (schema.$ref) {
    return "object";
  }
  const types = [schema.type ?? "anything"].flat();
  const spelled = types.map((type) => (type === "array" ? `list of ${typeOf(schema.items ?? {})}` : type));
  return spelled.join(" or ") + (schema.format ? ` (${schema.format})` : "");
}

function limitsOf(schema) {
  const { minimum, maximum, minLength, maxLength } = schema;
  return [
    schema.enum ? `one of ${schema.enum.join(", ")}` : "",
    minimum !== undefined || maximum !== undefined ? `${minimum ?? "…"} to ${maximum ?? "…"}` : "",
    minLength !== undefined || maxLength !== undefined ? `${minLength ?? 0} to ${maxLength ?? "…"} characters` : "",
    schema.default !== undefined && schema.default !== null ? `else ${schema.default}` : "",
  ]
    .filter(Boolean)
    .join("; ");
}

function row(name, type, limits, required, more = []) {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, element("code", {}, name), required ? "" : " (optional)"),
    element("td", {}, type, limits ? element("small", {}, ` ${limits}`) : "", ...more),
  );
}

function table(rows) {
  return element("table", {}, element("tbody", {}, ...rows));
}

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}
