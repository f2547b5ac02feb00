// Commands about the configuration, the audit log and this page.

import { get, post } from "/static/lib/api.js";
import { columns, facts } from "/static/panels/commands/text.js";
import { FIELDS, valueAt } from "/static/panels/config/fields.js";
import { Mistake } from "/static/panels/commands/line.js";
import { setTheme } from "/static/lib/theme.js";

const ADDRESS = "/api/gswarm/config";
const THEMES = ["light", "dark", "system"];
const PATH = { name: "PATH", choices: FIELDS.map(({ path }) => path) };

export const SETTINGS = [
  {
    name: "config",
    about: "Show the configuration, or one value of it",
    takes: [{ ...PATH, isOptional: true }],
    run: async ({ words: [path], signal }) => {
      const config = await get(ADDRESS, {}, { signal });
      if (!path) return facts(config);
      const value = valueAt(config, path);
      if (value === undefined)
        throw new Mistake(`The configuration has no ${JSON.stringify(path)}.`);
      return JSON.stringify(value, null, 2);
    },
  },
  {
    name: "config set",
    about: "Change one value of the configuration; VALUE is JSON, or a word",
    takes: [PATH, { name: "VALUE" }],
    run: async ({ words: [path, text], signal }) => {
      const { version } = await get(ADDRESS, {}, { signal });
      const [group, name] = path.split(".");
      if (!name) throw new Mistake("Name a value by its path, like cache.ttlSeconds.");
      const config = await post(
        ADDRESS,
        { version, [group]: { [name]: asJson(text) } },
        { signal },
      );
      return `${path} is ${JSON.stringify(valueAt(config, path))}; version ${config.version}.`;
    },
  },
  {
    name: "audit",
    about: "Show who changed what last",
    run: async ({ signal }) =>
      columns((await get("/api/audit", { limit: 30 }, { signal })).entries, [
        ["at", ({ at }) => at],
        ["who", ({ who }) => who],
        ["what", ({ what }) => what],
        ["on", ({ target }) => target],
        ["from", ({ address }) => address],
      ]),
  },
  {
    name: "theme",
    about: "Change the colours",
    takes: [{ name: "THEME", choices: THEMES }],
    run: ({ words: [theme] }) => {
      if (!THEMES.includes(theme)) throw new Mistake(`It is one of ${THEMES.join(", ")}.`);
      setTheme(theme);
      return `The theme is ${theme}.`;
    },
  },
  { name: "clear", about: "Clear the screen", run: ({ clear }) => clear() },
];

function asJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
