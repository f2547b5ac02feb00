// What is wrong, if anything is: each with its cause and the one thing to press.

import { ApiError } from "/static/lib/api.js";
import { Panel } from "/static/lib/panel.js";
import { dress } from "/static/lib/dress.js";
import { html, nothing, safeUrl } from "/static/lib/html.js";
import { hrefOf } from "/static/lib/router.js";
import { icon } from "/static/lib/icons.js";
import { linkByGoogle, onLinked } from "/static/panels/accounts/link.js";
import { number, plural, words } from "/static/lib/format.js";
import { session } from "/static/lib/session.js";
import { until } from "/static/lib/time.js";

const RECENT_MS = 600_000;
const SETTLE_MS = 3_000;
const LOOK_MS = 30_000;
const MOST_READ = 200;
const MOST_SHOWN = 3;
const STOPPED = ["frozen", "quota_exhausted"];
const REASONS = {
  rate_limit: "at a rate limit",
  quota_exhausted: "out of quota",
  auth: "refused by Google",
  server: "in cooldown after failures at Google",
};
const FAILING_FIRST = { sort: "status", direction: "desc" };

class Wrong extends Panel {
  static refreshOn = ["account_invalid"];

  actions = {
    again: (button) => linkByGoogle(button.value),
  };

  opened() {
    onLinked(() => this.refreshSoon(0), this.signal);
    this.on("status_update", (status) => this.#follow(status));
    this.on("request", ({ status }) => status === "success" || this.refreshSoon(SETTLE_MS));
    const timer = setInterval(() => this.#rewrite(), LOOK_MS); // errors grow old by themselves
    this.signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  }

  async load({ get }) {
    try {
      const [known] = await Promise.all([found(get), dress("/static/styles/wrong.css")]);
      return known;
    } catch (error) {
      if (error instanceof ApiError) return null; // the panel's other parts tell
      throw error;
    }
  }

  loading() {
    return nothing;
  }

  render(known) {
    const rows = known
      ? [...ofAccounts(known), ...ofProjects(known), ...ofModels(known), ...ofErrors(known)]
      : [];
    if (!rows.length) return nothing;
    return html`<section class="card wrong" aria-labelledby="wrong-title">
      <h2 id="wrong-title">What is wrong</h2>
      <ul role="list">${rows.map(item)}</ul>
    </section>`;
  }

  /** Accounts are read again only where others fail than before. */
  #follow(status) {
    if (!this.data) return this.refreshSoon();
    const isAsBefore = ["accounts", "failingAccounts"].every(
      (name) => status[name] === this.data.status[name],
    );
    this.data.status = status;
    this.#rewrite();
    if (!isAsBefore) this.refreshSoon();
  }

  #rewrite() {
    if (this.data && !document.hidden) this.show("main", this.render(this.data));
  }
}

async function found(get) {
  const status = await get("/api/gswarm/status");
  const ahead = Date.parse(status.timestamp) - Date.now();
  const startDate = new Date(Date.now() + ahead - RECENT_MS).toISOString();
  const [{ accounts }, { errors }] = await Promise.all([
    status.failingAccounts
      ? get("/api/accounts", { ...FAILING_FIRST, pageSize: MOST_READ })
      : { accounts: [] },
    get("/api/dashboard/errors", { startDate, limit: MOST_READ }),
  ]);
  const failing = accounts.filter(isFailing).sort((a, b) => a.email.localeCompare(b.email));
  return { status, failing, errors, ahead };
}

/** Turned away for good, or until somebody has followed a link of Google's. */
const isFailing = ({ enabled, isInvalid, actionUrl }) =>
  enabled && (isInvalid || Boolean(actionUrl));

/** `mark` is its tone, `act` what to press. */
function item({ key, mark = "bad", title, text, act }) {
  return html`<li data-key="${key}" data-tone="${mark}"><i></i><div><strong>${title}</strong><p>${text}</p></div>${act}</li>`;
}

const link = (href, label) => html`<a class="button small" href="${href}">${label}</a>`;

// ---------------------------------------------------------------- accounts and projects

function ofAccounts({ status, failing, errors }) {
  const rows = failing.slice(0, MOST_SHOWN).map((account) => ofAccount(account, errors));
  const rest = status.failingAccounts - rows.length;
  if (rows.length && rest > 0)
    rows.push({
      key: "accounts",
      title: `${plural(rest, "more account")} unavailable`,
      text: "Google turns them away, too.",
      act: link(hrefOf("accounts", FAILING_FIRST), "See the accounts"),
    });
  return rows;
}

function ofAccount(account, errors) {
  const { email, invalidReason } = account;
  const reason =
    invalidReason ??
    errors.find((error) => error.account === email && error.type === "auth")?.message;
  return {
    key: `account:${email}`,
    title: html`${email} is unavailable`,
    text: reason ?? "Google refuses it for now.",
    act: mending(account),
  };
}

function mending({ email, upstream, actionUrl }) {
  if (actionUrl)
    return html`<a class="button small" href="${safeUrl(actionUrl)}" target="_blank" rel="noreferrer">Mend it at Google${icon("external")}</a>`;
  if (upstream === "cloudcode" && session?.canLink)
    return html`<button type="button" class="button small" data-action="again" value="${email}" aria-label="Sign ${email} in again">Sign in again</button>`;
  return link(hrefOf("accounts", { search: email }), "See the account");
}

function ofProjects({ status, failing }) {
  const refused =
    status.failingProjects - failing.reduce((sum, account) => sum + account.projects, 0);
  if (refused > 0)
    return [
      {
        key: "projects",
        title: `Google refuses ${plural(refused, "project")}`,
        text: "Their API is not enabled, say, or the account has lost its rights.",
        act: link(hrefOf("projects", { status: "error" }), "See the projects"),
      },
    ];
  if (
    !status.accounts ||
    status.activeProjects ||
    status.cooldownProjects ||
    status.failingProjects
  )
    return [];
  if (!status.projects)
    return [
      {
        key: "projects",
        title: "There is no project to ask",
        text: "None of the accounts has one.",
        act: link(hrefOf("projects"), "See the projects"),
      },
    ];
  if (!status.validAccounts)
    return [
      {
        key: "projects",
        title: "Every account is switched off",
        text: "No project can be asked.",
        act: link(hrefOf("accounts"), "See the accounts"),
      },
    ];
  return [
    {
      key: "projects",
      title: "Every project is switched off",
      text: "No model can be asked.",
      act: link(hrefOf("projects", { status: "disabled" }), "See the projects"),
    },
  ];
}

// ---------------------------------------------------------------- models

function ofModels({ status }) {
  const stopped = Object.entries(status.models).filter(
    ([, { status: word, cooling }]) => STOPPED.includes(word) && cooling,
  );
  const rows = stopped.slice(0, MOST_SHOWN).map(([name, model]) => ofModel(name, model));
  const rest = stopped.length - rows.length;
  if (rest)
    rows.push({
      key: "models",
      title: `${plural(rest, "more model")} unavailable`,
      text: "The table of models has them.",
      act: link(hrefOf("projects"), "See the projects"),
    });
  return rows;
}

/** Not only those whose state is cooling: most may be in cooldown for this model alone. */
function ofModel(name, { cooling, resting, nextFreeAt }) {
  const free = nextFreeAt ? html` Next available ${until(nextFreeAt)}.` : nothing;
  const act = link(hrefOf("projects", { sort: "cooldownUntil" }), "See the projects");
  return {
    key: `model:${name}`,
    mark: "fair",
    title: html`${name} is unavailable`,
    text: html`${whyStopped(cooling, resting)}${free}`,
    act,
  };
}

function whyStopped(cooling, resting) {
  const told = Object.entries(resting).map(([reason, count]) => [
    count,
    REASONS[reason] ?? words(reason),
  ]);
  if (told.reduce((sum, [count]) => sum + count, 0) < cooling)
    return "Google has no capacity for it at the moment.";
  if (told.length === 1)
    return `${plural(cooling, "project")} ${cooling === 1 ? "is" : "are"} ${told[0][1]}.`;
  return `Of ${plural(cooling, "project")}, ${told.map(([count, why]) => `${number(count)} ${count === 1 ? "is" : "are"} ${why}`).join(", ")}.`;
}

// ---------------------------------------------------------------- errors

/** The one that most requests ended with; what another project answered is none. */
function ofErrors({ errors, ahead }) {
  const oldest = Date.now() + ahead - RECENT_MS;
  const fatal = errors.filter(({ at, recovered }) => !recovered && Date.parse(at) >= oldest);
  if (!fatal.length) return [];
  const kinds = [...Map.groupBy(fatal, ({ type }) => type).values()].sort(
    (a, b) => requestsOf(b) - requestsOf(a),
  );
  const [{ type, message }] = kinds[0];
  const title = `${errors.length === MOST_READ ? "At least " : ""}${plural(requestsOf(fatal), "request")} failed within ten minutes`;
  return [
    {
      key: "errors",
      title,
      text: kinds.length > 1 ? `Most often: ${message}` : message,
      act: link(hrefOf("errors", { type }), "See the errors"),
    },
  ];
}

const requestsOf = (errors) => new Set(errors.map(({ requestId }) => requestId)).size;

customElements.define("overview-wrong", Wrong);
