// Ctrl or Cmd with K: go anywhere, do anything, by typing a few letters of it.
//
//   offer({ title: "Change theme", hint: "light, dark", run: () => … });

import { html, render } from "/static/lib/html.js";
import { isAbort } from "/static/lib/api.js";
import { navigate } from "/static/lib/router.js";
import { open } from "/static/lib/dialog.js";
import { session } from "/static/lib/session.js";
import { toast } from "/static/lib/toast.js";

const MOST = 12;
const offers = [];

export function offer(action) {
  offers.push(action);
}

/** Offer to go to each panel; and `perform(panel, name)`, each of its actions. */
export function startPalette(panels, perform) {
  for (const { id, title, key } of panels)
    offer({ title, hint: `Go to · g ${key}`, run: () => navigate(id) });
  for (const panel of panels) {
    for (const [name, title] of Object.entries(panel.actions ?? {}))
      offer({ title, hint: panel.title, run: () => perform(panel, name) });
  }
}

export function openPalette() {
  if (!session || document.querySelector("dialog[open]")) return;
  const body = html`<div class="palette">
    <input type="text" role="combobox" aria-label="Search pages and actions" aria-expanded="true" aria-controls="palette-list"
      aria-autocomplete="list" autocomplete="off" spellcheck="false" placeholder="Where to, or what to do?">
    <ul id="palette-list" role="listbox" aria-label="Pages and actions"></ul>
  </div>`;
  const { dialog, close } = open({ title: "Search", body });
  dialog.classList.add("palette-dialog");
  const input = dialog.querySelector("input");
  let found = [];
  let chosen = 0;

  const write = () => {
    chosen = Math.max(0, Math.min(chosen, found.length - 1));
    render(
      dialog.querySelector("ul"),
      found.length
        ? html`${found.map((each, i) => option(each, i, i === chosen))}`
        : html`<li class="quiet-text">No matches.</li>`,
    );
    input.setAttribute("aria-activedescendant", found.length ? `palette-${chosen}` : "");
    dialog.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  };
  const search = () => {
    found = matching(input.value);
    chosen = 0;
    write();
  };
  const choose = (i) => {
    close();
    if (found[i]) attempt(found[i].run);
  };
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") choose(chosen);
    else if (moves[event.key]) chosen = (chosen + moves[event.key] + found.length) % found.length;
    else return;
    event.preventDefault();
    write();
  });
  dialog.querySelector("ul").addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (item) choose(Number(item.dataset.index));
  });
  search();
  input.focus();
}

/** Do it; what fails is told. */
export async function attempt(act) {
  try {
    await act();
  } catch (error) {
    if (!isAbort(error)) toast(error.message, { kind: "error" });
  }
}

/** Those with every word typed, those that begin with it first. */
function matching(typed) {
  const wanted = typed.trim().toLowerCase().split(/\s+/);
  const scored = offers
    .map((action) => [score(action, wanted), action])
    .filter(([points]) => points > 0);
  return scored
    .sort(([a], [b]) => b - a)
    .slice(0, MOST)
    .map(([, action]) => action);
}

function score({ title, hint = "" }, wanted) {
  const name = title.toLowerCase();
  const all = `${name} ${hint.toLowerCase()}`;
  if (!wanted.every((word) => all.includes(word))) return 0;
  return (
    1 + wanted.filter((word) => name.includes(word)).length + (name.startsWith(wanted[0]) ? 2 : 0)
  );
}

function option({ title, hint = "" }, i, isChosen) {
  return html`<li id="palette-${i}" role="option" aria-selected="${String(isChosen)}" data-index="${i}"><span>${title}</span><small>${hint}</small></li>`;
}
