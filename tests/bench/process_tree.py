"""What a process and all its descendants have used, as Linux counts it."""

from __future__ import annotations

import os
import re
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def cpu_seconds(root: int) -> float:
    """CPU time of the processes alive now, theirs and the kernel's on their behalf."""
    ticks = 0
    for pid in tree(root):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS_PER_SECOND


def memory_kb(root: int) -> int:
    """Memory of the whole tree, each shared page counted once."""
    found = (
        PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text()) for pid in tree(root)
    )
    return sum(int(each.group(1)) for each in found if each)


def tree(root: int) -> list[int]:
    """The process and its descendants."""
    pids = [root]
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").iterdir():
            pids += map(int, (task / "children").read_text().split())
    return pids
