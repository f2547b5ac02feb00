// Numbers and words as people read them.

const LOCALE = "en";
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });
const tenths = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });

const isMissing = (value) => value === null || value === undefined || Number.isNaN(value);
const orDash = (write) => (value) => (isMissing(value) ? "–" : write(value));

/** 12,345 */
export const number = orDash((value) => whole.format(value));

/** 3.4 */
export const tenth = orDash((value) => tenths.format(value));

/** 12.3K */
export const compact = orDash((value) => (Math.abs(value) < 10_000 ? whole : short).format(value));

/** 0.034 → 3.4 % */
export const percent = orDash((share) => `${tenths.format(share * 100)} %`);

/** A length of time in milliseconds: 840 ms, 1.2 s, 3 min 20 s */
export const duration = orDash((ms) => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${tenths.format(ms / 1_000)} s`;
  return seconds(ms / 1_000);
});

/** A length of time in seconds, in its two largest units: 2 d 4 h */
export const seconds = orDash((value) => {
  const units = [
    ["d", 86_400],
    ["h", 3_600],
    ["min", 60],
    ["s", 1],
  ];
  let rest = Math.max(0, Math.round(value));
  const parts = units.map(([name, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return [count, name];
  });
  const first = parts.findIndex(([count]) => count);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count)
    .map((part) => part.join(" "))
    .join(" ");
});

/** 1.5 MB */
export const bytes = orDash((value) => {
  const units = ["B", "kB", "MB", "GB"];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  return `${tenths.format(value / 1000 ** step)} ${units[step]}`;
});

/** 1 project, 2 projects */
export const plural = (count, one, many = `${one}s`) =>
  `${number(count)} ${count === 1 ? one : many}`;

/** quota_exhausted → quota exhausted */
export const words = orDash((name) => String(name).replace(/[_-]+/g, " "));

const STATE_TONES = {
  connected: "good",
  "degraded-routed": "good",
  "degraded-capacity": "fair",
  frozen: "bad",
  quota_exhausted: "bad",
  disconnected: "bad",
};

/** The tone of one of the six words for the whole, or for a model. */
export const stateTone = (status) => STATE_TONES[status] ?? "fair";

export const FORMATS = { number, compact, percent, duration, seconds, bytes };
