"""The conversations of a node on a scripted engine, and a client that joins them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from orchestrator.call.engines import Engines
from orchestrator.call.live import LiveConversation
from orchestrator.call.loading import load
from orchestrator.call.running import running
from orchestrator.call.switchboard import Switchboard
from orchestrator.cluster.ownership import Ownership
from orchestrator.core.configuration import Wishes
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import Notice
from orchestrator.core.records import Modality
from orchestrator.realtime.dialects import EngineEndpoint
from orchestrator.store.leases import LeaseTable
from orchestrator.testing.scripted_engine import ScriptedEngine
from orchestrator.testing.turns import says
from tests.databases import patient_database
from tests.patience import PATIENCE


class Client:
    """A client that remembers why it was hung up on."""

    transport = "websocket"

    def __init__(self, call_id: str) -> None:
        self.call_id = call_id
        self.hung_up: str | None = None

    def tell(self, notice: Notice) -> None:
        return

    def play(self, *_: object) -> None:
        return

    def flush(self) -> None:
        return

    def pause(self) -> bool:
        return False

    def resume(self) -> None:
        return

    def statistics(self) -> JsonObject:
        return {}

    def hang_up(self, reason: str) -> None:
        self.hung_up = reason


@asynccontextmanager
async def a_board(database_url: str, **options: Any) -> AsyncIterator[Switchboard]:
    database = patient_database(database_url)
    definition = load("tests.end_to_end.shop")
    async with ScriptedEngine(lambda _: says("Hello."), listen=False) as engine:
        engines = Engines(EngineEndpoint(kind="compatible", url="ws://127.0.0.1:1"), {}, dial=engine.dial)
        ownership = Ownership(LeaseTable(database), "node:1")
        found = Switchboard(database, ownership, engines, definition, **options)
        async with running(found.run, partial(found.stop, PATIENCE)):
            yield found
    await database.close()


def join(live: LiveConversation, call_id: str = "rtc_1", modality: Modality = "text") -> Client:
    client = Client(call_id)
    live.join(client, wishes=Wishes(modality=modality))
    return client
