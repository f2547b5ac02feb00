// A typed line as a command, its words and its options; and how it may go on.
//
//   parse('keys create "my key" --rate-limit 60')
//   → { command, words: ["my key"], options: { "rate-limit": "60" } }

export class Mistake extends Error {}

export function parse(line, commands) {
  const all = split(line);
  const command = commandOf(all, commands);
  if (!command) throw new Mistake(unknown(all[0], commands));
  const { words, options } = sort(all.slice(command.name.split(" ").length), command);
  const needed = (command.takes ?? []).filter(({ isOptional }) => !isOptional).length;
  const most = command.takesAll ? Infinity : (command.takes ?? []).length;
  if (words.length < needed || words.length > most)
    throw new Mistake(
      [`It goes like this: ${usage(command)}`, ...longer(command, commands)].join("\n"),
    );
  return { command, words, options };
}

function unknown(first, commands) {
  const next = nextWords([first], commands);
  if (!next.length) return `There is no command ${JSON.stringify(first)}. \`help\` lists them all.`;
  return `\`${first}\` needs another word: ${next.join(", ")}. \`help ${first}\` tells of each.`;
}

/** The commands that begin as this one does. */
function longer({ name }, commands) {
  const next = nextWords(name.split(" "), commands);
  return next.length
    ? [`Or with another word: ${next.map((word) => `${name} ${word}`).join(", ")}`]
    : [];
}

/** The whole number an option was given, undefined where it was not. */
export function count(options, name) {
  if (options[name] === undefined) return undefined;
  if (!/^\d+$/.test(options[name]))
    throw new Mistake(`--${name} needs a whole number, not ${JSON.stringify(options[name])}.`);
  return Number(options[name]);
}

/** `keys create NAME [--scope SCOPE]` */
export function usage({ name, takes = [], options = {} }) {
  const words = takes.map((each) => (each.isOptional ? `[${each.name}]` : each.name));
  const others = Object.entries(options).map(
    ([option, { value }]) => `[--${option}${value ? ` ${value}` : ""}]`,
  );
  return [name, ...words, ...others].join(" ");
}

/** The words of a line; those in quotes are one. */
export function split(line) {
  const found = line.matchAll(/"((?:[^"\\]|\\.)*)"?|'([^']*)'?|(\S+)/g);
  return [...found].map(
    ([, double, single, plain]) => double?.replace(/\\(.)/g, "$1") ?? single ?? plain,
  );
}

/** What the last word may be: `names` answers the names of a kind that begin so. */
export async function completions(line, commands, names) {
  const all = split(line);
  if (!line || /\s$/.test(line)) all.push("");
  const last = all.at(-1);
  const command = commandOf(all.slice(0, -1), commands);
  const next = nextWords(all.slice(0, -1), commands);
  const kinds = command ? await ofCommand(command, all, names) : [];
  return [...new Set([...next, ...kinds])]
    .filter((each) => each.startsWith(last) && each !== last)
    .sort();
}

/** The line with its last word replaced. */
export function complete(line, word) {
  const head = line.slice(0, line.length - (/\S*$/.exec(line)?.[0].length ?? 0));
  return head + (/\s/.test(word) ? JSON.stringify(word) : word);
}

/** What all of them begin with. */
export function commonStart(words) {
  let start = words[0] ?? "";
  while (!words.every((word) => word.startsWith(start))) start = start.slice(0, -1);
  return start;
}

function commandOf(words, commands) {
  const fits = commands.filter(({ name }) => {
    const own = name.split(" ");
    return own.every((word, i) => word === words[i]);
  });
  return fits.sort((a, b) => b.name.length - a.name.length)[0];
}

/** Of commands of several words, the next one. */
function nextWords(before, commands) {
  const names = commands.map(({ name }) => name.split(" "));
  const fits = names.filter(
    (own) => own.length > before.length && before.every((word, i) => word === own[i]),
  );
  return fits.map((own) => own[before.length]);
}

async function ofCommand(command, all, names) {
  const last = all.at(-1);
  const option = all.at(-2)?.startsWith("--") ? command.options?.[all.at(-2).slice(2)] : null;
  if (option?.value) return option.choices ?? (option.kind ? names(option.kind, last) : []);
  const flags = Object.keys(command.options ?? {}).map((name) => `--${name}`);
  if (last.startsWith("-")) return flags;
  const given = all
    .slice(command.name.split(" ").length, -1)
    .filter((word) => !word.startsWith("--"));
  const taken = command.takes?.[given.length];
  const own = taken?.choices ?? (taken?.kind ? await names(taken.kind, last) : []);
  return last ? own : [...own, ...flags];
}

function sort(given, command) {
  const words = [];
  const options = {};
  for (let i = 0; i < given.length; i += 1) {
    if (!given[i].startsWith("--")) {
      words.push(given[i]);
      continue;
    }
    const [name, joined] = given[i].slice(2).split(/=(.*)/s);
    const known = command.options?.[name];
    if (!known)
      throw new Mistake(
        `\`${command.name}\` knows no --${name}. It goes like this: ${usage(command)}`,
      );
    if (known.value && joined === undefined && given[i + 1] === undefined)
      throw new Mistake(`--${name} needs a value: ${known.value}`);
    const value = known.value ? (joined ?? given[(i += 1)]) : true;
    options[name] = known.isMany ? [...(options[name] ?? []), value] : value;
  }
  return { words, options };
}
