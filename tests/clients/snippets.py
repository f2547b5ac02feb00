"""The blocks of docs/clients.md, each run as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import install, libraries
from .agents import AGENTS
from .outcome import RoutingOutcome
from .stage import Stage

PAGE = Path(__file__).parents[2] / "docs/clients.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_GROUPS = {"Vercel AI SDK": "node", "LlamaIndex": "llama"}


@dataclass(frozen=True, slots=True)
class Snippet:
    """All blocks under one heading, by language."""

    heading: str
    group: str
    blocks: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """Its row in the table."""
        return f"docs: {self.heading}"

    def outcomes(self, stage: Stage) -> Iterator[RoutingOutcome]:
        """Run them in order; the last one must say something."""
        said, problem, environ = "", "", self._environ(stage)
        for language, text in self.blocks:
            text = text.replace("http://localhost:3000", stage.gateway.url)
            text = text.replace("sk-gswarm-…", stage.gateway.key)
            if language == "toml":
                _write_config(stage, text)
                continue
            done = subprocess.run(
                self._command(language, text, stage),
                env=environ,
                cwd=stage.folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=libraries.SECONDS,
            )
            said, problem = done.stdout, done.stderr[-600:] if done.returncode else ""
        if not problem and not said.strip():
            problem = "it said nothing"
        yield RoutingOutcome(self.name, "snippet", not problem, problem)

    def _command(self, language: str, text: str, stage: Stage) -> list[str]:
        home = install.folder(self.group)
        if language == "sh":
            return ["sh", "-ec", text]
        if language == "js":
            script = home / "snippet.mjs"
            script.write_text(text)
            return ["node", str(script)]
        return [str(home / "venv/bin/python"), "-c", text]

    def _environ(self, stage: Stage) -> dict[str, str]:
        """That of its agent, where it is one, less what the blocks say themselves."""
        found = libraries.environ(stage.folder)
        agent = next((agent for agent in AGENTS if agent.group == self.group), None)
        if agent:
            found |= agent.environ(stage)
            told = ("_BASE_URL", "_KEY", "_TOKEN")
            found = {k: v for k, v in found.items() if not k.endswith(told)}
        programs = install.folder(self.group) / "node_modules/.bin"
        return found | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def _write_config(stage: Stage, text: str) -> None:
    shutil.rmtree(stage.folder / ".codex", ignore_errors=True)
    (stage.folder / ".codex").mkdir()
    (stage.folder / ".codex/config.toml").write_text(text)


def _snippets() -> Iterator[Snippet]:
    agents = {"Claude Code": "claude", "Codex": "codex", "Gemini CLI": "gemini"}
    for section in PAGE.read_text().split("\n## ")[1:]:
        heading = section.partition("\n")[0]
        group = agents.get(heading) or _GROUPS.get(heading, "python")
        blocks = tuple((m[1], m[2]) for m in _BLOCK.finditer(section))
        yield Snippet(heading, group, blocks)


SNIPPETS = tuple(_snippets())
