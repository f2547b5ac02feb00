// Linking by Google sign-in: a window goes to Google, and tells the page how it ended.

import { toast } from "/static/lib/toast.js";

const WINDOW = "popup,width=520,height=680";

/** Where linking begins. `byHand`: Google sends the browser to its own machine;
 *  `project` is the one to onboard with. */
export function linkAddress({ email = "", project = "", byHand = false } = {}) {
  const query = new URLSearchParams({ intent: "link" });
  if (email) query.set("login_hint", email);
  if (project) query.set("project", project);
  if (byHand) query.set("paste", "true");
  return `/api/auth/google?${query}`;
}

/** Must be called while a press is heeded: browsers block other windows. */
export function linkByGoogle(email, project) {
  if (window.open(linkAddress({ email, project }), "gswarm-link", WINDOW)) return;
  toast(
    "The browser has blocked the window to Google. Allow this page to open windows, and try again.",
    { kind: "error" },
  );
}

/** Say how visits to Google end, and then let the page look again. */
export function onLinked(look, signal) {
  const channel = new BroadcastChannel("gswarm:sign-in");
  channel.addEventListener("message", ({ data }) => {
    if (data.intent === "signin") return;
    tell(data);
    look();
  });
  signal.addEventListener("abort", () => channel.close(), { once: true });
}

function tell({ ok, message, email }) {
  toast(email && ok ? `${email} is linked. ${message}` : message, {
    kind: ok ? "success" : "error",
  });
}
