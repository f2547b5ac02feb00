// Sign-in, over a page that stays as it was; what one tab learns, the others hear.

import { isAbort, post, refreshSession } from "/static/lib/api.js";
import { lose, onSession, session } from "/static/lib/session.js";
import { dress } from "/static/lib/dress.js";
import { toast } from "/static/lib/toast.js";

const FORM = "/static/shell/sign-in-form.js";
const MOST_MS = 2 ** 31 - 1;
const RETRY_MS = 3_000;
const dialog = document.getElementById("sign-in");
const tabs = new BroadcastChannel("gswarm:session");
const google = new BroadcastChannel("gswarm:sign-in");
let expiry = null;
let wasIn = false;

export function startSignIn() {
  onSession(follow);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  tabs.addEventListener("message", ({ data }) =>
    data === "ended" ? session && lose() : session || enter(),
  );
  google.addEventListener("message", ({ data }) => data.intent === "signin" && heedGoogle(data));
}

export async function signOut() {
  await post("/api/admin/logout");
  tabs.postMessage("ended");
  location.reload();
}

// ---------------------------------------------------------------- with the session

function follow() {
  clearTimeout(expiry);
  document.body.dataset.session = session ? "in" : wasIn ? "over" : "out";
  if (!session) return show();
  wasIn = true;
  const left = new Date(session.expiresAt) - Date.now();
  expiry = setTimeout(lose, Math.min(Math.max(left, 0), MOST_MS));
  if (dialog.open) dialog.close();
}

/** Those who are signed in have no need of the form. Nobody is left without it. */
async function show(isAgain = false) {
  if (session || dialog.open) return;
  try {
    const [{ showForm }] = await Promise.all([import(FORM), dress("/static/styles/sign-in.css")]);
    if (!session && !dialog.open)
      showForm(dialog, { isOver: wasIn, entered: () => tabs.postMessage("began") });
  } catch {
    setTimeout(show, RETRY_MS, true);
    if (!isAgain)
      toast("The sign-in does not come from the gateway, which may be restarting.", {
        kind: "error",
      });
  }
}

async function heedGoogle({ ok, message }) {
  if (ok) enter();
  else if (dialog.open) (await import(FORM)).complain(dialog, { message });
}

async function enter() {
  try {
    await refreshSession();
  } catch (error) {
    if (!isAbort(error)) toast(error.message, { kind: "error" });
  }
}
