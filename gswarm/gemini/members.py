"""How many members a JSON text has, told before it is parsed.

A parsed `[],` is twenty-five times as large as its three bytes; whoever sends thirty
megabytes of them would hold most of a gigabyte.
"""

from __future__ import annotations

from collections.abc import Iterator

MEMBERS_FREE = 100_000
BYTES_EACH = 96
"""What a text may have beyond `MEMBERS_FREE`: one member for so many bytes. No model
reads more, and it comes to twice the size of the text at most."""

STEP = 65_536


def most_members(size: int) -> int:
    """How many a text of so many bytes may have."""
    return MEMBERS_FREE + size // BYTES_EACH


def is_crowded(text: bytes | bytearray) -> bool:
    """Whether a JSON text has more members than its size warrants."""
    steps = counted(text)
    return any(number > most_members(len(text)) for number in steps)


def counted(text: bytes | bytearray) -> Iterator[int]:
    """The members so far, a step at a time for whoever has others waiting.

    Counted generously at first, where that suffices; then without what strings hold.
    """
    number = _marks(text) if len(text) > MEMBERS_FREE else 0
    if number <= most_members(len(text)):
        yield number
        return
    number, is_inside, held = 0, False, b""
    for at in range(0, len(text), STEP):
        piece, held = _whole(held + text[at : at + STEP])
        # First the pairs: of three backslashes the last one belongs to what follows.
        pieces = piece.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
        number += _marks(b"".join(pieces[is_inside::2]))
        is_inside ^= len(pieces) % 2 == 0
        yield number


def _marks(text: bytes | bytearray) -> int:
    return text.count(b",") + text.count(b"[") + text.count(b"{")


def _whole(piece: bytes | bytearray) -> tuple[bytes, bytes]:
    """The piece, and the backslash at its end that escapes what comes next."""
    backslashes = len(piece) - len(piece.rstrip(b"\\"))
    cut = len(piece) - backslashes % 2
    return bytes(piece[:cut]), bytes(piece[cut:])
