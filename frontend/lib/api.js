// Asks the gateway, in JSON: the only place that calls `fetch`.
//
//   const { accounts } = await api.get("/api/accounts", { search: "ali", page: 2 }, { signal });
//   await api.post(`/api/projects/${encodeURIComponent(id)}/toggle`, { enabled: false });
//
// What the gateway refuses is thrown as `ApiError`, in its own words. A session that is
// over leads to sign-in; the request waits, and is made again afterwards.

import * as sessions from "/static/lib/session.js";

const SAFE = ["GET", "HEAD"];

export class ApiError extends Error {
  constructor(
    message,
    { status = 0, code = "", details = {}, retryAfter = null, requestId = "" } = {},
  ) {
    super(message);
    Object.assign(this, { status, code, details, retryAfter, requestId });
  }
}

/** Whether a request was given up by us: nothing anybody needs to hear of. */
export const isAbort = (error) => error?.name === "AbortError";

export const get = (path, query, options) => json("GET", path + asQuery(query), undefined, options);
export const post = (path, body = {}, options) => json("POST", path, body, options);
export const patch = (path, body, options) => json("PATCH", path, body, options);
export const del = (path, body, options) => json("DELETE", path, body, options);

/** The answer itself, for streams and files; `ApiError` unless it is a good one. */
export async function open(method, path, body, options = {}) {
  const asked = sessions.session;
  let answer = await send(method, path, body, options);
  if (answer.status === 401 && path !== "/api/admin/login" && (await isSignedOut(answer))) {
    if (sessions.session === asked) sessions.lose(); // else somebody has signed in since
    await abortable(sessions.renewed(), options.signal);
    answer = await send(method, path, body, options);
  } else if (answer.status === 403 && (await codeOf(answer)) === "wrong_csrf_token") {
    await refreshSession(options);
    answer = await send(method, path, body, options);
  }
  if (!answer.ok) throw await errorOf(answer);
  return answer;
}

/** Read who is signed in. */
export async function refreshSession(options = {}) {
  const answer = await send("GET", "/api/admin/session", undefined, options);
  if (!answer.ok) throw await errorOf(answer);
  sessions.begin(await answer.json());
}

async function json(method, path, body, options) {
  const answer = await open(method, path, body, options);
  return answer.status === 204 ? null : answer.json();
}

async function send(method, path, body, { signal, headers = {} } = {}) {
  const given = new Headers(headers);
  if (body !== undefined) given.set("Content-Type", "application/json");
  if (!SAFE.includes(method) && sessions.session)
    given.set("X-CSRF-Token", sessions.session.csrfToken);
  try {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    return await fetch(path, { method, headers: given, body: sent, signal });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError("The gateway does not answer.", { code: "unreachable" });
  }
}

async function errorOf(answer) {
  const { message, code, details } = await refusalOf(answer);
  const wait = Number(answer.headers.get("Retry-After")) || null;
  return new ApiError(message ?? `The gateway answered ${answer.status}.`, {
    status: answer.status,
    code: code ?? "",
    details: details ?? {},
    retryAfter: wait,
    requestId: answer.headers.get("x-request-id") ?? "",
  });
}

async function refusalOf(answer) {
  try {
    return (await answer.clone().json()).error ?? {};
  } catch {
    return {};
  }
}

const codeOf = async (answer) => (await refusalOf(answer)).code;

/** The model paths answer in OpenAI's words, so any 401 for a page of ours means this. */
const isSignedOut = async (answer) => (await codeOf(answer)) !== "wrong_password";

function asQuery(query = {}) {
  const given = Object.entries(query ?? {}).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

function abortable(promise, signal) {
  if (!signal) return promise;
  signal.throwIfAborted();
  const { promise: ended, reject } = Promise.withResolvers();
  const end = () => reject(signal.reason);
  signal.addEventListener("abort", end, { once: true });
  return Promise.race([promise, ended]).finally(() => signal.removeEventListener("abort", end));
}
