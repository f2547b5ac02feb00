// Where the page is: `#/projects/alice-01?status=cooldown` is the panel `projects`, its
// further words `["alice-01"]` and its parameters.

const listeners = new Set();
let guard = null;
let isAsking = false;
let last = location.hash;
let place = 0; // in the history: each entry keeps its own

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
  history.replaceState(history.state, "", hrefOf(id, next, ...rest));
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

/** Whether nothing holds the page here, or somebody lets it go. */
export async function mayLeave() {
  if (!guard?.isDirty()) return true;
  if (isAsking) return false;
  isAsking = true;
  try {
    const may = await guard.mayLeave();
    if (may) guard = null;
    return may;
  } finally {
    isAsking = false;
  }
}

export function start() {
  place = placeOf();
  addEventListener("hashchange", follow);
  addEventListener("beforeunload", (event) => guard?.isDirty() && event.preventDefault());
}

/** While it is asked, the page goes back to where it was in the history. */
async function follow() {
  const wanted = location.hash;
  const goal = placeOf();
  if (wanted !== last && guard?.isDirty()) {
    const way = goal - place;
    history.go(-way);
    if (await mayLeave()) history.go(way);
    return;
  }
  place = goal;
  if (wanted === last) return;
  last = wanted;
  for (const listen of listeners) listen(route());
}

/** A new entry comes after the one before it. */
function placeOf() {
  if (history.state?.place === undefined) history.replaceState({ place: place + 1 }, "");
  return history.state.place;
}

function given(params) {
  const kept = Object.entries(params).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  return Object.fromEntries(kept);
}

function decode(word) {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
