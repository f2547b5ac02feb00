// Who is signed in on this page, and the one place where that changes.

/** `{user, expiresAt, csrfToken, simulated, canLink}`, or null. */
export let session = null;

const changes = new EventTarget();
let waiting = null;

export function onSession(listen, options) {
  changes.addEventListener("change", () => listen(session), options);
}

export function begin(facts) {
  session = facts;
  waiting?.resolve(facts);
  waiting = null;
  changes.dispatchEvent(new Event("change"));
}

/** The session is over: sign-in is shown, the page below it stays. */
export function lose() {
  if (waiting) return;
  session = null;
  waiting = Promise.withResolvers();
  changes.dispatchEvent(new Event("change"));
}

/** Settles when somebody has signed in again. */
export function renewed() {
  return waiting ? waiting.promise : Promise.resolve(session);
}
