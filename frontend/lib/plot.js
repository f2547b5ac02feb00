// Where the marks of a chart lie: pure arithmetic, in hundredths of its width and height.

const STEPS = [1, 2, 2.5, 5, 10];
const MOST_TICKS = 4;
const FEW = 10;

/** Round values from 0 up to at least `highest`, evenly apart. */
export function ticksUpTo(highest, isWhole = false) {
  const rough = (highest || 1) / MOST_TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = STEPS.map((each) => each * power).find((each) => each >= rough * 0.999);
  if (isWhole) step = Math.max(1, Math.ceil(step));
  const count = Math.max(1, Math.ceil((highest || step) / step - 0.001));
  return Array.from({ length: count + 1 }, (_, i) => i * step);
}

/** The middle of a point's column. */
export const across = (i, count) => round(((i + 0.5) / count) * 100);

const up = (value, top) => round(100 - (value / top) * 100);

/** A line; where there is no value, it is interrupted. */
export function linePath(values, top) {
  let isDown = false;
  return values
    .map((value, i) => {
      const command = isDown ? "L" : "M";
      isDown = !isMissing(value);
      if (!isDown) return "";
      return `${command}${across(i, values.length)} ${up(value, top)}`;
    })
    .join("");
}

/** Those values of a line that have no neighbour, as dots. */
export function dotsPath(values, top) {
  const isAlone = (i) =>
    !isMissing(values[i]) && isMissing(values[i - 1]) && isMissing(values[i + 1]);
  return values
    .map((value, i) => (isAlone(i) ? `M${across(i, values.length)} ${up(value, top)}h.01` : ""))
    .join("");
}

/** What lies between a line and the ground. */
export function areaPath(values, top) {
  const count = values.length;
  const line = values.map((value, i) => `L${across(i, count)} ${up(value ?? 0, top)}`).join("");
  return `M${across(0, count)} 100${line}L${across(count - 1, count)} 100Z`;
}

/** Bars, each on those of the series before it: one path for each series. */
export function barPaths(series, top) {
  const ground = series[0].values.map(() => 0);
  return series.map(({ values }) =>
    values.map((value, i) => bar(i, values.length, ground, value ?? 0, top)).join(""),
  );
}

function bar(i, count, ground, value, top) {
  if (!value) return "";
  const from = ground[i];
  ground[i] += value;
  const column = 100 / count;
  const width = column * (count > FEW ? 0.7 : 0.4);
  const left = round(column * i + (column - width) / 2);
  return `M${left} ${up(from, top)}V${up(ground[i], top)}h${round(width)}V${up(from, top)}Z`;
}

/** The highest value there is; of stacked series, the highest stack. */
export function highestOf(series, isStacked) {
  const count = series[0]?.values.length ?? 0;
  const columns = Array.from({ length: count }, (_, i) =>
    series.map(({ values }) => values[i] ?? 0),
  );
  const heights = columns.map((column) =>
    isStacked ? column.reduce((sum, each) => sum + each, 0) : Math.max(0, ...column),
  );
  return Math.max(0, ...heights);
}

/** Which points have their time written below: a few, evenly apart, the last among them. */
export function labelled(count, most) {
  const step = Math.max(1, Math.ceil(count / most));
  return Array.from({ length: count }, (_, i) => i).filter((i) => (count - 1 - i) % step === 0);
}

const isMissing = (value) => value === null || value === undefined;
const round = (value) => Math.round(value * 100) / 100;
