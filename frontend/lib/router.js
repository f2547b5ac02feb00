// Where the page is: `#/projects/alice-01?status=cooldown` is the panel `projects`, its
// further words `["alice-01"]` and its parameters.

const listeners = new Set();
let guard = null;
let last = location.hash;

export function route() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [id, ...rest] = path.split("/").map(decode);
  return { id: id || "", rest, params: new URLSearchParams(query) };
}

/** The address of a panel. */
export function hrefOf(id, params = {}, ...rest) {
  const path = [id, ...rest].map(encodeURIComponent).join("/");
  const query = new URLSearchParams(given(params)).toString();
  return `#/${path}${query && `?${query}`}`;
}

export function navigate(id, params, ...rest) {
  location.hash = hrefOf(id, params, ...rest);
}

/** Change parameters of the current place, as no step of its own in the history. */
export function replaceParams(changes) {
  const { id, rest, params } = route();
  const next = given({ ...Object.fromEntries(params), ...changes });
  history.replaceState(null, "", hrefOf(id, next, ...rest));
  last = location.hash;
}

export function onRoute(listen) {
  listeners.add(listen);
}

/** Ask `mayLeave` (true, or a promise of it) before the page goes elsewhere.
 *  Answers how to stop asking. */
export function guardLeaving(isDirty, mayLeave) {
  const own = { isDirty, mayLeave };
  guard = own;
  return () => {
    if (guard === own) guard = null;
  };
}

export function start() {
  addEventListener("hashchange", follow);
  addEventListener("beforeunload", (event) => guard?.isDirty() && event.preventDefault());
}

async function follow() {
  const wanted = location.hash;
  if (wanted === last) return;
  if (guard?.isDirty()) {
    history.replaceState(null, "", last || "#/");
    if (!(await guard.mayLeave())) return;
    guard = null;
    history.replaceState(null, "", wanted);
  }
  last = wanted;
  for (const listen of listeners) listen(route());
}

function given(params) {
  const kept = Object.entries(params).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return Object.fromEntries(kept);
}

function decode(word) {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
