"""Clients that are programs: coding agents that call tools of their own."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from . import install
from .outcome import RoutingOutcome
from .stage import MODEL, Stage

SECONDS = 150
SAID = "Bonjour from the simulator."
_PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAA"
    "AABJRU5ErkJggg=="
)
PLAIN = f"[[say:{SAID}]] Say hello."


@dataclass(frozen=True, slots=True)
class Turn:
    """One run of the program: words of its command line, and what must come of it.

    ``says`` must stand in its output, ``writes`` is a file it must have made with that
    text, ``steps`` how often the model is asked at least.
    """

    scenario: str
    prompt: str
    words: tuple[str, ...] = ()
    model: str = MODEL
    says: str = SAID
    writes: tuple[str, str] | None = None
    steps: int = 1

    def inside(self, work: Path) -> Turn:
        """With the work folder where the prompt says ``{work}``."""
        return replace(self, prompt=self.prompt.replace("{work}", str(work)))


@dataclass(frozen=True, slots=True)
class Agent:
    """``command`` makes the words of a turn, ``prepare`` its home and environment."""

    name: str
    group: str
    command: Callable[[Path, Turn], list[str]]
    prepare: Callable[[Stage], Mapping[str, str]]
    turns: tuple[Turn, ...]

    def environ(self, stage: Stage) -> dict[str, str]:
        """All it is told, and nothing of the caller's but the way to its programs."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(stage.folder),
            "TERM": "dumb",
            "NO_COLOR": "1",
            "CI": "1",
            "NO_PROXY": "127.0.0.1,localhost",
            **self.prepare(stage),
        }

    def outcomes(self, stage: Stage) -> Iterator[RoutingOutcome]:
        """Run every turn, each in a fresh work folder."""
        environ = self.environ(stage)
        beginning = stage.calls_so_far()
        for turn in self.turns:
            work = stage.folder / "work" / turn.scenario
            work.mkdir(parents=True)
            (work / "README.md").write_text("The rain in Spain.\n")
            (work / "dot.png").write_bytes(base64.b64decode(_PNG))
            since = stage.calls_so_far()
            done = subprocess.run(
                self.command(install.folder(self.group), turn.inside(work)),
                env=environ,
                cwd=work,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=SECONDS,
            )
            problem = _problem(turn, done, work, stage.calls_so_far() - since)
            yield RoutingOutcome(self.name, turn.scenario, not problem, problem)
        complaints = stage.complaints(beginning)
        yield RoutingOutcome(self.name, "google", not complaints, "; ".join(complaints))


def _fresh(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    return path


def _problem(
    turn: Turn, done: subprocess.CompletedProcess[str], work: Path, calls: int
) -> str:
    output = done.stdout + done.stderr
    if done.returncode:
        return f"exit {done.returncode}: {output[-600:]}"
    if turn.says not in done.stdout:
        return f"no {turn.says!r} in {output[-600:]!r}"
    if turn.writes:
        name, text = turn.writes
        path = work / name
        if not path.exists() or path.read_text() != text:
            return f"it did not write {name}: {output[-600:]}"
    if calls < turn.steps:
        return f"only {calls} calls of the model"
    return ""


# ------------------------------------------------------------------------ Claude Code


def _claude(home: Path, turn: Turn) -> list[str]:
    program = str(home / "node_modules/.bin/claude")
    model = ["--model", turn.model] if turn.model else []
    return [program, "-p", turn.prompt, *model, *turn.words]


def _at_claudes_home(stage: Stage) -> Mapping[str, str]:
    return {
        "ANTHROPIC_BASE_URL": stage.gateway.url,
        "ANTHROPIC_AUTH_TOKEN": stage.gateway.key,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_TELEMETRY": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_MAX_RETRIES": "1",
        "IS_SANDBOX": "1",
    }


_TOOLS = (
    "--allowedTools",
    "Bash,Read,Write,WebSearch",
    "--permission-mode",
    "acceptEdits",
)
CLAUDE = Agent(
    "claude code",
    "claude",
    _claude,
    _at_claudes_home,
    (
        Turn("plain", PLAIN),
        Turn("stream", PLAIN, ("--output-format", "stream-json", "--verbose")),
        Turn(
            "tools",
            '[[call:Bash {"command": "echo $((6*7))"}]] How much is it?',
            _TOOLS,
            says="Bash said 42",
            steps=2,
        ),
        Turn(
            "parallel",
            '[[call:Bash {"command": "sleep 0.3; echo slow"}]] '
            '[[call:Bash {"command": "echo quick"}]] [[then]] '
            '[[call:Bash {"command": "echo made > made.txt; cat made.txt"}]] Go.',
            _TOOLS,
            says="Bash said made",
            writes=("made.txt", "made\n"),
            steps=3,
        ),
        Turn(
            "picture",
            '[[call:Read {"file_path": "{work}/dot.png"}]] What is this?',
            _TOOLS,
            says="image/png of 70 bytes",
            steps=2,
        ),
        Turn(
            "search",
            '[[call:ToolSearch {"query": "select:WebSearch", "max_results": 1}]] '
            '[[then]] [[call:WebSearch {"query": "weather in Oslo"}]] Look.',
            _TOOLS,
            says="WebSearch said",
            steps=4,
        ),
        Turn(
            "nested",
            '[[call:Agent {"description": "Greet", '
            '"prompt": "Say hello.", "run_in_background": false}]] Go.',
            _TOOLS,
            says="Agent said",
            steps=3,
        ),
        Turn("aliases", PLAIN, model=""),
        Turn("haiku", PLAIN, model="haiku"),
        Turn("dated", PLAIN, model="claude-sonnet-4-5"),
    ),
)


# ------------------------------------------------------------------------------ Codex


def _codex(home: Path, turn: Turn) -> list[str]:
    program = str(home / "node_modules/.bin/codex")
    options = [
        "--skip-git-repo-check",
        "--dangerously-bypass-approvals-and-sandbox",
        "-m",
        turn.model,
    ]
    return [program, "exec", *options, *turn.words, turn.prompt]


def _at_codexs_home(stage: Stage) -> Mapping[str, str]:
    home = _fresh(stage.folder / ".codex")
    (home / "config.toml").write_text(
        f"""\
model_provider = "gswarm"
check_for_update_on_startup = false

[analytics]
enabled = false

[model_providers.gswarm]
name = "GSwarm"
base_url = {json.dumps(stage.gateway.url + "/v1")}
env_key = "GSWARM_KEY"
wire_api = "responses"
request_max_retries = 1
stream_max_retries = 1
"""
    )
    (stage.folder / "schema.json").write_text(json.dumps(_CITY))
    return {"CODEX_HOME": str(home), "GSWARM_KEY": stage.gateway.key}


_CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"}},
    "required": ["city", "degrees"],
    "additionalProperties": False,
}
_PATCH = "*** Begin Patch\n*** Add File: made.txt\n+made\n*** End Patch\n"
CODEX = Agent(
    "codex",
    "codex",
    _codex,
    _at_codexs_home,
    (
        Turn("plain", PLAIN),
        Turn("stream", PLAIN, ("--json",)),
        Turn(
            "tools",
            '[[call:exec_command {"cmd": "echo $((6*7))"}]] How much is it?',
            says="42",
            steps=2,
        ),
        Turn(
            "parallel",
            '[[call:exec_command {"cmd": "echo slow"}]] '
            '[[call:exec_command {"cmd": "echo quick"}]] [[then]] '
            '[[call:exec_command {"cmd": "echo made > made.txt; cat made.txt"}]] Go.',
            says="made",
            writes=("made.txt", "made\n"),
            steps=3,
        ),
        Turn(
            "patch",
            f"[[call:apply_patch {json.dumps({'input': _PATCH})}]] [[say:{SAID}]] Go.",
            model="gpt-5.5",
            writes=("made.txt", "made\n"),
            steps=2,
        ),
        Turn(
            "schema",
            "It is 21 degrees in Oslo.",
            ("--output-schema", "../../schema.json"),
            says='"degrees": 21',
        ),
    ),
)


# ------------------------------------------------------------------------- Gemini CLI


def _gemini(home: Path, turn: Turn) -> list[str]:
    program = str(home / "node_modules/.bin/gemini")
    model = ["-m", turn.model] if turn.model else []
    return [program, *model, *turn.words, "-p", turn.prompt]


def _at_geminis_home(stage: Stage) -> Mapping[str, str]:
    _write_settings(stage, "gemini-api-key")
    return _QUIET | {
        "GOOGLE_GEMINI_BASE_URL": stage.gateway.url,
        "GEMINI_API_KEY": stage.gateway.key,
    }


def _at_code_assist(stage: Stage) -> Mapping[str, str]:
    """Past the gateway, at the simulator itself: whether it is like Google."""
    _write_settings(stage, "oauth-personal")
    return _QUIET | {
        "CODE_ASSIST_ENDPOINT": stage.google.url,
        "GOOGLE_GENAI_USE_GCA": "true",
        "GOOGLE_CLOUD_ACCESS_TOKEN": stage.access_token(),
        "GOOGLE_CLOUD_PROJECT": stage.google.accounts()[0]["projects"][0],
    }


_QUIET = {"GEMINI_CLI_NO_RELAUNCH": "true", "GEMINI_CLI_TRUST_WORKSPACE": "true"}


def _write_settings(stage: Stage, auth: str) -> None:
    settings = {
        "privacy": {"usageStatisticsEnabled": False},
        "telemetry": {"enabled": False},
        "general": {"enableAutoUpdate": False},
        "security": {"auth": {"selectedType": auth}},
    }
    path = _fresh(stage.folder / ".gemini") / "settings.json"
    path.write_text(json.dumps(settings))


GEMINI = Agent(
    "gemini cli",
    "gemini",
    _gemini,
    _at_geminis_home,
    (
        Turn("plain", PLAIN),
        Turn("stream", PLAIN, ("--output-format", "stream-json")),
        Turn(
            "tools",
            '[[call:run_shell_command {"command": "echo forty-two"}]] How much?',
            ("--yolo",),
            says="forty-two",
            steps=2,
        ),
        Turn(
            "parallel",
            '[[call:list_directory {"dir_path": "."}]] '
            '[[call:read_file {"file_path": "README.md"}]] [[then]] '
            '[[call:write_file {"file_path": "made.txt", "content": "made\\n"}]] '
            f"[[say:{SAID}]] Go.",
            ("--yolo",),
            writes=("made.txt", "made\n"),
            steps=3,
        ),
        Turn("chosen", "Say hello.", model="", says="heard", steps=2),
    ),
)

GEMINI_AT_GOOGLE = replace(
    GEMINI,
    name="gemini cli at the simulator",
    prepare=_at_code_assist,
    turns=tuple(turn for turn in GEMINI.turns if turn.scenario != "chosen"),
)

AGENTS = (CLAUDE, CODEX, GEMINI, GEMINI_AT_GOOGLE)
