"""What the simulator sees in a picture, a recording or a document."""

from __future__ import annotations

import base64
from typing import Any

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAA"
    "AABJRU5ErkJggg=="
)
"""The picture the simulator paints: one pixel."""

_PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def described(blob: dict[str, Any]) -> str:
    """``image/png of 68 bytes, 1x1 pixels``."""
    data = blob.get("data", "").replace("-", "+").replace("_", "/").rstrip("=")
    text = f"{blob.get('mimeType', 'unknown')} of {len(data) * 3 // 4} bytes"
    head = base64.b64decode(data[:32] + "=" * (-len(data[:32]) % 4))
    if head.startswith(_PNG_HEAD) and len(head) == 24:
        width, height = int.from_bytes(head[16:20]), int.from_bytes(head[20:])
        text += f", {width}x{height} pixels"
    return text


def painted() -> dict[str, Any]:
    """A part with a picture."""
    return {"inlineData": {"mimeType": "image/png", "data": PNG}}
