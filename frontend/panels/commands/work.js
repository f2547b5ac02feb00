// Commands about the whole: its state, a question, errors, jobs, the bench.

import { del, get, post } from "/static/lib/api.js";
import { columns, facts, listing } from "/static/panels/commands/text.js";
import { number, plural } from "/static/lib/format.js";
import { Mistake, count } from "/static/panels/commands/line.js";

const POLL_MS = 700;
const MODEL = { value: "MODEL", kind: "models", about: "the model to ask" };

export const WORK = [
  {
    name: "status",
    isFirst: true,
    about: "Show how the whole stands",
    run: async ({ signal }) => {
      const { models, quota, timestamp, ...whole } = await get(
        "/api/gswarm/status",
        {},
        { signal },
      );
      const rows = Object.entries(models).map(([model, each]) => ({ model, ...each }));
      return `${facts(whole)}\n\n${listing(rows)}`;
    },
  },
  {
    name: "ask",
    isFirst: true,
    about: "Ask a model, as a client does",
    takes: [{ name: "QUESTION" }],
    takesAll: true,
    options: { model: MODEL },
    run: async ({ words, options, signal }) => {
      const answer = await post(
        "/api/gswarm/generate",
        { prompt: words.join(" "), model: options.model ?? null },
        { signal },
      );
      return `${answer.text}\n\n${answer.model} · ${answer.projectId ?? "cache"} · ${number(answer.latencyMs)} ms · ${plural(answer.usage.totalTokens, "token")}`;
    },
  },
  {
    name: "models",
    about: "List the models",
    run: async ({ signal }) =>
      listing(
        (await get("/api/gswarm/models", {}, { signal })).models.map(
          ({ id, tier, available, maxInputTokens, maxOutputTokens }) => ({
            id,
            tier,
            available,
            input: maxInputTokens,
            output: maxOutputTokens,
          }),
        ),
      ),
  },
  {
    name: "errors",
    about: "List the newest errors",
    options: {
      type: { value: "TYPE", about: "those of one type" },
      project: { value: "PROJECT", kind: "projects", about: "those of one project" },
      account: { value: "ACCOUNT", kind: "accounts", about: "those of one account" },
    },
    run: async ({ options, signal }) => {
      const { errors } = await get("/api/dashboard/errors", { ...options, limit: 50 }, { signal });
      return columns(errors, [
        ["at", ({ at }) => at],
        ["type", ({ type }) => type],
        ["project", ({ projectId }) => projectId],
        ["recovered", ({ recovered }) => (recovered ? "yes" : "no")],
        ["message", ({ message }) => message],
      ]);
    },
  },
  {
    name: "errors clear",
    about: "Clear all errors",
    run: async ({ ask, signal }) => {
      if (
        !(await ask({
          title: "Clear all errors?",
          text: "Every error of every project is removed.",
          action: "Clear all",
        }))
      )
        return "Nothing is changed.";
      const { deleted } = await del("/api/dashboard/errors", undefined, { signal });
      return `${plural(deleted, "error")} cleared.`;
    },
  },
  {
    name: "jobs",
    about: "List the jobs started last",
    run: async ({ signal }) =>
      columns((await get("/api/jobs", {}, { signal })).jobs, [
        ["id", ({ id }) => id],
        ["kind", ({ kind }) => kind],
        ["about", ({ target }) => target],
        ["state", ({ state }) => state],
        ["done", ({ done, total }) => `${done} of ${total}`],
        ["started", ({ createdAt }) => createdAt],
      ]),
  },
  {
    name: "job",
    about: "Show a job, and follow it to its end",
    takes: [{ name: "ID", kind: "jobs" }],
    run: async ({ words: [id], ...rest }) =>
      follow(await get(`/api/jobs/${encodeURIComponent(id)}`, {}, rest), rest),
  },
  {
    name: "bench",
    about: "Measure: send requests through the pool as clients do",
    takes: [{ name: "MODEL", kind: "models" }],
    options: {
      requests: { value: "N", about: "how many, up to 200; 20 otherwise" },
      concurrency: { value: "N", about: "how many at once, up to 20; 4 otherwise" },
      stream: { about: "streamed, to measure first tokens" },
    },
    run: async ({ words: [model], options, ...rest }) => {
      const asked = {
        model,
        requests: count(options, "requests") ?? 20,
        concurrency: count(options, "concurrency") ?? 4,
        stream: Boolean(options.stream),
      };
      return follow(await post("/api/bench", asked, rest), rest);
    },
  },
  {
    name: "probe",
    about: "Try out every project",
    options: {
      "disable-failing": { about: "take those out of rotation that Google refuses" },
      model: MODEL,
    },
    run: async ({ options, ask, ...rest }) => {
      const disableFailing = Boolean(options["disable-failing"]);
      if (
        disableFailing &&
        !(await ask({
          title: "Disable what fails?",
          text: "Every project that Google refuses leaves the rotation.",
          action: "Probe and disable",
        }))
      )
        return "Nothing is changed.";
      return follow(
        await post("/api/probe", { disableFailing, model: options.model ?? null }, rest),
        rest,
      );
    },
  },
];

/** Say how a job gets on until it ends; answers what it brought. */
export async function follow(job, { say, signal }) {
  const told = say(progress(job));
  while (job.state === "queued" || job.state === "running") {
    await pause(POLL_MS, signal);
    job = await get(`/api/jobs/${encodeURIComponent(job.id)}`, {}, { signal });
    told(progress(job));
  }
  if (job.state !== "done") throw new Mistake(job.error ?? `The job is ${job.state}.`);
  return job.results.length === 1 ? facts(job.results[0]) : listing(job.results);
}

const progress = ({ id, kind, state, done, total }) =>
  `${kind} ${id}: ${state}, ${number(done)} of ${number(total)}`;

function pause(ms, signal) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const timer = setTimeout(resolve, ms);
  const give = () => (clearTimeout(timer), reject(signal.reason));
  signal.addEventListener("abort", give, { once: true });
  return promise.finally(() => signal.removeEventListener("abort", give));
}
