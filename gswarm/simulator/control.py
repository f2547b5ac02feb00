"""The simulator's own API, under /_sim/: set the scene, script faults, read the log."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from .exchange import answer, json_body, the_world
from .grants import CLIENT_ID, CLIENT_SECRET
from .kinds import KINDS
from .scripts import check
from .world import COMPANION, Account, Project, Speed

blueprint = Blueprint("control", __name__, url_prefix="/_sim")


@blueprint.errorhandler(ValueError)
@blueprint.errorhandler(TypeError)
@blueprint.errorhandler(KeyError)
def _refuse(error: Exception) -> Response:
    """A setting that makes no sense or is missing, told in one line."""
    return answer({"error": str(error)}, 400)


@blueprint.get("/health")
def health() -> Response:
    """Alive."""
    return answer({"ok": True})


@blueprint.post("/reset")
def reset() -> Response:
    """A fresh world: ``{accounts?, projects?, api_keys?, …fields of Options}``."""
    the_world().reset(**json_body())
    return accounts()


@blueprint.get("/accounts")
def accounts() -> Response:
    """Every account and API key, each as an entry of an import file."""
    world = the_world()
    return answer(
        {
            "accounts": [_as_import(account) for account in world.accounts.values()],
            "api_keys": [key.as_import() for key in world.api_keys.values()],
        }
    )


@blueprint.post("/accounts")
def add_account() -> Response:
    """Add or replace one: ``{email, kind?, projects?, …}`` or ``{upstream, name}``."""
    asked, world = json_body(), the_world()
    if asked.get("upstream") == "gemini_api":
        name = asked.get("name") or asked["email"]
        project, key = asked.get("project", ""), asked.get("api_key", "")
        return answer(world.add_api_key(name, project, key).as_import())
    kind = _known_kind(asked.get("kind", "standard"))
    projects = asked.get("projects", 12)
    account = world.add_account(asked["email"], kind, projects)
    _change(account, asked)
    return answer(_as_import(account))


@blueprint.get("/accounts/<email>")
def show_account(email: str) -> Response:
    """Everything about one account."""
    account = _account(email)
    return answer(vars(account))


@blueprint.post("/accounts/<email>")
def change_account(email: str) -> Response:
    """``{kind?, revoked?, expire_access?, access_seconds?, buckets_lie?, …}``."""
    account, asked = _account(email), json_body()
    if "kind" in asked:
        account.kind_name = _known_kind(asked["kind"])
        account.is_onboarded = account.kind.starts_onboarded
    _change(account, asked)
    return answer(vars(account))


@blueprint.delete("/accounts/<email>")
def remove_account(email: str) -> Response:
    """Delete the account; its tokens are worth nothing from now on."""
    the_world().grants.revoke_account(email)
    del the_world().accounts[_account(email).email]
    return answer({"ok": True})


@blueprint.get("/projects/<project_id>")
def show_project(project_id: str) -> Response:
    """Everything about one project."""
    return answer(_shown(_project(project_id)))


@blueprint.post("/projects/<project_id>")
def change_project(project_id: str) -> Response:
    """``{api_enabled?, iam_denied?, models_missing?, state?}``; ``owner`` adds one."""
    asked, world = json_body(), the_world()
    if "owner" in asked:
        world.add_project(project_id, asked["owner"])
    project = _project(project_id)
    if "api_enabled" in asked:
        _enable(project, bool(asked["api_enabled"]))
    project.iam_denied = asked.get("iam_denied", project.iam_denied)
    project.models_missing = set(asked.get("models_missing", project.models_missing))
    project.state = asked.get("state", project.state)
    return answer(_shown(project))


@blueprint.get("/calls")
def calls() -> Response:
    """The log after ``?since=N``; ``?brief=1`` leaves request bodies out."""
    log = the_world().calls
    since = request.args.get("since", 0, int)
    brief = request.args.get("brief", "") not in ("", "0")
    shown = [call.as_json(brief=brief) for call in log.since(since)]
    return answer({"calls": shown, "total": log.total})


@blueprint.delete("/calls")
def forget_calls() -> Response:
    """Empty the log."""
    the_world().calls.clear()
    return answer({"ok": True})


@blueprint.post("/calls")
def configure_calls() -> Response:
    """``{keeps_bodies}``: whether request bodies are kept."""
    the_world().calls.keeps_bodies = bool(json_body()["keeps_bodies"])
    return answer({"ok": True})


@blueprint.get("/counts")
def counts() -> Response:
    """Answers per method, project and status, and how many calls are open now."""
    log = the_world().calls
    return answer(
        {
            "counts": log.counts(),
            "total": log.total,
            "open": log.open,
            "most_open": log.most_open,
        }
    )


@blueprint.get("/script")
def pending_scripts() -> Response:
    """The rules still waiting."""
    return answer({"scripts": the_world().scripts.pending()})


@blueprint.post("/script")
def add_script() -> Response:
    """Queue ``{match?, times?, do}``; without ``times`` once, with null for ever."""
    asked = json_body()
    check(asked["do"])
    rule = asked.get("match", {}), asked.get("times", 1), asked["do"]
    the_world().scripts.add(*rule)
    return answer({"ok": True})


@blueprint.delete("/script")
def forget_scripts() -> Response:
    """Drop every rule."""
    the_world().scripts.clear()
    return answer({"ok": True})


@blueprint.get("/clock")
def clock() -> Response:
    """The simulated instant, and how far it runs ahead of the real one."""
    now = the_world().clock
    return answer({"now": now(), "ahead_seconds": now.ahead_seconds})


@blueprint.post("/clock")
def advance() -> Response:
    """Jump by ``{advance: seconds}``."""
    the_world().clock.advance(float(json_body()["advance"]))
    return clock()


@blueprint.get("/quota")
def quota() -> Response:
    """Limits, capacity and how much of them is used."""
    return answer(the_world().quotas.as_json())


@blueprint.post("/quota")
def set_quota() -> Response:
    """``{limits?: [...], capacity?: {model: bool}}``."""
    the_world().set_quota(json_body())
    return quota()


@blueprint.post("/speed")
def speed() -> Response:
    """``{ttft_seconds?, chunk_seconds?, chunk_chars?}``; what is left out is 0."""
    the_world().speed = Speed(**json_body())
    return answer(vars(the_world().speed))


@blueprint.post("/options")
def options() -> Response:
    """Change fields of `Options` without a reset."""
    the_world().set_options(json_body())
    return answer(vars(the_world().options))


def _as_import(account: Account) -> dict[str, Any]:
    return {
        "email": account.email,
        "refresh_token": account.refresh_token,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "projects": list(account.projects),
    }


def _known_kind(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
    return kind


def _change(account: Account, asked: dict[str, Any]) -> None:
    grants = the_world().grants
    if asked.get("revoked"):
        grants.revoke_account(account.email)
    if asked.get("expire_access"):
        grants.expire_access(account.email)
    for name in ("access_seconds", "buckets_lie", "accepts_terms"):
        setattr(account, name, asked.get(name, getattr(account, name)))
    account.is_onboarded = asked.get("onboarded", account.is_onboarded)


def _enable(project: Project, wanted: bool) -> None:
    if wanted:
        project.services[COMPANION] = the_world().clock()
    else:
        project.services.pop(COMPANION, None)


def _shown(project: Project) -> dict[str, Any]:
    owners, missing = sorted(project.owners), sorted(project.models_missing)
    return vars(project) | {"owners": owners, "models_missing": missing}


def _account(email: str) -> Account:
    account = the_world().accounts.get(email)
    if not account:
        raise ValueError(f"no account is called {email!r}")
    return account


def _project(project_id: str) -> Project:
    project = the_world().projects.get(project_id)
    if not project:
        raise ValueError(f"no project is called {project_id!r}")
    return project
