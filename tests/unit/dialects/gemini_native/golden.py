"""Golden cases: one file a case, by the number it has in our notes on the protocol.

``UPDATE_CASES=1`` writes every ``expect`` anew; read the difference before keeping it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    path: Path

    @property
    def given(self) -> dict[str, Any]:
        return json.loads(self.path.read_text())

    def expect(self, found: Any) -> None:
        case = self.given
        if os.environ.get("UPDATE_CASES"):
            case["expect"] = found
            text = json.dumps(case, indent=2, ensure_ascii=False)
            self.path.write_text(text + "\n")
        assert found == case["expect"]


def cases(folder: str) -> list[Any]:
    """Parameters of a test, one for each case in a folder."""
    paths = sorted((CASES / folder).glob("*.json"))
    return [pytest.param(Case(path), id=path.stem) for path in paths]
