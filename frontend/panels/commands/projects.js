// Commands about projects.

import { get, post } from "/static/lib/api.js";
import { columns, facts } from "/static/panels/commands/text.js";
import { follow } from "/static/panels/commands/work.js";
import { number, plural } from "/static/lib/format.js";
import { Mistake } from "/static/panels/commands/line.js";

const PROJECT = { name: "PROJECT", kind: "projects" };
const MODEL = {
  value: "MODEL",
  kind: "models",
  about: "the model to ask; the default one otherwise",
};
const STATUSES = ["active", "cooldown", "disabled", "error"];
const at = (project, verb) => `/api/projects/${encodeURIComponent(project)}/${verb}`;

const toggle =
  (enabled) =>
  async ({ words: [project], signal }) => {
    await post(at(project, "toggle"), { enabled }, { signal });
    return `${project} is ${enabled ? "in" : "out of"} rotation.`;
  };

export const PROJECTS = [
  {
    name: "projects",
    about: "List the projects, the healthiest first",
    takes: [{ name: "SEARCH", isOptional: true }],
    options: {
      status: { value: "STATUS", choices: STATUSES, about: STATUSES.join(", ") },
      account: { value: "ACCOUNT", kind: "accounts", about: "those of one account" },
    },
    run: async ({ words: [search], options, signal }) => {
      const asked = { search, ...options, sort: "health", direction: "desc", pageSize: 100 };
      const { projects, total } = await get("/api/projects", asked, { signal });
      const more = total > projects.length ? `, the first ${number(projects.length)} shown` : "";
      return `${columns(projects, COLUMNS)}\n${plural(total, "project")}${more}`;
    },
  },
  {
    name: "project show",
    about: "Show all that is known of a project",
    takes: [PROJECT],
    run: async ({ words: [project], signal }) => {
      const { projects } = await get(
        "/api/projects",
        { search: project, pageSize: 200 },
        { signal },
      );
      const found = projects.find(({ id }) => id === project);
      if (!found) throw new Mistake(`There is no project ${JSON.stringify(project)}.`);
      return facts(found);
    },
  },
  {
    name: "project test",
    about: "Ask a project one tiny question",
    takes: [PROJECT],
    options: { model: MODEL },
    run: async ({ words: [project], options, signal }) => {
      const tried = await post(at(project, "test"), { model: options.model ?? null }, { signal });
      if (tried.ok) return `${project} answered in ${number(tried.latencyMs)} ms.`;
      throw new Mistake(
        [`${project} did not answer: ${tried.message ?? tried.status}`, tried.actionUrl]
          .filter(Boolean)
          .join("\n"),
      );
    },
  },
  {
    name: "project enable",
    about: "Put a project in rotation",
    takes: [PROJECT],
    run: toggle(true),
  },
  {
    name: "project disable",
    about: "Take a project out of rotation",
    takes: [PROJECT],
    run: toggle(false),
  },
  {
    name: "project reset",
    about: "End a project's cooldowns by hand",
    takes: [PROJECT],
    run: async ({ words: [project], signal }) => {
      await post(at(project, "reset"), {}, { signal });
      return `The cooldown of ${project} is over.`;
    },
  },
  {
    name: "project activate",
    about: "Enable the API that Code Assist needs, at Google",
    takes: [PROJECT],
    run: async ({ words: [project], ...rest }) =>
      follow(await post(at(project, "enable"), {}, rest), rest),
  },
  {
    name: "test all",
    about: "Ask every project one tiny question",
    options: { model: MODEL },
    run: async ({ options, ...rest }) =>
      follow(await post("/api/projects/test", { model: options.model ?? null }, rest), rest),
  },
];

const COLUMNS = [
  ["project", ({ id }) => id],
  ["account", ({ account }) => account],
  ["status", ({ status }) => status],
  ["health", ({ health }) => health.toFixed(2)],
  ["in flight", ({ inFlight }) => inFlight],
  ["ok", ({ successCount }) => successCount],
  ["errors", ({ errorCount }) => errorCount],
  ["cooldown until", ({ cooldownUntil }) => cooldownUntil],
];
