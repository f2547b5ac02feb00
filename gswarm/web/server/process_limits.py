"""What a worker asks of its system: open files, and memory that goes back."""

from __future__ import annotations

import ctypes
import resource
from contextlib import suppress

M_MMAP_THRESHOLD = -3
"""glibc, malloc.h: blocks from this size on are the system's again when freed."""
LARGE_BLOCK = 2**20


def raise_open_files() -> int:
    """Allow as many open files as the system lets this user have; returns how many.

    Every connection is one, and a soft limit of 1,024 is a common default.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return soft


def give_large_blocks_back() -> None:
    """Have what a large request took go back to the system when it is over.

    By itself glibc learns from each freed block to keep the next one of its size.
    Other C libraries do not, and have no such knob.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)
