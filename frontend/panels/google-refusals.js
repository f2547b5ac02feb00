// What Google said of projects it refuses, and whether the gateway can mend it itself.

import { isAbort } from "/static/lib/api.js";

const MOST = 200;
const API_OFF = /(not been used|disabled).*cloudaicompanion\.googleapis\.com/s;

/** The newest error of each project that is refused, by its id: a row knows no more than
 *  the verdict. Without the errors, the rows are worth showing still. */
export async function refusalsOf(projects, get) {
  const refused = new Set(projects.filter(isRefused).map(({ id }) => id));
  if (!refused.size) return new Map();
  const { errors } = await get("/api/dashboard/errors", { type: "auth", limit: MOST }).catch(none);
  const found = errors.filter(({ projectId }) => refused.has(projectId));
  return new Map(found.toReversed().map((error) => [error.projectId, error]));
}

/** Whether it is for the API of Code Assist, which the gateway can enable. */
export const isApiOff = (error) => API_OFF.test(error?.message ?? "");

const isRefused = ({ status, cooldownReason }) => status === "error" && cooldownReason === "auth";

function none(error) {
  if (isAbort(error)) throw error;
  return { errors: [] };
}
