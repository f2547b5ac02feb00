// Facts as lines of text, in columns where there are many.

const WIDEST = 60;

/** Rows as columns of text; each column is `[title, row => value]`. */
export function columns(rows, wanted, otherwise = "There are none.") {
  if (!rows.length) return otherwise;
  const lines = [
    wanted.map(([title]) => title.toUpperCase()),
    ...rows.map((row) => wanted.map(([, of]) => cell(of(row)))),
  ];
  const widths = wanted.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines
    .map((line) =>
      line
        .map((text, i) => text.padEnd(widths[i]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** One thing, a line for each of its facts. */
export function facts(thing, indent = "") {
  const width = Math.max(...Object.keys(thing).map((name) => name.length), 0);
  return Object.entries(thing)
    .map(([name, value]) => `${indent}${name.padEnd(width)}  ${written(value, indent)}`)
    .join("\n");
}

/** Many things of one shape, by those of their facts that are short. */
export function listing(rows) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) =>
    rows.every((row) => isShort(row[name])),
  );
  return columns(
    rows,
    names.map((name) => [name, (row) => row[name]]),
  );
}

const isShort = (value) => value === null || typeof value !== "object";

const cell = (value) => {
  const text =
    value === null || value === undefined || value === ""
      ? "-"
      : String(value).replace(/\s+/g, " ");
  return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text;
};

function written(value, indent) {
  if (value === null || value === undefined || value === "") return "-";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value) && value.every(isShort)) return value.join(", ") || "-";
  if (Array.isArray(value))
    return `\n${indent}  ${listing(value).replaceAll("\n", `\n${indent}  `)}`;
  return Object.keys(value).length ? `\n${facts(value, `${indent}  `)}` : "-";
}
