// Commands about accounts.

import { get, post } from "/static/lib/api.js";
import { columns, facts, listing } from "/static/panels/commands/text.js";
import { plural } from "/static/lib/format.js";

const ACCOUNT = { name: "ACCOUNT", kind: "accounts" };
const at = (account, verb) => `/api/accounts/${encodeURIComponent(account)}/${verb}`;

const toggle =
  (enabled) =>
  async ({ words: [account], signal }) => {
    await post(at(account, "toggle"), { enabled }, { signal });
    return `${account} is ${enabled ? "in" : "out of"} rotation.`;
  };

export const ACCOUNTS = [
  {
    name: "accounts",
    about: "List the accounts",
    takes: [{ name: "SEARCH", isOptional: true }],
    run: async ({ words: [search], signal }) => {
      const { accounts, total } = await get("/api/accounts", { search, pageSize: 200 }, { signal });
      const rows = columns(
        accounts,
        [
          ["account", ({ email }) => email],
          ["status", ({ status }) => status],
          ["projects", ({ projects }) => projects],
          ["why", ({ invalidReason }) => invalidReason],
        ],
        "There is no account. Add one in the panel Accounts.",
      );
      return `${rows}\n${plural(total, "account")}`;
    },
  },
  {
    name: "account enable",
    about: "Put an account in rotation",
    takes: [ACCOUNT],
    run: toggle(true),
  },
  {
    name: "account disable",
    about: "Take an account out of rotation",
    takes: [ACCOUNT],
    run: toggle(false),
  },
  {
    name: "account sync",
    about: "Sync an account's projects from Google",
    takes: [ACCOUNT],
    run: async ({ words: [account], signal }) =>
      facts(
        await post(
          `/api/gswarm/accounts/${encodeURIComponent(account)}/discover-projects`,
          {},
          { signal },
        ),
      ),
  },
  {
    name: "account remove",
    about: "Remove an account, its credential and its projects",
    takes: [ACCOUNT],
    options: { revoke: { about: "revoke the credential at Google, too" } },
    run: async ({ words: [account], options, ask, signal }) => {
      if (
        !(await ask({
          title: `Remove ${account}?`,
          text: "Its credential and its projects are removed.",
          action: "Remove account",
        }))
      )
        return "Nothing is changed.";
      await post(at(account, "logout"), { revoke: Boolean(options.revoke) }, { signal });
      return `${account} is removed.`;
    },
  },
  {
    name: "refresh",
    about: "Renew the tokens of one account, or of all",
    takes: [{ ...ACCOUNT, isOptional: true }],
    run: async ({ words: [email = null], signal }) => {
      const { refreshed, failed, results } = await post(
        "/api/refresh-tokens",
        { email },
        { signal },
      );
      return `${listing(results)}\n${refreshed} renewed, ${failed} failed`;
    },
  },
];
