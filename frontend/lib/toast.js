// Short news at the edge of the page, told to screen readers as well.
//
//   toast("The key is revoked.");
//   toast(error.message, { kind: "error" });

import { html, render } from "/static/lib/html.js";

const region = document.getElementById("toasts");
const MOST = 4;
const STAY_MS = { info: 5_000, success: 4_000, error: 12_000 };

export function toast(text, { kind = "success" } = {}) {
  const shown = document.createElement("div");
  shown.className = `toast toast-${kind}`;
  shown.setAttribute("role", kind === "error" ? "alert" : "status");
  render(
    shown,
    html`<p>${text}</p><button type="button" class="button ghost small" aria-label="Dismiss">×</button>`,
  );
  shown.querySelector("button").addEventListener("click", () => shown.remove());
  region.append(shown);
  stayReachable();
  while (region.children.length > MOST) region.firstElementChild.remove();
  leaveLater(shown, STAY_MS[kind]);
}

/** What is outside an open dialog can neither be seen well nor be heard. */
function stayReachable() {
  const dialog = [...document.querySelectorAll("dialog:modal")].at(-1);
  if (!dialog || dialog.contains(region)) return;
  dialog.append(region);
  dialog.addEventListener("close", () => document.body.append(region), { once: true });
}

/** Not while somebody reads it. */
function leaveLater(shown, ms) {
  let timer = null;
  const wait = () => (timer = setTimeout(() => shown.remove(), ms));
  shown.addEventListener("pointerenter", () => clearTimeout(timer));
  shown.addEventListener("pointerleave", wait);
  shown.addEventListener("focusin", () => clearTimeout(timer));
  shown.addEventListener("focusout", wait);
  wait();
}
