"""What the paths about accounts take and answer."""

from __future__ import annotations

from marshmallow import INCLUDE, Schema, fields
from marshmallow.validate import Length, OneOf, Range, Regexp

from ...accounts.export_file import SHORTEST_PASSPHRASE
from ...accounts.import_file import PROJECT
from ...google.traits import TRAITS
from . import OPTIONAL, Answer, Instant, Strict

is_project = Regexp(
    rf"(?:{PROJECT.pattern})\Z", error="Is neither a project's id nor its number."
)

SORTS = ("email", "upstream", "status", "projects", "lastUsed", "createdAt")

# ------------------------------------------------------------------ what they take


class AccountsQuery(Strict):
    """The query of ``GET /api/accounts``."""

    search = fields.String(load_default="", validate=Length(max=200))
    sort = fields.String(load_default="email", validate=OneOf(SORTS))
    direction = fields.String(load_default="asc", validate=OneOf(("asc", "desc")))
    page = fields.Integer(load_default=1, validate=Range(1, 1_000_000))
    pageSize = fields.Integer(load_default=50, validate=Range(1, 200))


class Import(Schema):
    """The body of ``POST /api/accounts/import``: an account, a list of accounts, the
    Gemini CLI's ``oauth_creds.json``, or an export with its ``passphrase``."""

    class Meta:
        unknown = INCLUDE

    upstream = fields.String(validate=OneOf(tuple(TRAITS)))
    email = fields.String(allow_none=True)
    refresh_token = fields.String()
    client_id = fields.String(allow_none=True)
    client_secret = fields.String(allow_none=True)
    projects = fields.List(fields.String(), allow_none=True)
    name = fields.String()
    api_key = fields.String()
    project = fields.String(allow_none=True)
    gswarmExport = fields.Integer()
    salt = fields.String()
    sealed = fields.String()
    passphrase = fields.String()


class NewExport(Strict):
    """The body of ``POST /api/accounts/export``."""

    passphrase = fields.String(
        required=True, validate=Length(SHORTEST_PASSPHRASE, 1000)
    )


class Toggle(Strict):
    """The body of ``POST /api/accounts/{id}/toggle``."""

    enabled = fields.Boolean(required=True, truthy={True}, falsy={False})


class Onboard(Strict):
    """The body of ``POST /api/accounts/{id}/onboard``; without ``project`` (an id or a
    number), the first of its own that works."""

    project = fields.String(load_default=None, allow_none=True, validate=is_project)


class Forget(Strict):
    """The body of ``POST /api/accounts/{id}/logout``; ``revoke`` ends the grant at
    Google, too."""

    revoke = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class ForgetAccount(Forget):
    """The body of ``POST /api/auth/logout``."""

    email = fields.String(required=True, validate=Length(1, 320))


class Refresh(Strict):
    """The body of ``POST /api/refresh-tokens``; without ``email``, all."""

    email = fields.String(load_default=None, allow_none=True, validate=Length(1, 320))


# ------------------------------------------------------------------ what they answer


class AccountRow(Answer):
    """An account and how it is. ``projects`` counts ``projectIds``; with
    ``needsProject`` it serves once one of them is chosen."""

    id = fields.String()
    email = fields.String()
    upstream = fields.String()
    status = fields.String(
        validate=OneOf(("active", "cooldown", "disabled", "invalid"))
    )
    enabled = fields.Boolean()
    tier = fields.String(allow_none=True)
    projects = fields.Integer()
    projectIds = fields.List(fields.String())
    isInvalid = fields.Boolean()
    invalidReason = fields.String(allow_none=True)
    needsProject = fields.Boolean(metadata=OPTIONAL)
    actionUrl = fields.String(allow_none=True)
    isExpired = fields.Boolean()
    tokenExpiry = Instant(allow_none=True)
    lastUsed = Instant(allow_none=True)
    createdAt = Instant(allow_none=True)
    updatedAt = Instant(allow_none=True)


class AccountPage(Answer):
    """Some of the accounts; ``total`` counts those that were searched for."""

    accounts = fields.List(fields.Nested(AccountRow))
    total = fields.Integer()
    page = fields.Integer()
    pageSize = fields.Integer()


class AccountList(Answer):
    """Every account, by name."""

    accounts = fields.List(fields.Nested(AccountRow))
    count = fields.Integer()


class Enrolled(Answer):
    """What became of an account; ``problem`` says, in Google's words, why it is not in
    the pool, ``actionUrl`` where somebody can mend it."""

    email = fields.String()
    upstream = fields.String()
    projects = fields.List(fields.String())
    problem = fields.String(allow_none=True)
    actionUrl = fields.String(allow_none=True)


class Imported(Answer):
    """What became of each account, in their order."""

    accounts = fields.List(fields.Nested(Enrolled))
    imported = fields.Integer()
    failed = fields.Integer()


class Export(Answer):
    """A file for ``POST /api/accounts/import``."""

    gswarmExport = fields.Integer()
    salt = fields.String()
    sealed = fields.String()


class Forgotten(Answer):
    """``revoked``: the grant was ended at Google, too."""

    email = fields.String()
    revoked = fields.Boolean()


class Rediscovered(Answer):
    """An account's projects after another look, and what has changed."""

    email = fields.String()
    projectCount = fields.Integer()
    projects = fields.List(fields.String())
    added = fields.List(fields.String())
    removed = fields.List(fields.String())


class RefreshedAccount(Answer):
    """One account's refresh; ``message`` says why it failed."""

    email = fields.String()
    ok = fields.Boolean()
    message = fields.String(metadata=OPTIONAL)


class RefreshedAccounts(Answer):
    """How many refreshes went well, how many did not, and each."""

    refreshed = fields.Integer()
    failed = fields.Integer()
    results = fields.List(fields.Nested(RefreshedAccount))
