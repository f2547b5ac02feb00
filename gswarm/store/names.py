"""Every key of the store, spelled once. Types and owners stand beside each."""

from __future__ import annotations

# Accounts and projects -------------------------------------------------------

ACCOUNTS = "gswarm:accounts"
"""Set of e-mails (or names, for API-key accounts). accounts.py"""

PROJECTS = "gswarm:projects"
DENIED = "gswarm:denied-projects"
"""Hash, project id -> JSON catalogue entry. projects.py"""

ACCOUNT = "gswarm:account:"
ACCOUNT_PROJECTS = "gswarm:account-projects:"
CREDENTIAL = "oauth-tokens:"
PROJECT_STATUS = "project-status:"


def account(email: str) -> str:
    """Hash: what is known of an account, without its credential. accounts.py"""
    return ACCOUNT + email


def account_projects(email: str) -> str:
    """Set of an account's project ids. projects.py"""
    return ACCOUNT_PROJECTS + email


def credential(email: str) -> str:
    """Hash: credential fields, the secret ones encrypted. accounts.py"""
    return CREDENTIAL + email


def project_status(project_id: str) -> str:
    """Hash: the project over all models. records.py, lua/pool.lua"""
    return PROJECT_STATUS + project_id


def pair_status(project_id: str, model: str) -> str:
    """Hash: the project for one model. records.py, lua/pool.lua"""
    return f"{PROJECT_STATUS}{project_id}:{model}"


# The pool (lua/pool.lua has the whole picture) --------------------------------

POOL = "gswarm:pool:"
"""Prefix of the indexes of one model: the sorted sets ``<model>:ready``, ``…:tainted``,
``…:fading``, ``…:resting:<reason>``, ``…:probes``, the hash ``…:rest``, and the string
``…:upstreams``."""


def index(model: str, name: str) -> str:
    """Sorted set, project id -> score: one of the above. lua/lib/placing.lua"""
    return f"{POOL}{model}:{name}"


USABLE = "gswarm:usable"
"""Set of the projects in rotation: enabled, of a usable account."""

LIVE_MODELS = "gswarm:live-models"
MISSING_MODELS = "gswarm:missing-models"
SERVED_MODELS = "gswarm:served-models"
OTHER_MODEL = "other"
"""Where whatever is known of models stands that only a client has named: the catalogue
lacks them, and Google has not served them yet."""
"""Sorted set, model -> when it was last asked for, ms. Only these have indexes."""

TURN = "gswarm:turn"
"""Counter: one more for each project taken. Tells which came first, whatever the
machines' clocks say."""

SENT = "gswarm:sent:"
"""Prefix of a hash per project and model: its calls of a minute. lua/lib/quota.lua"""

QUOTA = "gswarm:quota:"
"""Prefix of a hash per account and model: calls of the last day. lua/lib/quota.lua"""

QUOTAS = "gswarm:quotas"
"""Sorted set, account and model -> last call, ms. lua/lib/quota.lua"""

WORKERS = "gswarm:workers"
"""Sorted set, worker -> end of its lease in ms. leases.py"""

HELD = "gswarm:held:"


def held(worker: str) -> str:
    """Hash, reservation -> project id: what a worker must give back. leases.py"""
    return HELD + worker


# API keys --------------------------------------------------------------------

API_KEYS = "gswarm:api-keys"
"""Hash, key id -> JSON record. api_keys.py"""

API_KEYS_MADE = "gswarm:api-keys-made"
"""Counter: keys made so far, which numbers them. api_keys.py"""

ACCESS_CHANGES = "gswarm:access-changes"
"""Stream, capped: which key is another from now on. access_changes.py"""

API_KEY_USES = "gswarm:api-key-uses"
"""Hash, "id:requests", "id:tokens", "id:last_used_at" (ms) -> number. admission.py"""


def requests_in(key_hash: str, period: str) -> str:
    """Counter: requests of a key in a minute (or second) since 1970. admission.py"""
    return f"gswarm:rate-limit:{key_hash}:{period}"


def tokens_on(key_hash: str, date: str) -> str:
    """Counter: tokens of a key on a UTC date. admission.py"""
    return f"gswarm:token-limit:{key_hash}:{date}"


def places(key_id: str) -> str:
    """Sorted set, running request -> end of its lease in ms. admission.py"""
    return f"gswarm:places:{key_id}"


def tokens_under_way(key_id: str) -> str:
    """Hash, running request -> tokens it may come to. admission.py"""
    return f"gswarm:tokens-under-way:{key_id}"


# What answers leave behind ---------------------------------------------------


def known_call(call_hash: str) -> str:
    """JSON: one functionCall's native id, signature and issuer. signatures.py"""
    return f"gswarm:signature:{call_hash}"


def known_calls(tenant: str) -> str:
    """Sorted set, hash of a known call -> when it was kept, ms. signatures.py"""
    return f"gswarm:signatures:{tenant}"


def answer(fingerprint: str) -> str:
    """JSON: a whole answer, for the next one who asks the same. answers.py"""
    return f"gswarm:answer:{fingerprint}"


ANSWERS = "gswarm:answers"
"""Sorted set, "bytes:key" of an answer -> when it ends, ms. response_cache.py"""

ANSWER_BYTES = "gswarm:answer-bytes"
"""Counter: bytes of all answers. response_cache.py"""


def response(tenant: str, response_id: str) -> str:
    """Sealed JSON: a response and what it was asked with. stored_responses.py"""
    return f"gswarm:response:{tenant}:{response_id}"


def responses(tenant: str) -> str:
    """Sorted set, "bytes:key" of a response -> when it ends, ms. stored_responses.py"""
    return f"gswarm:responses:{tenant}"


def response_bytes(tenant: str) -> str:
    """Counter: bytes of a tenant's responses. stored_responses.py"""
    return f"gswarm:response-bytes:{tenant}"


# What was asked, and what came of it -----------------------------------------

METRICS = "gswarm:metrics"
"""Hash, "cell:counter" -> sum since the store began. metrics.py"""

METRICS_CELLS = "gswarm:metrics:cells"
"""Hash, name of a cell (JSON) -> its number in all hashes of counters. metrics.py"""


def metrics(piece: str) -> str:
    """Hash, "cell:counter" -> sum; of a day (``2026-01-31``) or an hour
    (``2026-01-31T09``). metrics.py"""
    return f"metrics:{piece}"


def request_records(day: str) -> str:
    """Stream, capped: the record of each request of a day. metrics.py"""
    return f"metrics:{day}:requests"


def request_places(day: str) -> str:
    """Hash, request id -> id in the stream of records. metrics.py"""
    return f"metrics:{day}:places"


def stranger_records(day: str) -> str:
    """Stream, capped: as `request_records`, of those who showed no known key."""
    return f"metrics:{day}:strangers"


def stranger_places(day: str) -> str:
    """Hash, request id -> id in that stream. metrics.py"""
    return f"metrics:{day}:stranger-places"


# People ----------------------------------------------------------------------

AUDIT = "gswarm:audit"
"""Stream, capped: who changed what. audit.py"""

AUDIT_OF_STRANGERS = "gswarm:audit:strangers"
"""Stream, capped: what those have done who have not signed in. audit.py"""


def session(id_hash: str) -> str:
    """JSON with a TTL: one sign-in to the dashboard. sessions.py"""
    return f"gswarm:session:{id_hash}"


def sign_ins_from(source: str) -> str:
    """Sorted set, attempt to sign in -> when, ms; of an address. sign_ins.py"""
    return f"gswarm:sign-ins-from:{source}"


SIGN_INS = "gswarm:sign-ins"
"""Sorted set, capped: attempt to sign in -> when, ms; of everybody. sign_ins.py"""

SIGN_IN_SOURCES = "gswarm:sign-in-sources"
"""Sorted set, capped: key of an address's attempts -> the last one, ms. sign_ins.py"""


# What is going on -------------------------------------------------------------

EVENTS = "gswarm:events"
"""Stream, capped: what happens, for every process. events.py, lua/lib/telling.lua"""

INCIDENTS = "gswarm:incidents"
"""Stream, capped: failures kept for people. incidents.py"""

RESTS = "gswarm:rests"
"""Sorted set, rest -> when it ends, ms: those whose end has yet to be told of.
lua/lib/telling.lua"""

ROUTED = "gswarm:routed"
"""Sorted set, model -> when a request last was limited by one project and answered by
another, ms. lua/settle.lua"""


def visit(state_hash: str) -> str:
    """Sealed JSON with a TTL: somebody is at Google's consent page. visits.py"""
    return f"gswarm:visit:{state_hash}"


# Jobs ------------------------------------------------------------------------

JOBS = "gswarm:jobs"
"""Sorted set, job -> when it was started, ms, or 1 more than the one before it: the
newest. jobs.py"""

RUNNING_JOBS = "gswarm:running-jobs"
"""Sorted set, job -> end of its worker's lease, ms. jobs.py, lua/lib/jobs.lua"""

JOB = "gswarm:job:"
JOB_RESULTS = "gswarm:job-results:"
JOB_PLACE = "gswarm:job-place:"


def job(job_id: str) -> str:
    """Hash with a TTL: one job as it stands. jobs.py"""
    return JOB + job_id


def job_results(job_id: str) -> str:
    """List of JSON with a TTL: what a job has brought so far. jobs.py"""
    return JOB_RESULTS + job_id


# Everything else -------------------------------------------------------------

CONFIG = "gswarm:config"
"""Hash: ``version`` and ``json``. config.py"""

KEYRING = "gswarm:keyring"
"""Hash, purpose -> fingerprint of the secret every machine must share. sealing.py"""


def lock(name: str) -> str:
    """String with a TTL: the mark of whoever holds the lock. locks.py"""
    return f"gswarm:lock:{name}"


def as_lua() -> str:
    """The names above that scripts build upon, as a Lua table ``KEY``."""
    entries = [
        f"{name} = '{value}'"
        for name, value in globals().items()
        if name.isupper() and isinstance(value, str)
    ]
    return f"local KEY = {{{', '.join(entries)}}}"
