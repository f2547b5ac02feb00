"""The spellings of a path that clients use, brought to one."""

from __future__ import annotations

VERSIONS = frozenset({"v1", "v1beta", "v1alpha", "v1beta1"})
COMPATIBLE = "openai"
"""What Google has in front of the paths of its own layer for OpenAI's clients."""

BARE = frozenset(
    {
        "audio",
        "chat",
        "completions",
        "embeddings",
        "images",
        "messages",
        "models",
        "moderations",
        "responses",
    }
)
"""First words of the model paths, which are also served without a version in front."""


def one_spelling(path: str) -> str:
    """``//v1/models/``, ``/models``, ``/v1/v1/models`` and ``/v1beta/openai/models``
    are all ``/v1/models``: people paste all kinds of bases."""
    words = [word for word in path.split("/") if word]
    start = _length_of_base(words)
    if start or (words and words[0] in BARE):
        words[:start] = [_version_of(words[:start])]
    return "/" + "/".join(words)


def _length_of_base(words: list[str]) -> int:
    for number, word in enumerate(words):
        if word not in VERSIONS and word != COMPATIBLE:
            return number
    return len(words)


def _version_of(base: list[str]) -> str:
    """The last one: a base with a version, and behind it the client's own."""
    return "v1" if not base or COMPATIBLE in base else base[-1]
