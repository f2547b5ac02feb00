// Text becomes markup here, and markup becomes elements: the only door to `innerHTML`.
//
//   render(list, html`<ul>${names.map((name) => html`<li data-key="${name}">${name}</li>`)}</ul>`);
//
// Every value is escaped, unless it is `html` itself; quote attributes. `render` changes
// only what differs: a row with the same `data-key` (or `id`) stays the same element, and
// focus, selection, scroll, open `<details>` and whatever stands in a `<form>` stay.

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

class Markup {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

export const nothing = new Markup("");

export function html(strings, ...values) {
  return new Markup(strings.reduce((before, after, i) => before + written(values[i - 1]) + after));
}

/** An attribute without a value, where it applies: `<button ${flag("disabled", isBusy)}>`. */
export function flag(name, applies) {
  return applies ? new Markup(name) : nothing;
}

/** An address somebody else gave, as far as it may stand in an `href`. */
export function safeUrl(url) {
  return /^(https?:\/\/|\/(?!\/)|#)/i.test(String(url ?? "")) ? url : "#";
}

/** Bring the children of `target` to what `markup` says. */
export function render(target, markup) {
  const template = document.createElement("template");
  template.innerHTML = written(markup);
  morphChildren(target, template.content);
}

function written(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(written).join("");
  if (value === null || value === undefined || value === false) return "";
  return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character]);
}

// ---------------------------------------------------------------- morphing

function morphChildren(parent, wanted) {
  const known = keyedChildren(parent, wanted);
  let here = parent.firstChild;
  for (const next of [...wanted.childNodes]) {
    const match = matchOf(next, here, known);
    if (!match) {
      parent.insertBefore(next, here);
      applyVariables(next);
    } else {
      if (match === here) here = here.nextSibling;
      else move(parent, match, here);
      morph(match, next);
    }
  }
  while (here) {
    const gone = here;
    here = here.nextSibling;
    gone.remove();
  }
}

/** The children by key; those that are not wanted any more leave at once. */
function keyedChildren(parent, wanted) {
  const staying = new Set([...wanted.children].map(keyOf).filter(Boolean));
  const known = new Map();
  for (const child of [...parent.children]) {
    const key = keyOf(child);
    if (key && staying.has(key)) known.set(key, child);
    else if (key) child.remove();
  }
  return known;
}

function matchOf(next, here, known) {
  const key = keyOf(next);
  if (!key) return nextAlike(next, here);
  const match = known.get(key);
  known.delete(key);
  return match?.nodeName === next.nodeName ? match : null;
}

/** The first from `here` on that has no key either and may become `next`. */
function nextAlike(next, here) {
  for (let each = here; each; each = each.nextSibling) {
    if (each.nodeName === next.nodeName && !keyOf(each)) return each;
    if (next.nodeType !== Node.ELEMENT_NODE) return null;
  }
  return null;
}

function keyOf(node) {
  return node.dataset?.key ?? (node.id || null);
}

function move(parent, child, before) {
  if (parent.moveBefore) parent.moveBefore(child, before);
  else parent.insertBefore(child, before);
}

function morph(current, next) {
  if (current.isEqualNode(next)) return restoreState(current, next);
  if (current.nodeType !== Node.ELEMENT_NODE) {
    current.nodeValue = next.nodeValue;
    return;
  }
  morphAttributes(current, next);
  applyOwnVariables(current);
  // A custom element owns what is inside it, and so does whatever says so.
  if (current.localName.includes("-") || current.hasAttribute("data-keep")) return;
  morphChildren(current, next);
  if (current.localName === "select") restoreState(current, next);
}

function morphAttributes(current, next) {
  for (const { name } of [...current.attributes]) {
    if (!next.hasAttribute(name) && !isOwnState(current, name)) current.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (current.getAttribute(name) !== value && !isOwnState(current, name))
      current.setAttribute(name, value);
  }
  restoreState(current, next);
}

/** What the browser or its user decides, not the data. */
function isOwnState(element, name) {
  if (name === "style" || name === "aria-busy") return true;
  return name === "open" && /^(DETAILS|DIALOG)$/.test(element.nodeName);
}

/** Outside forms a control shows what the data says; inside, what somebody chose. */
function restoreState(current, next) {
  if (current.closest?.("form")) return;
  if (current.localName === "input" && /^(checkbox|radio)$/.test(current.type)) {
    current.checked = next.hasAttribute("checked");
  } else if (current.localName === "select" && current !== document.activeElement) {
    const chosen = next.querySelector("option[selected]");
    if (chosen) current.value = chosen.value;
  } else if (current.firstElementChild && next.firstElementChild) {
    for (const box of current.querySelectorAll("input[type=checkbox], input[type=radio]")) {
      if (!box.closest("form")) box.checked = box.defaultChecked;
    }
  }
}

// ---------------------------------------------------------------- custom properties

// The policy of the page forbids style attributes: `data-vars="share: 0.4"` becomes `--share`.
function applyVariables(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  applyOwnVariables(node);
  for (const inner of node.querySelectorAll("[data-vars]")) applyOwnVariables(inner);
}

function applyOwnVariables(element) {
  if (!element.dataset?.vars) return;
  for (const pair of element.dataset.vars.split(";")) {
    const [name, value] = pair.split(":");
    element.style.setProperty(`--${name.trim()}`, value.trim());
  }
}
