"""What most verbs begin with: the settings, the store they name, what is kept there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..accounts import Enrolment
from ..credentials import Credentials
from ..discovery import Discovery
from ..google.api_keys import ApiKeyCheck
from ..google.code_assist import CodeAssist
from ..google.endpoints import Endpoints
from ..google.oauth import OAuth, OAuthClient
from ..google.resource_manager import ResourceManager
from ..google.rest import Rest
from ..google.service_usage import ServiceUsage
from ..settings import Settings
from ..store import secret_files
from ..store.accounts import Accounts
from ..store.connection import Store, connect
from ..store.embedded import EmbeddedStore
from ..store.locks import Locks
from ..store.projects import Projects
from ..store.sealing import Seal
from ..verification import Verification


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """The store: the gateway's own where one runs, started for a moment where not."""
    if settings.redis_url:
        yield connect(settings.redis_url)
        return
    with EmbeddedStore(settings.data_dir) as embedded:
        yield connect(embedded.url)


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the verbs about accounts and projects work with."""

    accounts: Accounts
    projects: Projects
    credentials: Credentials
    enrolment: Enrolment
    oauth: OAuth


@contextmanager
def opened_rooms(settings: Settings) -> Iterator[Rooms]:
    """Everything about accounts, on the settings' store."""
    with opened_store(settings) as store:
        yield rooms(secret_files.complete(settings), store)


def rooms(settings: Settings, store: Store) -> Rooms:
    """Put the rooms together; the settings have all their secrets."""
    google = Endpoints.at(settings.google_base_url, settings.code_assist_endpoint)
    rest, client = Rest(), OAuthClient.of(settings)
    oauth, seal = OAuth(rest, google), Seal(settings.encryption_key)
    accounts, projects = Accounts(store, seal), Projects(store)
    verification = Verification(
        oauth,
        CodeAssist(rest, google),
        ApiKeyCheck(rest, google),
        Discovery(ResourceManager(rest, google), ServiceUsage(rest, google)),
        client=client,
    )
    return Rooms(
        accounts,
        projects,
        Credentials(accounts, Locks(store), seal, oauth, client=client),
        Enrolment(accounts, projects, verification),
        oauth,
    )
