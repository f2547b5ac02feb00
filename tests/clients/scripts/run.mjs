// Runs the scenarios of one client and says of each, as a line of JSON, how it went.

export const URL_ = process.env.GSWARM_URL;
export const KEY = process.env.GSWARM_KEY;
export const MODEL = process.env.GSWARM_MODEL;

export const PLAIN = "[[say:Bonjour from the simulator.]] Say hello.";
export const SAID = "Bonjour from the simulator.";
export const LONG = "[[words:200]] Tell me a story.";
export const LONG_WORDS = 200;
export const THINK =
  "[[thought:**Pondering**\n\nIt is green.]] [[say:Green.]] Which colour?";
export const THOUGHT = "It is green.";
// Two calls at once, then one more, then text that repeats what the last one said.
export const TOOLS =
  '[[call:get_weather {"city": "Oslo"}]] [[call:get_weather {"city": "Rome"}]] ' +
  '[[then]] [[call:get_time {"zone": "CET", "hours": 24.0}]] ' +
  "Where is it warmer, and what time is it?";
export const CALLS = [
  ["get_weather", { city: "Oslo" }],
  ["get_weather", { city: "Rome" }],
  ["get_time", { zone: "CET", hours: 24 }],
];
export const TIME = "half past twelve";
export const CITY = "It is 21 degrees in Oslo. Give me the city and the degrees.";
export const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAA" +
  "AABJRU5ErkJggg==";
export const SEEN = "image/png of 70 bytes";

const text = { type: "string" };
const whole = { type: "integer" };
const object = (properties) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
export const CITY_SCHEMA = object({ city: text, degrees: whole });
export const WEATHER_SCHEMA = object({ city: text });
export const TIME_SCHEMA = object({ zone: text, hours: whole });

export const tools = {
  get_weather: ({ city }) => `${city}: ${city.length} degrees`,
  get_time: ({ zone, hours }) => `It is ${TIME} in ${zone}, of ${hours} hours`,
};

export function equal(found, wanted) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`found ${a}, wanted ${b}`);
}

export function holds(whole_, part) {
  const shown = typeof whole_ === "string" ? whole_ : JSON.stringify(whole_);
  if (!shown?.includes(part)) throw new Error(`no ${part} in ${shown?.slice(0, 300)}`);
}

export function streamed(pieces) {
  equal(pieces.join("").trim().split(/\s+/).length, LONG_WORDS);
  if (pieces.length < 5) throw new Error(`only ${pieces.length} pieces`);
}

export async function refused(ask, status, part = "") {
  try {
    await ask();
  } catch (error) {
    equal(error.status ?? error.statusCode, status);
    return holds(String(error.message), part);
  }
  throw new Error("it was not refused");
}

export async function run(scenarios) {
  for (const [scenario, act] of Object.entries(scenarios)) {
    let found = { scenario, ok: true, why: "" };
    try {
      await act();
    } catch (error) {
      console.error(error);
      found = { scenario, ok: false, why: `${error.name}: ${error.message}` };
    }
    process.stdout.write(`${JSON.stringify(found)}\n`);
  }
}
