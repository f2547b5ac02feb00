// Light, dark, or as the system says; /static/theme.js has set it before the first paint.

const KEY = "gswarm:theme";
const ORDER = ["system", "light", "dark"];

export const theme = () => document.documentElement.dataset.theme ?? "system";

export function setTheme(next) {
  if (next === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  localStorage.setItem(KEY, next);
  document.dispatchEvent(new CustomEvent("theme"));
}

export function nextTheme() {
  setTheme(ORDER[(ORDER.indexOf(theme()) + 1) % ORDER.length]);
}

/** Follow what another tab chooses. */
export function start() {
  addEventListener(
    "storage",
    ({ key, newValue }) => key === KEY && newValue !== theme() && setTheme(newValue ?? "system"),
  );
}
