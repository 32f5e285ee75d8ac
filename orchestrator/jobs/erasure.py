"""Erasing conversations, many at a time: those that were kept long enough, and those that somebody names.

Each is erased in a transaction of its own, with a line in the audit trail, so that stopping half way loses
nothing and repeating it does nothing twice. A conversation with a call on is left for the next time.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from orchestrator.core.errors import NotFoundError
from orchestrator.store.audit import append_audit
from orchestrator.store.conversations import ConversationFilter, erase_conversation, list_conversations
from orchestrator.store.database import Database
from orchestrator.store.erasure import expired_conversations
from orchestrator.store.recordings import delete_recording, expired_recordings

DAY: Final = 86_400
BATCH: Final = 100

Forget = Callable[[Sequence[str]], Awaitable[None]]
"""Erases recordings, by their locations."""

Progress = Callable[[int], None]


@dataclass(slots=True)
class Erased:
    """What was erased, or would be.

    Attributes:
        conversations: Their ids, in order.
        recordings: How many of their recordings went with them.
        live: Conversations that were left because a call is on.
    """

    conversations: list[str] = field(default_factory=list)
    recordings: int = 0
    live: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Eraser:
    """How conversations are erased.

    Attributes:
        database: Where they are.
        forget: Erases their recordings.
        by: Who does it, for the audit trail.
        dry_run: Only tell what would be erased.
        progress: Called with the number of conversations after each.
    """

    database: Database
    forget: Forget
    by: str
    dry_run: bool = False
    progress: Progress = lambda _count: None

    async def expired(self, days: int, now: float) -> Erased:
        """Erase what was kept long enough.

        Args:
            days: How long conversations are kept after they were last changed.
            now: Seconds since the Unix epoch.
        """
        erased, after = Erased(), ""
        while True:
            async with self.database.read() as connection:
                found = await expired_conversations(connection, now - days * DAY, after=after, limit=BATCH)
            if not found:
                return erased
            after = found[-1]
            for conversation_id in found:
                await self._erase(conversation_id, "retention.erase", erased)

    async def recordings(self, now: float) -> int:
        """Erase recordings whose days are over; their conversations stay. How many there were.

        Args:
            now: Seconds since the Unix epoch.
        """
        count = 0
        while True:
            async with self.database.transaction() as connection:
                found = await expired_recordings(connection, now)
                for conversation_id, recording_id, location in () if self.dry_run else found:
                    await delete_recording(connection, conversation_id, recording_id)
                    await self.forget([location])
            count += len(found)
            if self.dry_run or len(found) < BATCH:
                return count

    async def matching(self, wanted: ConversationFilter) -> Erased:
        """Erase what a filter finds; an empty one finds nothing: nobody erases everything by mistake."""
        erased, after = Erased(), None
        if wanted == ConversationFilter():
            return erased
        while True:
            async with self.database.read() as connection:
                page = await list_conversations(connection, wanted, after=after, limit=BATCH)
            for row in page.rows:
                if row.status == "live":
                    erased.live += 1
                else:
                    await self._erase(row.id, "conversation.erase", erased)
            if page.next is None:
                return erased
            after = page.next

    async def _erase(self, conversation_id: str, action: str, erased: Erased) -> None:
        if not self.dry_run:
            try:
                async with self.database.transaction() as connection:
                    recordings = await erase_conversation(connection, conversation_id)
                    await append_audit(
                        connection,
                        key_id=None,
                        key_name=self.by,
                        action=action,
                        target=conversation_id,
                        detail={"recordings": len(recordings)},
                    )
                    # Before it is committed: sound that cannot be erased now is to be found the next time.
                    await self.forget(recordings)
            except NotFoundError:
                return  # somebody else erased it meanwhile
            erased.recordings += len(recordings)
        erased.conversations.append(conversation_id)
        self.progress(len(erased.conversations))
