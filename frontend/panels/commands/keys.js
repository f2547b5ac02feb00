// Commands about API keys.

import { del, get, post } from "/static/lib/api.js";
import { columns } from "/static/panels/commands/text.js";
import { Mistake, count } from "/static/panels/commands/line.js";

const ADDRESS = "/api/api-keys";

export const KEYS = [
  {
    name: "keys",
    about: "List the API keys",
    run: async ({ signal }) => {
      const { apiKeys } = await get(ADDRESS, {}, { signal });
      return columns(
        apiKeys,
        [
          ["id", ({ id }) => id],
          ["name", ({ name }) => name],
          ["scopes", ({ scopes }) => scopes.join(",")],
          ["active", ({ active }) => (active ? "yes" : "no")],
          ["requests", ({ requests }) => requests],
          ["last used", ({ lastUsedAt }) => lastUsedAt],
        ],
        "There is no key. `keys create NAME` makes one.",
      );
    },
  },
  {
    name: "keys create",
    about: "Make an API key, and show it this once",
    takes: [{ name: "NAME" }],
    options: {
      scope: {
        value: "SCOPE",
        choices: ["chat", "monitor", "admin"],
        isMany: true,
        about: "what it opens; may be given several times",
      },
      "rate-limit": { value: "N", about: "requests a minute" },
      "tokens-per-day": { value: "N", about: "tokens a day" },
      "at-once": { value: "N", about: "requests in flight" },
      expires: { value: "ISO", about: "when it ends, like 2027-01-31T12:00Z" },
      "allow-model": {
        value: "PATTERN",
        kind: "models",
        isMany: true,
        about: "a model, or a beginning with *",
      },
      "allow-ip": { value: "CIDR", isMany: true, about: "where it may come from" },
    },
    run: async ({ words: [name], options, signal }) => {
      const made = await post(ADDRESS, { name, ...settingsOf(options) }, { signal });
      return `Key "${made.name}" (${made.id}) is made. Nobody can show it again:\n${made.key}`;
    },
  },
  {
    name: "keys revoke",
    about: "Revoke an API key; it opens nothing any more",
    takes: [{ name: "ID", kind: "keys" }],
    run: async ({ words: [id], ask, signal }) => {
      const { apiKeys } = await get(ADDRESS, {}, { signal });
      const found = apiKeys.find((key) => key.id === id || key.name === id);
      if (!found) throw new Mistake(`There is no key ${JSON.stringify(id)}.`);
      if (
        !(await ask({
          title: `Revoke "${found.name}"?`,
          text: "Clients that use it are refused from now on.",
          action: "Revoke",
        }))
      )
        return "Nothing is changed.";
      await del(`${ADDRESS}/${encodeURIComponent(found.id)}`, undefined, { signal });
      return `Key "${found.name}" is revoked.`;
    },
  },
];

function settingsOf(options) {
  const settings = {
    scopes: options.scope,
    rateLimit: count(options, "rate-limit"),
    tokensPerDay: count(options, "tokens-per-day"),
    maxConcurrent: count(options, "at-once"),
    expiresAt: options.expires,
    allowedModels: options["allow-model"],
    allowedIps: options["allow-ip"],
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
