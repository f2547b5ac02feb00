// The buttons at the top right: search, theme, help, sign-out.

import { html, render } from "/static/lib/html.js";
import { icon } from "/static/lib/icons.js";
import { nextTheme, theme } from "/static/lib/theme.js";
import { offer, openPalette } from "/static/lib/palette.js";
import { onSession, session } from "/static/lib/session.js";
import { run } from "/static/lib/actions.js";
import { shortcut } from "/static/lib/keys.js";
import { signOut } from "/static/shell/sign-in.js";

const isMac = navigator.platform.startsWith("Mac");
const tools = document.getElementById("tools");
const ACTS = { palette: openPalette, theme: nextTheme, help, "sign-out": signOut };

export function startTools() {
  write();
  onSession(write);
  document.addEventListener("theme", write);
  tools.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tool]");
    if (button) run(button, () => ACTS[button.dataset.tool]());
  });
  shortcut("mod+k", "Search pages and actions", openPalette);
  shortcut("t", "Change theme", nextTheme);
  shortcut("?", "Show this help", help);
  shortcut("/", "Search in the panel", focusSearch);
  offer({ title: "Change theme", hint: "light, dark, as the system", run: nextTheme });
  offer({ title: "Keyboard shortcuts", hint: "?", run: help });
  offer({ title: "Sign out", run: signOut });
  offer({ title: "API documentation", hint: "/docs", run: () => location.assign("/docs") });
}

async function help() {
  const { showHelp } = await import("/static/shell/help.js");
  showHelp();
}

function focusSearch() {
  document.querySelector("#main [type=search]")?.focus();
}

function write() {
  render(
    tools,
    html`
    <button type="button" class="button search" data-tool="palette" aria-label="Search pages and actions">${icon("search")}<span>Search</span><kbd>${isMac ? "⌘" : "Ctrl"} K</kbd></button>
    <button type="button" class="button ghost" data-tool="theme" aria-label="Theme: ${theme()}" title="Theme: ${theme()}">${icon(theme())}</button>
    <button type="button" class="button ghost" data-tool="help" aria-label="Help" title="Help (?)">${icon("help")}</button>
    <button type="button" class="button ghost" data-tool="sign-out" aria-label="Sign out ${session?.user ?? ""}" title="Sign out ${session?.user ?? ""}">${icon("sign-out")}</button>`,
  );
}
