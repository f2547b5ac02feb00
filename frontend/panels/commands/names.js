// Names of what there is, to complete a word with.

import { get } from "/static/lib/api.js";

const KINDS = {
  projects: async (start, options) =>
    (await get("/api/projects", { search: start, pageSize: 50 }, options)).projects.map(
      ({ id }) => id,
    ),
  accounts: async (start, options) =>
    (await get("/api/accounts", { search: start, pageSize: 50 }, options)).accounts.map(
      ({ email }) => email,
    ),
  keys: async (start, options) =>
    (await get("/api/api-keys", {}, options)).apiKeys
      .filter(({ active }) => active)
      .flatMap(({ id, name }) => [name, id]),
  models: async (start, options) =>
    (await get("/api/gswarm/models", {}, options)).models.map(({ id }) => id),
  jobs: async (start, options) => (await get("/api/jobs", {}, options)).jobs.map(({ id }) => id),
};

/** Completion is a courtesy: what cannot be read completes nothing. */
export async function namesOf(kind, start, options) {
  try {
    return (await KINDS[kind]?.(start, options)) ?? [];
  } catch {
    return [];
  }
}
