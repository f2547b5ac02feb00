"""Everything below the web, made and joined: for the app, and for the verbs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from . import urls
from .accounts.account_list import AccountList
from .accounts.credentials import Credentials
from .accounts.discovery import Discovery
from .accounts.enrolment import Enrolment
from .accounts.oauth_flow import OAuthFlow
from .accounts.project_list import ProjectList
from .accounts.token_refresh import ROUND_SECONDS, TokenRefresh
from .accounts.verification import Verification
from .chat.config import ChatConfig, following
from .chat.exchange import Chat
from .chat.models import Models
from .chat.response_memory import ResponseMemories
from .gemini.models import DEFAULT_ALIASES, is_known, resolve
from .google.api_keys import ApiKeyCheck
from .google.cloudcode import CloudCode
from .google.code_assist import CodeAssist
from .google.consent import Consent
from .google.endpoints import Endpoints
from .google.gemini_api import GeminiApi
from .google.http.client import HttpClient, Timeouts
from .google.json_client import JsonClient
from .google.oauth import OAuth, OAuthClient
from .google.resource_manager import ResourceManager
from .google.service_usage import ServiceUsage
from .jobs.bench import BenchJob
from .jobs.project_creation import ProjectCreation
from .jobs.project_tests import ProjectTests
from .jobs.runner import Jobs
from .keys.api_keys import ApiKeys
from .limits.rate_limits import limits_in
from .monitoring.request_log import RequestLog
from .monitoring.status_watcher import StatusWatcher
from .periodic import PeriodicTasks
from .routing.neutral import Neutral
from .routing.pool import Pool
from .routing.project_test import Trials
from .routing.quota_sync import ROUND_SECONDS as QUOTA_SECONDS
from .routing.quota_sync import QuotaSync
from .routing.quotas import Quotas
from .routing.relay import Limits, Relay
from .routing.token_count import TokenCount
from .settings import Settings
from .store.accounts import Accounts
from .store.audit import Audit
from .store.config import Config, defaults
from .store.connection import Store
from .store.encryption import Seal
from .store.events import Events
from .store.incidents import Incidents
from .store.leases import RENEW_SECONDS, Lease
from .store.locks import Locks
from .store.oauth_states import PendingAuths
from .store.projects import Projects
from .store.sessions import Sessions
from .store.sign_ins import SignIns
from .store.stored_responses import StoredResponses

CONFIG_SECONDS = 1.0
RESEAL_SECONDS = 3600.0
FORGET_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Gateway:
    """What one process has of GSwarm. Making it asks nobody anything.

    ``tasks`` keep this process's lease and its copy of the config, ``slow_tasks`` do
    what takes as long as Google does; both wait to be started by whoever serves
    requests.
    """

    store: Store
    config: Config
    preferences: Callable[[], ChatConfig]
    audit: Audit
    ledger: RequestLog
    incidents: Incidents
    events: Events
    sessions: Sessions
    sign_ins: SignIns
    accounts: Accounts
    projects: Projects
    keys: ApiKeys
    pool: Pool
    quotas: Quotas
    quota_reading: QuotaSync
    relay: Relay
    chat: Chat
    models: Models
    watch: StatusWatcher
    token_count: TokenCount
    memories: ResponseMemories
    credentials: Credentials
    enrolment: Enrolment
    discovery: Discovery
    roster: AccountList
    project_rows: ProjectList
    jobs: Jobs
    linking: OAuthFlow
    visits: PendingAuths
    refreshing: TokenRefresh
    trials: Trials
    oauth: OAuth
    lease: Lease
    tasks: PeriodicTasks
    slow_tasks: PeriodicTasks
    rest: JsonClient
    wire: HttpClient

    def close(self) -> None:
        """Close the connections to Google."""
        self.rest.close()
        self.wire.close()


def build_gateway(
    settings: Settings, store: Store, *, clock: Callable[[], float] = time.time
) -> Gateway:
    """Make it; the settings have all their secrets."""
    seal = Seal(settings.encryption_key)
    accounts, projects = (
        Accounts(store, seal, clock=clock),
        Projects(store, clock=clock),
    )
    config = Config(store, defaults(settings, DEFAULT_ALIASES))
    preferences = following(config)
    audit, events = Audit(store, clock=clock), Events(store)
    ledger = RequestLog(store, clock=clock)
    lease = Lease(store, clock=clock)
    keys = ApiKeys(
        store, limits=lambda: limits_in(config.values["rateLimit"]), clock=clock
    )

    google = Endpoints.at(settings.google_base_url, settings.code_assist_endpoint)
    rest, wire = JsonClient(), HttpClient(Timeouts.of(settings))
    oauth, client = OAuth(rest, google, clock), OAuthClient.of(settings)
    upstreams = {u.name: u for u in (CloudCode(wire, google), GeminiApi(wire, google))}
    locks = Locks(store)
    credentials = Credentials(accounts, locks, seal, oauth, client=client, clock=clock)
    refreshing = TokenRefresh(accounts, credentials, locks, clock=clock)
    resources, services = ResourceManager(rest, google), ServiceUsage(rest, google)
    discovery = Discovery(resources, services)
    code_assist = CodeAssist(rest, google)
    verification = Verification(
        oauth,
        code_assist,
        ApiKeyCheck(rest, google),
        discovery,
        client=client,
    )
    enrolment = Enrolment(accounts, projects, verification, clock=clock)

    pool = Pool(
        store,
        lease,
        cooldown=lambda: config.cooldown,
        pacing=lambda: config.pacing,
        quota_scope=settings.quota_scope,
        max_wait_seconds=settings.max_wait_seconds,
        default_client=settings.google_client_id or "",
        is_known=lambda name: _is_heard_of(name, config, models),
        clock=clock,
    )
    models = Models(accounts, preferences, clock=clock)
    watch = StatusWatcher(pool, events, config, lambda: models.default, clock=clock)

    quotas = Quotas(store, pacing=lambda: config.pacing, clock=clock)
    neutral = Neutral(
        upstreams,
        quotas.counting,
        default_model=lambda: _default_model(config),
    )
    relay = Relay(
        pool,
        credentials,
        upstreams,
        neutral.ask,
        limits=Limits(
            settings.max_attempts,
            settings.request_timeout,
            settings.max_wait_seconds,
        ),
        clock=clock,
    )

    quota_reading = QuotaSync(
        quotas, accounts, projects, credentials, code_assist, locks
    )
    trials = Trials(accounts, projects, credentials, upstreams, quotas)
    jobs = Jobs(store, clock=clock)
    _define_jobs(
        jobs,
        ProjectCreation(credentials, resources, services, enrolment, pool),
        ProjectTests(trials, projects, audit),
        BenchJob(relay, ledger),
    )

    tasks = _every(
        (RENEW_SECONDS, lease.renew),
        (RENEW_SECONDS, keys.renew),
        (RENEW_SECONDS, pool.end_rests),
        (RENEW_SECONDS, jobs.tend),
        (CONFIG_SECONDS, config.refresh),
        (CONFIG_SECONDS, quotas.follow_limits),
    )
    slow_tasks = _every(
        (FORGET_SECONDS, urls.forget),
        (ROUND_SECONDS / 2, refreshing.go_round),
        (QUOTA_SECONDS / 2, quota_reading.go_round),
    )
    if len(settings.encryption_key) > 1:
        slow_tasks.every(RESEAL_SECONDS, accounts.reseal)
    return Gateway(
        store=store,
        config=config,
        preferences=preferences,
        audit=audit,
        ledger=ledger,
        incidents=ledger.incidents,
        events=events,
        sessions=Sessions(store, clock=clock),
        sign_ins=SignIns(store, clock=clock),
        accounts=accounts,
        projects=projects,
        keys=keys,
        pool=pool,
        quotas=quotas,
        quota_reading=quota_reading,
        relay=relay,
        chat=Chat(store, keys, relay, ledger, preferences),
        models=models,
        watch=watch,
        token_count=TokenCount(pool, credentials, upstreams),
        memories=ResponseMemories(StoredResponses(store, seal, clock), seal),
        credentials=credentials,
        enrolment=enrolment,
        discovery=discovery,
        roster=AccountList(accounts, projects, clock=clock),
        project_rows=ProjectList(store, accounts, projects, clock=clock),
        jobs=jobs,
        linking=OAuthFlow(Consent(google, clock), oauth, enrolment, client),
        visits=PendingAuths(store, seal),
        refreshing=refreshing,
        trials=trials,
        oauth=oauth,
        lease=lease,
        tasks=tasks,
        slow_tasks=slow_tasks,
        rest=rest,
        wire=wire,
    )


def _is_heard_of(name: str, config: Config, models: Models) -> bool:
    """Whether the catalogue, or the operator, knows a model of that name."""
    return is_known(name) or name == models.default or name in config.pacing.limits


def _default_model(config: Config) -> str:
    default = str(config.values["models"]["default"])
    return resolve(default, config.aliases) or default


def _every(*due: tuple[float, Callable[[], object]]) -> PeriodicTasks:
    """Tasks, each to be done again after so many seconds."""
    tasks = PeriodicTasks()
    for seconds, task in due:
        tasks.every(seconds, task)
    return tasks


def _define_jobs(
    jobs: Jobs, creation: ProjectCreation, checkups: ProjectTests, bench: BenchJob
) -> None:
    jobs.define("project-create", creation.create)
    jobs.define("project-enable", creation.enable)
    jobs.define("project-test", checkups.run)
    jobs.define("probe", checkups.run)
    # Half a measurement, and half of another, are none.
    jobs.define("bench", bench.run, resumes=False)
