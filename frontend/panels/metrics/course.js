// Which way a daily value goes where days without one say nothing of it.

const STEADY = 0.05; // of the mean, a day: no trend

/** `{average, trend, percentChange}` in the API's words, of the days that have a value. */
export function courseOf(values) {
  const days = values.map((value, day) => ({ day, value })).filter(({ value }) => value !== null);
  const average = mean(days.map(({ value }) => value));
  const slope = slopeOf(days, average);
  const trend =
    Math.abs(slope) <= STEADY * average ? "stable" : slope > 0 ? "increasing" : "decreasing";
  const [first, today] = [days[0]?.value, values.at(-1)];
  return {
    average,
    trend,
    percentChange: first && today !== null ? ((today - first) / first) * 100 : null,
  };
}

const mean = (values) =>
  values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;

/** By how much the line of least squares rises in a day. */
function slopeOf(days, average) {
  const middle = mean(days.map(({ day }) => day));
  const rise = days.reduce((sum, { day, value }) => sum + (day - middle) * (value - average), 0);
  const run = days.reduce((sum, { day }) => sum + (day - middle) ** 2, 0);
  return run ? rise / run : 0;
}
