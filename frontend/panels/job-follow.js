// Long work: starting it, and following it to its end.

import * as api from "/static/lib/api.js";
import * as live from "/static/lib/live.js";

const POLL_MS = 3_000;

const TITLES = {
  "project-test": "Test of all projects",
  "project-create": "New project",
  "project-enable": "Enabling the API",
  probe: "Probe",
  bench: "Bench",
};

const TONES = { done: "good", failed: "bad", lost: "bad", running: "fair", queued: "" };

export const titleOf = ({ kind }) => TITLES[kind] ?? kind;

export const toneOf = ({ state }) => TONES[state] ?? "";

export const isOver = ({ state }) => !["queued", "running"].includes(state);

export const shareOf = ({ done, total, state }) =>
  total ? Math.min(1, done / total) : Number(state === "done");

/** Start a job; the one in its way, where one of its kind runs already. */
export async function startJob(path, body = {}) {
  try {
    return await api.post(path, body);
  } catch (error) {
    if (error.code === "job_running") return error.details.job;
    throw error;
  }
}

/** Show a job with its results whenever there is news of it; settles at its end. */
export async function follow(id, show, { signal }) {
  const over = new AbortController();
  let bell = Promise.withResolvers();
  live.on("job", (told) => told.id === id && bell.resolve(), {
    signal: AbortSignal.any([signal, over.signal]),
  });
  try {
    for (;;) {
      bell = Promise.withResolvers();
      const job = await api.get(`/api/jobs/${encodeURIComponent(id)}`, {}, { signal });
      show(job);
      if (isOver(job)) return job;
      await Promise.race([bell.promise, pause(POLL_MS)]);
    }
  } finally {
    over.abort();
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
