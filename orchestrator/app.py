"""Assembles one node: the store, the agents, the engines, the switchboard, and the web application on top."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial

import structlog
from litestar import Litestar

from orchestrator.api.admission import Admission
from orchestrator.api.application import build_application
from orchestrator.api.services import Services
from orchestrator.call.engines import Engines
from orchestrator.call.orphans import settle_orphans
from orchestrator.call.recording import RecordingShelf
from orchestrator.call.replays import Replays
from orchestrator.call.running import running
from orchestrator.call.switchboard import Switchboard
from orchestrator.call.webrtc_media import WebRtcMedia, open_media
from orchestrator.cluster.ownership import Ownership
from orchestrator.core.definition import Definition
from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.overrides import apply_overrides
from orchestrator.engine import (
    Brain,
    ChatBrain,
    ChatEndpoint,
    DemoBrain,
    EmbeddedEngine,
    Faculties,
    Limits,
)
from orchestrator.media.recording.storage import open_storage
from orchestrator.realtime.dialects import CAPABILITIES, EngineEndpoint
from orchestrator.settings import Settings
from orchestrator.speech.choice import voice_is_installed
from orchestrator.speech.named_recognisers import open_recognisers
from orchestrator.speech.named_voices import Voices, open_voices
from orchestrator.speech_setup import check_voices, in_vain, speech_choice
from orchestrator.store.agent_revisions import current_agent_revisions
from orchestrator.store.database import Database
from orchestrator.store.leases import LeaseTable
from orchestrator.store.migrate import upgrade
from orchestrator.telemetry import open_traces
from orchestrator.web.errors import tell
from orchestrator.web.pages import page_routers

STOP_SECONDS = 10.0
"""How long a stopping node waits for the store, once its calls have ended."""

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_services(
    settings: Settings, database_url: str, declared: Definition, *, brain: Brain | None = None
) -> AsyncIterator[Services]:
    """Open everything that a node needs, in order, and close it in the reverse order.

    Args:
        settings: Of the node.
        database_url: A running Postgres; it is migrated.
        declared: The agents as their classes say; what administrators changed is put on top.
        brain: Of the embedded engine, None for the one that the settings ask for.

    Raises:
        SettingsError: Speech is asked for that is not set up.
        StoreUnavailableError: Postgres cannot be used.
    """
    check_voices(declared.agents.values(), speech_choice(settings))
    await asyncio.to_thread(upgrade, database_url)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(
            open_traces(settings.traces_url, node=node_name(settings), text=settings.traces_text)
        )
        database = Database(database_url, redaction=settings.redaction)
        stack.push_async_callback(database.close)
        definition = await _revised(database, declared)
        voices = await stack.enter_async_context(open_voices(speech_choice(settings)))
        faculties = await stack.enter_async_context(open_faculties(settings, voices, brain))
        engines = replace(await _open_engines(stack, settings, faculties), ears=faculties.ears)
        if faculties.voices is not None:
            engines = replace(engines, voices=voices)
        if names := in_vain(definition.agents.values(), hears=engines.ears is not None):
            _log.warning("Interruptions(resume=True) needs ORCHESTRATOR_STT or the recogniser", agents=names)
        ownership = Ownership(LeaseTable(database), node_name(settings))
        await settle_orphans(database, ownership.node)
        switchboard = Switchboard(
            database,
            ownership,
            engines,
            definition,
            max_calls=settings.max_calls,
            recordings=recording_shelf(settings, database),
        )
        # Before the switchboard, and so closed after it: the last words of its calls are still to be heard.
        media = await stack.enter_async_context(_media(settings))
        await stack.enter_async_context(running(switchboard.run, partial(switchboard.stop, STOP_SECONDS)))
        admission = Admission(database, admin_key=admin_key(settings), open_door=settings.is_loopback)
        replays = Replays(database, switchboard, declared, ownership.node)
        await stack.enter_async_context(running(replays.run, replays.stop))
        yield Services(settings, database, switchboard, admission, declared, media, replays)


def create_app(settings: Settings, services: Services) -> Litestar:
    """The web application on top of services that are open."""
    return build_application(settings, services, pages=page_routers(settings, services), tell=tell)


def recording_shelf(settings: Settings, database: Database) -> RecordingShelf:
    """Where recordings go.

    Raises:
        SettingsError: The place cannot be used.
    """
    own = settings.data_dir / "recordings"
    return RecordingShelf(
        database=database,
        storage=open_storage(settings.recordings or str(own)),
        spool=own / "spool",
        days=settings.recording_days,
    )


def node_name(settings: Settings) -> str:
    """What this node is called in leases; one that starts again on the same port is the same node."""
    return f"{socket.gethostname()}:{settings.port or os.getpid()}"


def admin_key(settings: Settings) -> str:
    """The operator's key: from the settings, else one made at the first start and kept beside the data."""
    if settings.admin_key is not None:
        return settings.admin_key.get_secret_value()
    path = settings.data_dir / "admin-key"
    if not path.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"ok_admin_{secrets.token_urlsafe(24)}")
    return path.read_text().strip()


async def _revised(database: Database, declared: Definition) -> Definition:
    """The agents with what administrators changed; a change that fits no longer is left out, and logged."""
    agents = dict(declared.agents)
    async with database.read() as connection:
        revisions = await current_agent_revisions(connection)
    for name, revision in revisions.items():
        if name not in agents:
            continue
        try:
            agents[name] = apply_overrides(agents[name], revision.overrides, revision=revision.revision)
        except InvalidRequestError as error:
            _log.warning(
                "agent revision left out", agent=name, revision=revision.revision, cause=error.message
            )
    return Definition(agents, declared.entry)


def _media(settings: Settings) -> AbstractAsyncContextManager[WebRtcMedia]:
    return open_media(
        host="127.0.0.1" if settings.host == "localhost" else settings.host,
        udp_port=settings.media_port,
        announced_ip=settings.announced_ip,
        offer_loopback=settings.is_loopback and ":" not in settings.host,
    )


async def _open_engines(stack: AsyncExitStack, settings: Settings, faculties: Faculties) -> Engines:
    endpoints = dict(_remote_endpoints(settings))
    key = secrets.token_urlsafe(32)
    # A conversation holds two sessions while an agent is being switched.
    limits = Limits(connections=2 * settings.max_calls)
    engine = await stack.enter_async_context(EmbeddedEngine(faculties, api_key=key, limits=limits))
    can = replace(
        CAPABILITIES["embedded"],
        audio_in=faculties.ears is not None,
        audio_out=faculties.voices is not None,
    )
    endpoints["embedded"] = EngineEndpoint(kind="embedded", url=engine.url, api_key=key, own_capabilities=can)
    kind = settings.engine_kind
    compatible = replace(
        CAPABILITIES["compatible"],
        audio_in=settings.engine_hearing != "nothing",
        audio_out=settings.engine_hearing != "nothing",
        detects_turns=settings.engine_hearing == "turns",
    )
    if kind == "url":
        endpoints["url"] = EngineEndpoint(
            kind="compatible",
            url=settings.engine or "",
            api_key=settings.engine_key.get_secret_value() if settings.engine_key else None,
            model=settings.engine_model,
            transcription_model=settings.transcription_model,
            own_capabilities=compatible,
        )
    return Engines(endpoints[kind], endpoints, compatible=compatible)


@asynccontextmanager
async def open_faculties(
    settings: Settings, voices: Voices | None = None, brain: Brain | None = None
) -> AsyncIterator[Faculties]:
    """What thinks, hears and speaks for the embedded engine; what is not installed it does without.

    Args:
        settings: Say which.
        voices: Of the node; None to open voices for this engine alone.
        brain: In place of the one that the settings ask for.
    """
    choice = speech_choice(settings)
    async with AsyncExitStack() as stack:
        if brain is None:
            brain = await stack.enter_async_context(_open_brain(settings))
        if voices is None:
            voices = await stack.enter_async_context(open_voices(choice))
        pronounce = voices.pronounce if voice_is_installed() else None
        recognisers = await stack.enter_async_context(open_recognisers(choice, pronounce))
        ears = recognisers.named() if recognisers.default is not None else None
        speaks = voices.named() if choice.tts or voice_is_installed() else None
        if missing := [what for what, there in (("recogniser", ears), ("voice", speaks)) if there is None]:
            _log.info("the embedded engine does without speech", missing=missing)
        yield Faculties(brain, ears, speaks)


@asynccontextmanager
async def _open_brain(settings: Settings) -> AsyncIterator[Brain]:
    """The brain of the embedded engine: a chat model where one is set, else the offline demo brain."""
    if settings.chat_base_url is None or settings.chat_model is None:
        yield DemoBrain()
        return
    key = settings.chat_api_key.get_secret_value() if settings.chat_api_key else None
    async with ChatBrain(ChatEndpoint(settings.chat_base_url, settings.chat_model, key)) as brain:
        yield brain


def _remote_endpoints(settings: Settings) -> Mapping[str, EngineEndpoint]:
    found: dict[str, EngineEndpoint] = {}
    if settings.openai_api_key is not None:
        found["openai"] = EngineEndpoint(
            kind="openai",
            url=settings.openai_base_url,
            api_key=settings.openai_api_key.get_secret_value(),
            model=settings.engine_model,
            transcription_model=settings.transcription_model,
        )
    if settings.azure_openai_endpoint is not None and settings.azure_openai_api_key is not None:
        found["azure"] = EngineEndpoint(
            kind="azure",
            url=settings.azure_openai_endpoint,
            api_key=settings.azure_openai_api_key.get_secret_value(),
            model=settings.engine_model,
            transcription_model=settings.transcription_model,
        )
    return found
