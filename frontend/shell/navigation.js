// The list of panels at the side; on a narrow screen, a drawer.

import { html, render } from "/static/lib/html.js";
import { hrefOf, navigate, onRoute } from "/static/lib/router.js";
import { icon } from "/static/lib/icons.js";
import { shortcut } from "/static/lib/keys.js";

const list = document.getElementById("panels");
const nav = document.getElementById("nav");
const button = document.getElementById("menu");
const narrow = matchMedia("(width < 62rem)");

export function startNavigation(panels) {
  render(list, html`${panels.map(item)}`);
  for (const { id, title, key } of panels) shortcut(`g ${key}`, title, () => navigate(id));
  button.addEventListener("click", () => setOpen(button.getAttribute("aria-expanded") !== "true"));
  document.getElementById("scrim").addEventListener("click", () => setOpen(false));
  nav.addEventListener("keydown", (event) => event.key === "Escape" && close());
  nav.addEventListener("click", (event) => event.target.closest("a") && setOpen(false));
  narrow.addEventListener("change", () => setOpen(false));
  onRoute(() => setOpen(false));
  setOpen(false);
}

export function markCurrent({ id }) {
  for (const link of list.querySelectorAll("a")) {
    if (link.dataset.panel === id) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function item({ id, title, key, icon: name }) {
  return html`<li><a href="${hrefOf(id)}" data-panel="${id}">${icon(name)}<span>${title}</span><kbd>g ${key}</kbd></a></li>`;
}

function close() {
  setOpen(false);
  if (narrow.matches) button.focus();
}

function setOpen(isOpen) {
  button.setAttribute("aria-expanded", String(isOpen));
  nav.inert = narrow.matches && !isOpen;
  if (isOpen) nav.querySelector("a[aria-current], a").focus();
}
