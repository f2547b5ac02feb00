// Copying: a button that carries the text says so, wherever it is.
//
//   html`${copyButton(key, "Copy key")}`

import { html } from "/static/lib/html.js";
import { icon } from "/static/lib/icons.js";

const TOLD_MS = 1_600;

export const copyButton = (text, label = "Copy", attributes = "") =>
  html`<button type="button" class="button small" data-copy="${text}" ${attributes}>${icon("copy")}<span>${label}</span></button>`;

/** Tells whether it went well. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** Browsers keep the clipboard from pages without https. */
function copyBySelection(text) {
  const home = document.querySelector("dialog:modal") ?? document.body;
  const before = document.activeElement;
  const area = Object.assign(document.createElement("textarea"), {
    value: text,
    className: "unseen",
  });
  home.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  before?.focus();
  return isCopied;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button || button.dataset.told) return;
  const label = button.querySelector("span");
  const words = label.textContent;
  label.textContent = (await copy(button.dataset.copy)) ? "Copied" : "Select it, and copy it";
  button.dataset.told = "yes";
  setTimeout(() => {
    label.textContent = words;
    delete button.dataset.told;
  }, TOLD_MS);
});
