// The state of the whole, live: what is ready, what is in cooldown, how much is asked and is left.

import * as live from "/static/lib/live.js";
import { ApiError, get, isAbort } from "/static/lib/api.js";
import { hrefOf } from "/static/lib/router.js";
import { html, nothing, render } from "/static/lib/html.js";
import { number, percent, plural, stateTone, words } from "/static/lib/format.js";
import { until } from "/static/lib/time.js";

const MINUTE = 60;
const MOST_READ = 100;
const LOOK_MS = 30_000;
const CONNECTIONS = {
  idle: "Offline",
  connecting: "Connecting…",
  open: "Live",
  lost: "Reconnecting…",
  paused: "Paused",
};
const MEANINGS = {
  "degraded-routed": "Some requests were limited and answered by another project.",
  frozen: "Every model has to wait.",
  quota_exhausted: "The quota of the day is used up.",
};

class StatusBar extends HTMLElement {
  #life = null;
  #status = null;
  #timers = [];
  #requests = new RequestCount();

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    live.on("status_update", (status) => this.#take(status), { signal });
    live.on("request", ({ id }) => this.#requests.add(id), { signal });
    live.on("resync", () => (this.#requests = new RequestCount()), { signal });
    live.on("state", () => this.#write(), { signal });
    this.#timers = [
      setInterval(() => document.hidden || this.#write(), 2_000),
      setInterval(() => this.#look(), LOOK_MS),
    ];
    this.#write();
  }

  disconnectedCallback() {
    this.#timers.forEach(clearInterval);
    this.#life.abort();
  }

  #take(status) {
    this.#status = status;
    this.#write();
    if (this.#requests.isNew) this.#lookBack(this.#requests, Date.parse(status.timestamp));
  }

  /** What was asked within the minute before the first news; `now` is the gateway's. */
  async #lookBack(requests, now) {
    requests.isNew = false;
    try {
      const query = {
        startDate: new Date(now - 2 * MINUTE * 1_000).toISOString(),
        limit: MOST_READ,
      };
      const found = await get("/api/gswarm/requests", query, { signal: this.#life.signal });
      requests.addPast(
        found.requests.map((each) => ({
          id: each.id,
          age: now - Date.parse(each.timestamp) - each.duration_ms,
        })),
      );
      this.#write();
    } catch (error) {
      requests.addPast([]); // the next minute will tell
      if (!(error instanceof ApiError) && !isAbort(error)) throw error;
    }
  }

  /** Quota is used up without the state of anything changing. */
  async #look() {
    if (document.hidden || live.state !== "open") return;
    try {
      this.#status = await get("/api/gswarm/status", {}, { signal: this.#life.signal });
      this.#write();
    } catch (error) {
      if (!(error instanceof ApiError) && !isAbort(error)) throw error; // the stream will tell
    }
  }

  #write() {
    const connection = html`<span class="connection" data-connection="${live.state}" role="status"><i></i><span>${CONNECTIONS[live.state]}</span></span>`;
    const status = this.#status;
    const facts = status
      ? html`${whole(status)}<span class="counts">${failing(status)}${projects(status)}${this.#perMinute()}${quota(status)}${off(status)}</span>`
      : nothing;
    render(this, html`${facts}${connection}`);
  }

  #perMinute() {
    return fact({
      count: this.#requests.count,
      words: "req/min",
      title: "Requests finished within the last minute",
      href: hrefOf("metrics"),
    });
  }
}

/** How many within the last minute: one counter a second, whatever the traffic. */
class RequestCount {
  isNew = true;
  #seconds = new Map();
  #heard = new Set(); // until the past is known, which may tell of the same

  add(id) {
    this.#heard?.add(id);
    this.#note(0, 1);
  }

  /** The newest that ended before anybody listened, `age` ms ago; where there are too many to read, as many in each second before. */
  addPast(past) {
    const ages = past.filter(({ id }) => !this.#heard.has(id)).map(({ age }) => Math.max(0, age));
    this.#heard = null;
    ages.forEach((age) => this.#note(age, 1));
    if (past.length < MOST_READ) return;
    const oldest = Math.max(...ages, 1_000);
    for (let age = oldest; age < MINUTE * 1_000; age += 1_000)
      this.#note(age, (ages.length * 1_000) / oldest);
  }

  get count() {
    this.#forget();
    return Math.round([...this.#seconds.values()].reduce((sum, each) => sum + each, 0));
  }

  #note(age, requests) {
    const second = Math.floor((Date.now() - age) / 1_000);
    this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + requests);
    this.#forget();
  }

  #forget() {
    const oldest = Date.now() / 1_000 - MINUTE;
    for (const second of this.#seconds.keys()) if (second <= oldest) this.#seconds.delete(second);
  }
}

function whole(status) {
  const { status: word } = status;
  return html`<a class="state" href="${hrefOf("overview")}" data-tone="${stateTone(word)}" title="${meaningOf(status)}"><i></i><span>${words(word)}</span></a>`;
}

/** Out of the counts first: the word alone may stand for one model, or for yesterday. */
function meaningOf(found) {
  const { status, accounts, failingAccounts, projects: all, activeProjects } = found;
  if (!accounts) return "No project can be asked: add an account.";
  const others = [
    [found.cooldownProjects, "cooling"],
    [found.failingProjects, "failing"],
    [offOf(found), "off"],
  ];
  const told = others.filter(([count]) => count).map(([count, word]) => `${number(count)} ${word}`);
  const standing =
    activeProjects === all
      ? "Every project is ready."
      : `${number(activeProjects)} of ${plural(all, "project")} ready for every model: ${told.join(", ")}.`;
  const turned = failingAccounts ? `Google refuses ${plural(failingAccounts, "account")}.` : "";
  return [standing, turned, MEANINGS[status]].filter(Boolean).join(" ");
}

/** Each fact leads to what it counts. */
function fact({ count, words: what, title, href, tone = "" }) {
  return html`<a class="fact ${tone}" href="${href}" title="${title}"><b>${number(count)}</b> ${what}</a>`;
}

const projectsLike = (status) => hrefOf("projects", { status });

/** Where accounts fail it is they that are to be mended. */
function failing({ failingAccounts, failingProjects }) {
  if (!failingAccounts && !failingProjects) return nothing;
  if (!failingAccounts)
    return fact({
      count: failingProjects,
      words: "failing",
      title: "Projects that Google refuses",
      href: projectsLike("error"),
      tone: "bad",
    });
  const title = `${plural(failingProjects, "project")} unavailable until somebody mends ${plural(failingAccounts, "account")}`;
  return fact({
    count: failingProjects,
    words: "failing",
    title,
    href: hrefOf("accounts", { sort: "status", direction: "desc" }),
    tone: "bad",
  });
}

function projects({ activeProjects, cooldownProjects }) {
  return html`${fact({ count: activeProjects, words: "active", title: "Projects that can serve some model", href: projectsLike("active") })}
    ${fact({ count: cooldownProjects, words: "in cooldown", title: "Projects in cooldown for every model they serve", href: hrefOf("projects", { sort: "cooldownUntil" }), tone: cooldownProjects ? "fair" : "calm" })}`;
}

/** Those that somebody has switched off, or whose account is. */
const offOf = ({ projects: all, activeProjects, cooldownProjects, failingProjects }) =>
  Math.max(0, all - activeProjects - cooldownProjects - failingProjects);

function off(status) {
  const count = offOf(status);
  return count
    ? fact({
        count,
        words: "off",
        title: "Projects that are switched off, or whose account is",
        href: projectsLike("disabled"),
        tone: "calm",
      })
    : nothing;
}

/** How far the model is whose quota is nearest its end; nothing where no limit is known. */
function quota({ quota: { uses = [] }, validAccounts }) {
  const scarcest = models(uses, validAccounts).sort((a, b) => b.share - a.share)[0];
  if (!scarcest) return nothing;
  const { model, used, limit, share, exhaustsAt } = scarcest;
  const end = exhaustsAt ? html`, gone ${until(exhaustsAt)}` : nothing;
  const title = `${number(used)} of ${number(limit)} requests of today's quota for ${model}`;
  return html`<a class="fact ${share > 0.8 ? "fair" : ""}" href="${hrefOf("metrics")}" title="${title}"><b>${percent(share)}</b> of quota${end}</a>`;
}

/** A model's quota over all accounts: one nobody has asked yet has all of its own left. */
function models(uses, accounts) {
  const known = Map.groupBy(
    uses.filter((use) => use.limit),
    (use) => use.model,
  );
  return [...known].map(([model, parts]) => {
    const [used, told] = ["used", "limit"].map((name) =>
      parts.reduce((sum, part) => sum + part[name], 0),
    );
    const untouched = Math.max(0, accounts - parts.length);
    const limit = Math.round(told + (untouched * told) / parts.length);
    const ends = untouched ? [null] : parts.map((part) => part.exhaustsAt);
    return {
      model,
      used,
      limit,
      share: used / limit,
      exhaustsAt: ends.every(Boolean) ? ends.sort().at(-1) : null,
    };
  });
}

customElements.define("status-bar", StatusBar);
