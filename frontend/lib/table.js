// Tables: sortable heads, rows that stay themselves, cards where the screen is narrow.
//
//   const columns = [
//     { key: "name", title: "Name", cell: (key) => key.name, sort: (key) => key.name },
//     { key: "used", title: "Requests", numeric: true, cell: (key) => number(key.requests), sort: … },
//   ];
//   table({ label: "API keys", columns, rows: sorted(keys, columns, sort), keyOf: (key) => key.id, sort })
//
// `detailOf(row)`, if given, is what stands below a row in its full width, or `nothing`.
// A head is a button with data-action="sort" and data-sort="<key>": `nextSort` says what
// pressing it means.

import { html, nothing } from "/static/lib/html.js";

export function table({
  label,
  columns,
  rows,
  keyOf,
  sort = null,
  rowClass = () => "",
  detailOf = () => nothing,
}) {
  return html`<div class="table-scroll" role="region" aria-label="${label}" tabindex="0">
    <table class="table">
      <thead><tr>${columns.map((column) => head(column, sort))}</tr></thead>
      <tbody>${rows.map(
        (row) =>
          html`<tr data-key="${keyOf(row)}" class="${rowClass(row)}">${columns.map((column) => cell(column, row))}</tr>
        ${detail(detailOf(row), keyOf(row), columns.length)}`,
      )}</tbody>
    </table>
  </div>`;
}

/** The rows in the order of a column; those without a value come last either way. */
export function sorted(rows, columns, sort) {
  const column = sort && columns.find((each) => each.key === sort.by);
  if (!column?.sort) return rows;
  const direction = sort.descending ? -1 : 1;
  return rows.toSorted((a, b) => compare(column.sort(a), column.sort(b), direction));
}

/** What pressing a head means: the other direction, or another column. */
export function nextSort(sort, key) {
  return { by: key, descending: sort?.by === key ? !sort.descending : false };
}

function head(column, sort) {
  const classes = column.numeric ? "numeric" : "";
  if (!column.sort) return html`<th scope="col" class="${classes}">${column.title}</th>`;
  const isSorted = sort?.by === column.key;
  const direction = isSorted ? (sort.descending ? "descending" : "ascending") : "none";
  return html`<th scope="col" class="${classes}" aria-sort="${direction}">
    <button type="button" class="sort" data-action="sort" data-sort="${column.key}">${column.title}<span aria-hidden="true"></span></button>
  </th>`;
}

function cell(column, row) {
  const classes = [column.numeric && "numeric", column.className].filter(Boolean).join(" ");
  const title = column.title ? html`data-label="${column.title}"` : nothing;
  return html`<td class="${classes}" ${title}>${column.cell(row)}</td>`;
}

function detail(content, key, width) {
  if (content === nothing) return nothing;
  return html`<tr data-key="${key}:detail" class="detail"><td colspan="${width}">${content}</td></tr>`;
}

function compare(a, b, direction) {
  const missing = (a ?? null) === null || (b ?? null) === null;
  if (missing) return ((a ?? null) === null) - ((b ?? null) === null);
  if (typeof a === "number" && typeof b === "number") return (a - b) * direction;
  return String(a).localeCompare(String(b), "en", { numeric: true }) * direction;
}
