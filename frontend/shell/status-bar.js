// The state of the whole, live: what is ready, what rests, how much is asked and is left.

import * as live from "/static/lib/live.js";
import { html, nothing, render } from "/static/lib/html.js";
import { number, percent, words } from "/static/lib/format.js";
import { until } from "/static/lib/time.js";

const MINUTE = 60;
const CONNECTIONS = {
  idle: "Offline",
  connecting: "Connecting…",
  open: "Live",
  lost: "Reconnecting…",
  paused: "Paused",
};
const TONES = {
  connected: "good",
  "degraded-routed": "good",
  "degraded-capacity": "fair",
  frozen: "bad",
  quota_exhausted: "bad",
  disconnected: "bad",
};
const MEANINGS = {
  connected: "Every project is ready.",
  "degraded-routed": "Some requests were limited and answered by another project.",
  "degraded-capacity": "Some projects rest.",
  frozen: "Every project rests.",
  quota_exhausted: "Every project has used up its quota of the day.",
  disconnected: "No project can be asked: add an account.",
};

class StatusBar extends HTMLElement {
  #life = null;
  #status = null;
  #timer = null;
  #requests = new RequestCount();

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    live.on("status_update", (status) => this.#write((this.#status = status)), { signal });
    live.on("request", () => this.#requests.add(), { signal });
    live.on("state", () => this.#write(), { signal });
    this.#timer = setInterval(() => document.hidden || this.#write(), 2_000);
    this.#write();
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    this.#life.abort();
  }

  #write() {
    const connection = html`<span class="connection" data-connection="${live.state}" role="status"><i></i>${CONNECTIONS[live.state]}</span>`;
    const status = this.#status;
    const facts = status ? html`${whole(status)}${projects(status)}${this.#perMinute()}${quota(status.quota)}` : nothing;
    render(this, html`${facts}${connection}`);
  }

  #perMinute() {
    return html`<span class="fact" title="Requests finished within the last minute"><b>${number(this.#requests.count)}</b> req/min</span>`;
  }
}

/** How many within the last minute: one counter a second, whatever the traffic. */
class RequestCount {
  #seconds = new Map();

  add() {
    const second = Math.floor(Date.now() / 1_000);
    this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + 1);
    this.#forget(second);
  }

  get count() {
    this.#forget(Math.floor(Date.now() / 1_000));
    return [...this.#seconds.values()].reduce((sum, each) => sum + each, 0);
  }

  #forget(now) {
    for (const second of this.#seconds.keys()) {
      if (second > now - MINUTE) return;
      this.#seconds.delete(second);
    }
  }
}

function whole({ status }) {
  return html`<span class="state" data-tone="${TONES[status] ?? "fair"}" title="${MEANINGS[status] ?? ""}"><i></i>${words(status)}</span>`;
}

function projects({ projects: all, activeProjects, cooldownProjects }) {
  const failing = Math.max(0, all - activeProjects - cooldownProjects);
  return html`<span class="fact" title="Projects"><b>${number(activeProjects)}</b> ready</span>
    <span class="fact ${cooldownProjects ? "fair" : "calm"}"><b>${number(cooldownProjects)}</b> cooling</span>
    <span class="fact ${failing ? "bad" : "calm"}"><b>${number(failing)}</b> failing</span>`;
}

/** Nothing where no limit is known: an invented share would be worse. */
function quota(known) {
  if (!known?.limit) return nothing;
  const share = known.used / known.limit;
  const end = known.exhaustsAt ? html`, gone ${until(known.exhaustsAt)}` : nothing;
  return html`<span class="fact ${share > 0.8 ? "fair" : ""}" title="${number(known.used)} of ${number(known.limit)} requests of today's known quota"><b>${percent(share)}</b> of quota${end}</span>`;
}

customElements.define("status-bar", StatusBar);
