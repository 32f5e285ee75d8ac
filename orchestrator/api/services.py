"""What the controllers work with: one object, made when the application starts."""

import asyncio

from orchestrator.api.admission import Admission, Identity
from orchestrator.call.replays import Replays
from orchestrator.call.switchboard import Switchboard
from orchestrator.call.webrtc_media import WebRtcMedia
from orchestrator.core.definition import Definition
from orchestrator.core.redaction import Redaction
from orchestrator.settings import Settings
from orchestrator.store.database import Database


class Services:
    """The parts of one node. Not a dataclass: Litestar would look into the fields of one.

    Args:
        settings: As read at the start.
        database: The store.
        switchboard: The live conversations.
        admission: Who may come in.
        declared: The agents as their classes say, before any stored revision.
        media: Where WebRTC calls are answered.
        replays: Of this node; None where it runs none.

    Attributes:
        agent_changes: Held while an agent is changed, so that what is in force last is what was stored last.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        switchboard: Switchboard,
        admission: Admission,
        declared: Definition,
        media: WebRtcMedia | None = None,
        replays: Replays | None = None,
    ) -> None:
        self.settings = settings
        self.database = database
        self.switchboard = switchboard
        self.admission = admission
        self.declared = declared
        self.media = media or WebRtcMedia()
        self.replays = replays or Replays(database, switchboard, declared, "")
        self.agent_changes = asyncio.Lock()

    def redaction_for(self, identity: Identity) -> Redaction:
        """What of a tool's arguments, outputs and states somebody is not shown; administrators see all."""
        return Redaction() if identity.role == "admin" else self.database.redaction
