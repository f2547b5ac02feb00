// What can be typed: every command, what it takes, and what it does.
//
// `run` is given `{ words, options, say, signal, ask }` and answers text. `say(text)` shows
// a line at once and answers how to change it.

import { ACCOUNTS } from "/static/panels/commands/accounts.js";
import { KEYS } from "/static/panels/commands/keys.js";
import { PROJECTS } from "/static/panels/commands/projects.js";
import { SETTINGS } from "/static/panels/commands/settings.js";
import { WORK } from "/static/panels/commands/work.js";
import { columns } from "/static/panels/commands/text.js";
import { usage } from "/static/panels/commands/line.js";

export const COMMANDS = [
  {
    name: "help",
    about: "Show every command, or how one goes",
    takes: [{ name: "COMMAND", isOptional: true, kind: "commands" }],
    takesAll: true,
    run: ({ words }) => help(words.join(" ")),
  },
  ...WORK.filter(({ isFirst }) => isFirst),
  ...PROJECTS,
  ...ACCOUNTS,
  ...KEYS,
  ...WORK.filter(({ isFirst }) => !isFirst),
  ...SETTINGS,
];

function help(start) {
  const found = COMMANDS.filter(
    ({ name }) => name === start || name.startsWith(`${start} `) || !start,
  );
  if (!found.length) return `There is no command ${JSON.stringify(start)}.`;
  if (!start)
    return `${columns(found, [
      ["command", usageOf],
      ["", ({ about }) => about],
    ])}\n\n\`help COMMAND\` shows what else it takes. Tab completes, the arrow keys bring back earlier lines.`;
  return found
    .map((command) => [usage(command), `  ${command.about}.`, ...optionsOf(command)].join("\n"))
    .join("\n\n");
}

const usageOf = ({ name, takes = [] }) => usage({ name, takes });

const optionsOf = ({ options = {} }) =>
  Object.entries(options).map(
    ([name, { value = "", about }]) => `  --${name}${value && ` ${value}`}: ${about}`,
  );
