"""Every way a request can end badly: what a client is told, and what an upstream meant.

    GSwarmError
    ├── SettingsError                    a setting is wrong: nothing starts
    ├── StoreUnavailable                 the store cannot be reached
    ├── ClientGone                       nobody is left to answer
    ├── Refusal                          an error as a client sees it
    │   ├── InvalidRequest    400        ├── PayloadTooLarge    413
    │   │   ├── InvalidFields            │
    │   │   ├── InvalidJson              │
    │   │   └── Unreadable               │
    │   ├── MissingKey        401        ├── RateLimitExceeded  429
    │   ├── InvalidKey        401        │   └── KeyLimitExceeded
    │   ├── NotSignedIn       401        ├── TooManySignIns     429
    │   ├── PermissionDenied  403        ├── InsufficientQuota  429
    │   │   └── AddressNotAllowed        ├── UpstreamError      502
    │   ├── NotFound          404        ├── NotOffered         501
    │   │   └── ModelNotFound            ├── Unavailable        503
    │   │                                │   └── NoUsableAccount
    │   ├── MethodNotAllowed  405        └── UpstreamTimeout    504
    │   ├── RequestTooSlow    408
    │   ├── Conflict          409
    │   ├── UnknownEncoding   415
    │   ├── UpgradeRequired   426
    │   └── InternalError     500
    └── Verdict                          what one upstream answer means for the pool
        ├── CallersMistake               400 413 422: nothing rests, the client is told
        │   ├── NamedThingMissing        a file, cache … that the request names
        │   ├── ContextTooLong
        │   ├── SignatureRejected        mended once, on the same project
        │   └── SchemaRejected           mended once, on the same project
        │       └── JsonSchemaUnknown    mended beforehand for the next hour
        ├── AccessExpired                401: refresh once, same project again
        ├── AuthFailure                  auth
        │   ├── NotLoggedIn              the refresh token is dead
        │   ├── CredentialRejected       the API key is dead
        │   ├── AccessRefused            401 with a fresh token
        │   ├── LocationUnsupported      the account's location
        │   ├── VerificationRequired     a human must follow a link
        │   ├── AccountBlocked           suspended or unlicensed
        │   ├── ProjectNeeded            its owner must name a project
        │   ├── ClientDenied             the OAuth client's own project
        │   ├── ProjectBlocked           denied access for good
        │   └── ProjectDenied            API disabled, IAM
        │       └── UnclearDenial        ... or something that the request names
        │           └── ThingDenied      a file, a cache, a bucket
        ├── Unproven                     refused, and answered a moment later
        ├── ModelMissing                 404
        │   └── ThingMissing             a file, a cache, a bucket
        ├── RateLimited                  429, short
        ├── QuotaExhausted               429, until a reset
        │   └── IndividualQuotaExhausted ... for every model of the account
        ├── CapacityExhausted            the model as a whole
        ├── ServerFailure                5xx, network, nonsense
        │   └── UpstreamSilent           no byte within the time allowed
        └── UnusableReply                a whole reply that carries nothing
            └── EmptyReply               not even a candidate

The class is the verdict: what rests, for how long, whether the next project is tried
and what the client hears are attributes of the class, not branches along the way.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .redaction import redacted


class GSwarmError(Exception):
    """Anything GSwarm raises on purpose."""


class SettingsError(GSwarmError):
    """The program cannot start as it is set up; the text is one line that says why
    and what to change, and holds no secret."""


class StoreUnavailable(GSwarmError):
    """The store cannot be reached or does not answer in time."""


class ClientGone(GSwarmError):
    """The client closed its connection; there is nobody to answer."""


# --------------------------------------------------------------------- refusals


class Refusal(GSwarmError):
    """An error as a client sees it; each dialect words it in its own shape.

    ``message`` is shown to the client and must hold no secret, path or project name.
    ``param`` names the offending request field (``messages[0].role``).
    ``retry_after`` is in seconds; ``should_retry`` becomes ``x-should-retry``.
    """

    status = 500
    type = "server_error"
    default_code: str | None = None
    should_retry: bool | None = None

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code or self.default_code
        self.retry_after = retry_after


class InvalidRequest(Refusal):
    """The client's own mistake."""

    status = 400
    type = "invalid_request_error"


class InvalidFields(InvalidRequest):
    """Fields of a management request are wrong; ``details`` says what, by field."""

    default_code = "validation"

    def __init__(self, details: Mapping[str, Any]) -> None:
        super().__init__("Some fields are not valid.")
        self.details = details


class InvalidJson(InvalidRequest):
    """The request body does not parse; ``problem`` says where."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"The request body is not valid JSON: {problem}.")
        self.problem = problem


class Unreadable(InvalidRequest):
    """What came is no HTTP request; its own words are not repeated."""

    def __init__(self) -> None:
        super().__init__("The request could not be read.")


class AddressTooLong(Unreadable):
    """The request's first line is longer than the server reads."""

    status = 414


class ExpectationUnmet(Unreadable):
    """The client expects what the server does not know."""

    status = 417


class HeadersTooLarge(Unreadable):
    """The headers are more, or longer, than the server reads."""

    status = 431


class UnknownTransferCoding(Unreadable):
    """The body comes in a transfer coding that the server does not know."""

    status = 501


class MissingKey(Refusal):
    """No credential was sent."""

    status = 401
    type = "invalid_request_error"


class InvalidKey(Refusal):
    """A credential was sent that is unknown, revoked or expired."""

    status = 401
    type = "invalid_request_error"
    default_code = "invalid_api_key"


class NotSignedIn(Refusal):
    """No session of the dashboard was shown, or none could be begun."""

    status = 401
    type = "invalid_request_error"
    default_code = "not_signed_in"


class PermissionDenied(Refusal):
    """A good credential that may not do this."""

    status = 403
    type = "invalid_request_error"
    default_code = "permission_denied"


class AddressNotAllowed(PermissionDenied):
    """A good credential, from where it may not be used."""


class NotFound(Refusal):
    """No such path or thing."""

    status = 404
    type = "invalid_request_error"
    default_code = "not_found"


class ModelNotFound(NotFound):
    """No project can serve a model of this name, which is kept as ``model``."""

    default_code = "model_not_found"

    def __init__(self, model: str) -> None:
        self.model = model
        super().__init__(
            f"The model `{model}` does not exist or you do not have access to it."
        )
        self.model = model


class MethodNotAllowed(Refusal):
    """The path exists, the method does not."""

    status = 405
    type = "invalid_request_error"


class UpgradeRequired(Refusal):
    """A protocol was asked for that is not spoken here, in place of one that is."""

    status = 426
    type = "invalid_request_error"
    default_code = "upgrade_required"


class RequestTooSlow(Refusal):
    """The request body did not arrive in time."""

    status = 408
    type = "invalid_request_error"
    default_code = "request_timeout"


class Conflict(Refusal):
    """A good request that does not go with how things stand; ``details`` may say how
    they do."""

    status = 409
    type = "invalid_request_error"
    default_code = "conflict"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.details = details


class PayloadTooLarge(Refusal):
    """The request body is larger than this gateway, or Google, accepts."""

    status = 413
    type = "invalid_request_error"
    default_code = "request_too_large"


class UnknownEncoding(Refusal):
    """The request body is packed in a way that this gateway cannot unpack."""

    status = 415
    type = "invalid_request_error"
    default_code = "unsupported_encoding"


class RateLimitExceeded(Refusal):
    """Too many requests for now; ``retry_after`` says until when, and so does the
    message: Codex reads the delay from that very sentence."""

    status = 429
    type = "requests"
    default_code = "rate_limit_exceeded"

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        if retry_after is not None:
            wait = max(1, math.ceil(retry_after))
            message = f"{message} Please try again in {wait}s."
        super().__init__(message, retry_after=retry_after)


class KeyLimitExceeded(RateLimitExceeded):
    """Too many for the API key's own limits, however much the pool could serve."""


class TooManySignIns(Refusal):
    """Nobody may try to sign in from an address for a while."""

    status = 429
    type = "invalid_request_error"
    default_code = "too_many_sign_ins"


class InsufficientQuota(Refusal):
    """Every project rests until a daily quota comes back."""

    status = 429
    type = "insufficient_quota"
    default_code = "insufficient_quota"
    should_retry = False


class UpstreamError(Refusal):
    """The pool was tried and failed."""

    status = 502
    default_code = "upstream_error"
    should_retry = False


class NotOffered(Refusal):
    """Google has it, but a pool of many projects cannot: nothing to wait for."""

    status = 501
    type = "invalid_request_error"
    default_code = "not_offered"
    should_retry = False


class InternalError(Refusal):
    """A fault of GSwarm's own; the log has it under the request's id."""

    default_code = "internal_error"


class Unavailable(Refusal):
    """GSwarm itself cannot serve now: no usable account, no store, shutting down."""

    status = 503
    type = "service_unavailable_error"
    default_code = "no_available_account"


class NoUsableAccount(Unavailable):
    """None is there, or each waits for somebody to mend it: not a matter of time."""

    should_retry = False


class UpstreamTimeout(Refusal):
    """Google did not answer in time."""

    status = 504
    default_code = "upstream_timeout"
    should_retry = False


# --------------------------------------------------------------------- verdicts

Rests = Literal["nothing", "pair", "project", "account", "client", "model"]
"""What a verdict stops: a (project, model) pair, a project, an account, every account
of an OAuth client, a model."""

Then = Literal["refuse", "repair", "refresh", "next", "capacity"]
"""How the request goes on: tell the client, repair or refresh and try the same
project, try the next one, or wait for the model as a whole."""


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit by Google's name for it; ``requests`` is None where it is not known how
    many it allows, or where it counts something else."""

    id: str
    requests: int | None = None


class Verdict(GSwarmError):
    """What one upstream answer means.

    ``message`` is Google's own wording (shown to admins, never to other people's
    clients); ``seconds`` the length of the rest where the answer named one;
    ``reset_at`` the epoch second of a quota reset and ``reset_reason`` its human text
    (``21h10m20s``); ``action_url`` where a human can mend it; ``quota`` is the
    limit that was hit, where the answer names it.
    """

    word = "server"
    """The ``lastErrorType`` kept with the project."""
    rests: Rests = "nothing"
    default_seconds: float | None = None
    then: Then = "next"
    is_error = False
    """Counts against the success rate; being limited is no illness."""
    is_lasting = False
    """The rest ends only when an admin, or a new sign-in, changes something."""
    is_grave = False
    """Stops so much for so long that one client's request is not evidence enough."""
    may_be_callers = False
    """Google may mean something that the request names, not the project."""
    is_of_thing = False
    """Google says that it means a file, a cache or the like."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        seconds: float | None = None,
        reset_at: float | None = None,
        reset_reason: str | None = None,
        action_url: str | None = None,
        quota: Quota | None = None,
    ) -> None:
        # Google quotes what it was shown, credentials among it.
        super().__init__(message := redacted(message))
        self.message = message
        self.status = status
        self.seconds = self.default_seconds if seconds is None else seconds
        self.reset_at = reset_at
        self.reset_reason = reset_reason and redacted(reset_reason)
        self.action_url = action_url and redacted(action_url)
        self.quota = quota

    def hide(self, secrets: Iterable[str]) -> None:
        """Take these credentials out of its words, whatever they look like."""
        self.message = redacted(self.message, secrets)
        self.args = (self.message,)
        if self.action_url:
            self.action_url = redacted(self.action_url, secrets)

    @property
    def quota_id(self) -> str | None:
        """Google's name for the limit that was hit."""
        return self.quota.id if self.quota else None

    def refusal(self, model: str) -> Refusal:
        """What the client hears when this verdict was the last one."""
        return UpstreamError("The upstream service failed to answer this request.")


class CallersMistake(Verdict):
    """400, 413 or 422: the request itself is wrong, whoever carries it."""

    word = "bad_request"
    then: Then = "refuse"

    def refusal(self, model: str) -> Refusal:
        if self.status == 413:
            return PayloadTooLarge(self.message)
        return InvalidRequest(self.message)


class NamedThingMissing(CallersMistake):
    """The request names a file, a cache or the like that is not there, or not for this
    project."""

    def refusal(self, model: str) -> Refusal:
        return NotFound(self.message)


class ContextTooLong(CallersMistake):
    """The prompt has more tokens than the model reads."""

    def refusal(self, model: str) -> Refusal:
        return InvalidRequest(
            f"{self.message} (context_length_exceeded)",
            param="messages",
            code="context_length_exceeded",
        )


class SignatureRejected(CallersMistake):
    """A thought signature is missing, foreign or damaged."""

    then = "repair"

    def refusal(self, model: str) -> Refusal:
        return InvalidRequest(
            self.message, param="messages", code="invalid_thought_signature"
        )


class SchemaRejected(CallersMistake):
    """A JSON Schema is not taken as it is worded."""

    then = "repair"


class JsonSchemaUnknown(SchemaRejected):
    """The upstream does not know the fields that hold JSON Schemas, whatever these
    say."""


class AccessExpired(Verdict):
    """401: the access token has expired or was revoked."""

    word = "auth"
    then = "refresh"


class AuthFailure(Verdict):
    """The credential or its account may not do this."""

    word = "auth"
    rests: Rests = "account"
    default_seconds: float | None = 300.0
    is_error = True


class NotLoggedIn(AuthFailure):
    """``invalid_grant``: the refresh token is dead until somebody signs in again."""

    word = "not_logged_in"
    is_error = False
    default_seconds = None
    is_lasting = True


class CredentialRejected(AuthFailure):
    """The API key is not valid."""

    default_seconds = None
    is_lasting = True
    is_grave = True


class AccessRefused(AuthFailure):
    """401 although the access token is fresh."""


class LocationUnsupported(AuthFailure):
    """The account's location is not served."""

    default_seconds = 3600.0
    is_grave = True


class VerificationRequired(AuthFailure):
    """Google wants a human to verify the account; ``action_url`` is the link."""


class AccountBlocked(AuthFailure):
    """Suspended or without a licence: never called again until an admin re-enables."""

    default_seconds = None
    is_lasting = True
    is_grave = True


class ProjectNeeded(AuthFailure):
    """The account can be served only once one of its own projects is named that Google
    takes: its owner's choice, nothing against the account."""

    word = "project_needed"
    is_error = False
    default_seconds = None
    is_lasting = True


class Unproven(Verdict):
    """Google refused a project, and answers it a moment later: nothing is held against
    it."""

    word = "auth"


class ClientDenied(AuthFailure):
    """The OAuth client's own project may not use the service, whoever signed in with
    that client; nobody but Google can enable it there."""

    rests = "client"


class ProjectBlocked(AuthFailure):
    """Google denies the project access: never called again until an admin re-enables
    it."""

    rests = "project"
    default_seconds = None
    is_lasting = True
    is_grave = True


class ProjectDenied(AuthFailure):
    """The API is disabled on the project, or IAM forbids it."""

    rests: Rests = "project"


class UnclearDenial(ProjectDenied):
    """403 that does not say what it is about: it may be the model, and says nothing of
    the project's others."""

    rests = "pair"
    may_be_callers = True


class ThingDenied(UnclearDenial):
    """403 about a file, a cache, a bucket."""

    is_of_thing = True


class ModelMissing(Verdict):
    """404: this project does not have the model."""

    word = "not_found"
    rests = "pair"
    default_seconds = 3600.0
    may_be_callers = True

    def refusal(self, model: str) -> Refusal:
        return ModelNotFound(model)


class ThingMissing(ModelMissing):
    """404 about a file, a cache, a bucket."""

    is_of_thing = True


class RateLimited(Verdict):
    """429, a per-minute limit."""

    word = "rate_limit"
    rests = "pair"
    default_seconds = 60.0

    def refusal(self, model: str) -> Refusal:
        return RateLimitExceeded(
            f"Rate limit reached for {model}.", retry_after=self.seconds
        )


class QuotaExhausted(Verdict):
    """429, a daily quota: rests until the reset."""

    word = "quota_exhausted"
    rests: Rests = "pair"
    default_seconds = 3600.0

    def refusal(self, model: str) -> Refusal:
        return InsufficientQuota(
            f"The quota for {model} is used up.", retry_after=self.seconds
        )


class IndividualQuotaExhausted(QuotaExhausted):
    """429, "individual quota": the account rests for every model."""

    rests = "account"


class CapacityExhausted(Verdict):
    """429 or 503: Google has no capacity for the model; no project is to blame."""

    word = "capacity"
    rests = "model"
    then = "capacity"

    def refusal(self, model: str) -> Refusal:
        return Unavailable(
            f"{model} is overloaded at the moment.",
            code="overloaded",
            retry_after=self.seconds,
        )


class ServerFailure(Verdict):
    """5xx, 499, a broken reply, a network failure."""

    rests = "pair"
    is_error = True


class UpstreamSilent(ServerFailure):
    """No byte came within the time allowed."""

    def refusal(self, model: str) -> Refusal:
        return UpstreamTimeout("The upstream service did not answer in time.")


class UnusableReply(Verdict):
    """A complete reply with nothing in it (malformed call, empty candidate)."""

    word = "unusable_reply"

    def refusal(self, model: str) -> Refusal:
        return UpstreamError("The upstream service sent an unusable reply.")


class EmptyReply(UnusableReply):
    """A complete reply without a candidate, and without a reason for that."""

    def refusal(self, model: str) -> Refusal:
        return UpstreamError(
            "The upstream service sent an empty reply.", code="upstream_empty_response"
        )
