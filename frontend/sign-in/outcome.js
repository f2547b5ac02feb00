// Tells the dashboard how a visit to Google has ended, and goes away.
//
// Google's pages may have cut the way to the window that opened this one, so the news
// goes by a channel as well. A page that nobody opened leads on by itself.

const GIVE_TIME_MS = 200;

const outcome = JSON.parse(document.body.dataset.outcome);
const channel = new BroadcastChannel("gswarm:sign-in");

channel.postMessage(outcome);
window.opener?.postMessage({ type: "gswarm:sign-in", ...outcome }, location.origin);

setTimeout(() => {
  channel.close();
  window.close();
  if (outcome.intent === "signin" && outcome.ok) location.replace("/");
}, GIVE_TIME_MS);
