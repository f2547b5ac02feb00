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

GEMINI = "v1beta"
"""What Gemini's own paths begin with here, whichever version a client names."""
GEMINI_VERSIONS = VERSIONS - {"v1"}
METHODS = frozenset(
    {
        "generateContent",
        "streamGenerateContent",
        "countTokens",
        "embedContent",
        "batchEmbedContents",
        "asyncBatchEmbedContent",
        "batchGenerateContent",
        "generateAnswer",
        "predict",
        "predictLongRunning",
        "computeTokens",
    }
)
"""What a model may be asked to do, behind a colon."""
GEMINI_NOUNS = frozenset(
    {
        "agents",
        "auth_tokens",
        "cachedContents",
        "corpora",
        "fileSearchStores",
        "interactions",
        "operations",
        "tunedModels",
    }
)
"""First words of paths that only Gemini's API has."""
NO_PREFIXES = frozenset({"api", "download", "upload", COMPATIBLE})
"""First words that are no base somebody pasted."""
OF_GOOGLE = ["publishers", "google", "models"]
"""What Vertex AI has in place of ``models``."""


def one_spelling(path: str) -> str:
    """``//v1/models/``, ``/models``, ``/v1/v1/models`` and ``/v1beta/openai/models``
    are all ``/v1/models``, and a model's method is ``/v1beta/models/{model}:method``:
    people paste all kinds of bases."""
    words = [word for word in path.split("/") if word]
    if method := _method_in(words):
        return f"/{GEMINI}/models/{method}"
    del words[: _length_of_prefix(words)]
    start = _length_of_base(words)
    if start or (words and words[0] in BARE):
        words[:start] = [_version_of(words[:start])]
        _name_as_gemini(words)
    return "/" + "/".join(words)


def covering(path: str) -> tuple[str, ...]:
    """The path, and what else it is called: Gemini's own are there in each version."""
    first, _, rest = path[1:].partition("/")
    if first != GEMINI:
        return (path,)
    return (path, *(f"/{version}/{rest}" for version in sorted(VERSIONS - {GEMINI})))


def _method_in(words: list[str]) -> str:
    """``model:method``, wherever it stands, as Vertex AI's clients have a project and
    more before it; empty where a path names none."""
    model, colon, method = words[-1].rpartition(":") if words else ("", "", "")
    if not (colon and model and method in METHODS and "models" in words[:-1]):
        return ""
    last = len(words) - 1 - words[::-1].index("models")
    return "/".join(words[last + 1 :])


def _length_of_prefix(words: list[str]) -> int:
    """How many words stand before a version that is Gemini's alone."""
    if not words or words[0] in VERSIONS or words[0] in NO_PREFIXES:
        return 0
    found = (at for at, word in enumerate(words) if word in GEMINI_VERSIONS)
    return next(found, 0)


def _length_of_base(words: list[str]) -> int:
    for number, word in enumerate(words):
        if word not in VERSIONS and word != COMPATIBLE:
            return number
    return len(words)


def _version_of(base: list[str]) -> str:
    """The last one: a base with a version, and behind it the client's own."""
    return "v1" if not base or COMPATIBLE in base else base[-1]


def _name_as_gemini(words: list[str]) -> None:
    """Say a path of Gemini's own as it is said here."""
    if words[0] in GEMINI_VERSIONS or (words[1:2] and words[1] in GEMINI_NOUNS):
        words[0] = GEMINI
        if words[1:4] == OF_GOOGLE:
            words[1:4] = ["models"]
        while words[1:3] == ["models", "models"]:
            del words[2]
