"""Clients that are libraries: each a script beside this, in its own language."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import install
from .outcome import RoutingOutcome
from .stage import Stage
from .versions import NPM

SCRIPTS = Path(__file__).parent / "scripts"
SECONDS = 120


@dataclass(frozen=True, slots=True)
class Library:
    """``words`` are the script and what it is told; ``group`` is what it needs."""

    name: str
    group: str
    words: tuple[str, ...]

    def outcomes(self, stage: Stage) -> Iterator[RoutingOutcome]:
        """Run its script; it tells of each scenario in a line of JSON."""
        since = stage.calls_so_far()
        done = subprocess.run(
            self._command(),
            env=stage.environ | environ(stage.folder),
            cwd=stage.folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        (stage.folder / "stderr").write_text(done.stderr)
        for line in done.stdout.splitlines():
            if line.startswith('{"scenario"'):
                told = json.loads(line)
                yield RoutingOutcome(
                    self.name, told["scenario"], told["ok"], told["why"]
                )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["it ended"])[-1]
            yield RoutingOutcome(self.name, "script", False, last)
        complaints = stage.complaints(since)
        yield RoutingOutcome(self.name, "google", not complaints, "; ".join(complaints))

    def _command(self) -> list[str]:
        script, *more = self.words
        home = install.folder(self.group)
        if self.group not in NPM:
            return [str(home / "venv/bin/python"), str(SCRIPTS / script), *more]
        for module in SCRIPTS.glob("*.mjs"):
            shutil.copy(module, home)
        return ["node", str(home / script), *more]


def environ(folder: Path) -> dict[str, str]:
    """Nothing of the caller's but the way to its programs; nothing to be sent home."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENAI_AGENTS_DISABLE_TRACING": "1",
        "LANGSMITH_TRACING": "false",
        "NEXT_TELEMETRY_DISABLED": "1",
        "LLAMA_INDEX_CACHE_DIR": str(folder / "llama"),
        "TIKTOKEN_CACHE_DIR": str(folder / "tiktoken"),
    }


def _python(name: str, script: str, *more: str, group: str = "python") -> Library:
    return Library(name, group, (f"{script}.py", *more))


def _node(name: str, script: str, *more: str) -> Library:
    return Library(name, "node", (f"{script}.mjs", *more))


def _strict(door: str) -> Library:
    return _python(f"strict {door}", "strict", door)


LIBRARIES = (
    _python("openai-python chat", "openai_chat"),
    _python("openai-python responses", "openai_responses"),
    _python("anthropic", "anthropic_messages"),
    _python("google-genai", "google_genai"),
    _python("langchain-openai chat", "langchain_any", "chat"),
    _python("langchain-openai responses", "langchain_any", "responses"),
    _python("langchain-anthropic", "langchain_any", "messages"),
    _python("langchain-google-genai", "langchain_any", "gemini"),
    _python("llama-index openai", "llama_index_openai", group="llama"),
    _python("pydantic-ai openai-chat", "pydantic_ai_openai", "chat"),
    _python("pydantic-ai openai", "pydantic_ai_openai", "responses"),
    _python("openai-agents", "openai_agents"),
    *(_strict(door) for door in ("chat", "responses", "messages", "gemini")),
    _node("openai-node", "openai"),
    _node("anthropic-sdk node", "anthropic"),
    _node("google-genai node", "genai"),
    _node("ai-sdk openai.chat", "ai_sdk", "chat"),
    _node("ai-sdk openai", "ai_sdk", "responses"),
    _node("ai-sdk anthropic", "ai_sdk", "messages"),
    _node("ai-sdk google", "ai_sdk", "gemini"),
)
