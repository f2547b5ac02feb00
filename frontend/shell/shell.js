// The frame around the panels: who is signed in, which panel is shown, what the keys do.

import * as keys from "/static/lib/keys.js";
import * as live from "/static/lib/live.js";
import * as router from "/static/lib/router.js";
import * as theme from "/static/lib/theme.js";
import * as time from "/static/lib/time.js";
import { dress } from "/static/lib/dress.js";
import { failure } from "/static/lib/states.js";
import { lose, onSession, session } from "/static/lib/session.js";
import { get, refreshSession } from "/static/lib/api.js";
import { html, render } from "/static/lib/html.js";
import { markCurrent, startNavigation } from "/static/shell/navigation.js";
import { attempt, startPalette } from "/static/lib/palette.js";
import { startSignIn } from "/static/shell/sign-in.js";
import { startTools } from "/static/shell/tools.js";
import "/static/shell/status-bar.js";

const main = document.getElementById("main");

export async function startShell(panels) {
  for (const part of [theme, time, keys, router]) part.start();
  startSignIn();
  startNavigation(panels);
  startPalette(panels, (panel, action) => perform(panels, panel, action));
  startTools();
  live.start();
  router.onRoute(() => session && show(panels));
  onSession(() => session && shownOf(panels) !== current && show(panels));
  onSession(() => session && document.body.classList.toggle("is-simulated", session.simulated));
  await enter(panels);
}

async function enter(panels) {
  fetchAhead(shownOf(panels));
  try {
    const { authenticated } = await get("/api/admin/login");
    if (authenticated) await refreshSession();
    else lose();
  } catch (error) {
    render(main, failure(error));
    document.body.dataset.session = "in";
    main.querySelector("button").addEventListener("click", () => location.reload());
  }
}

// ---------------------------------------------------------------- the panel

let current = null;
let awaited = null;
let isFirst = true;

async function show(panels) {
  const panel = shownOf(panels);
  if (panel === current) return main.firstElementChild?.moved?.();
  const action = awaited?.panel === panel ? awaited.action : null;
  awaited = null;
  current = panel;
  markCurrent(panel);
  document.title = `${panel.title} · GSwarm`;
  try {
    await Promise.all([import(panel.module), dress(panel.style)]);
    if (panel !== current) return;
    main.replaceChildren(document.createElement(panel.element));
  } catch (error) {
    if (panel !== current) return;
    current = null;
    reportError(error);
    render(main, absent(panel));
    main.querySelector("button").addEventListener("click", () => show(panels));
  }
  if (!isFirst) focus();
  isFirst = false;
  if (action && current) attempt(() => act(action));
}

function focus() {
  main.scrollTo(0, 0);
  main.focus({ preventScroll: true });
}

const absent = ({ title }) =>
  html`<section>
  <header class="panel-head"><h1>${title}</h1></header>
  ${failure({ message: `${title} did not come from the gateway, which may be restarting.` })}
</section>`;

/** Do what a panel can, going there first if need be. */
async function perform(panels, panel, action) {
  if (main.firstElementChild?.localName === panel.element) return act(action);
  if (!(await router.mayLeave())) return;
  awaited = { panel, action };
  if (shownOf(panels) === panel) await show(panels); // it did not come before
  else router.navigate(panel.id);
}

const act = (action) => main.firstElementChild.actions[action]();

function shownOf(panels) {
  const { id } = router.route();
  return panels.find((each) => each.id === id) ?? panels[0];
}

/** While it is still being asked who is there. What fails is told when it is shown. */
function fetchAhead(panel) {
  Promise.allSettled([import(panel.module), dress(panel.style)]);
}
