"""What people say of a conversation, whether over the interfaces or on its page: labels, verdict, notes."""

from collections.abc import Sequence

from orchestrator.api.admission import Identity
from orchestrator.api.services import Services
from orchestrator.api.trail import write_down
from orchestrator.store.conversations import ConversationSummary, change_conversation, get_conversation
from orchestrator.store.notes import add_note
from orchestrator.store.reading import Note


async def judge(
    services: Services,
    identity: Identity,
    conversation_id: str,
    *,
    labels: Sequence[str] | None = None,
    verdict: str | None = None,
) -> ConversationSummary:
    """Change labels and verdict; what is None stays, an empty verdict takes it away.

    Raises:
        NotFoundError: There is no such conversation.
    """
    async with services.database.transaction() as connection:
        before = await get_conversation(connection, conversation_id)
        changed = await change_conversation(connection, conversation_id, labels=labels, verdict=verdict)
        # Not the whole of it: a call that goes on changes the rest meanwhile.
        if (changed.labels, changed.verdict) != (before.labels, before.verdict):
            detail: dict[str, object] = {"labels": changed.labels, "verdict": changed.verdict}
            await write_down(connection, identity, "conversation.judge", conversation_id, detail)
    return changed


async def write_note(
    services: Services, identity: Identity, conversation_id: str, *, text: str, item_id: str | None = None
) -> Note:
    """Write a note about a conversation, or about one item of it.

    Raises:
        NotFoundError: There is no such conversation, or no such item in it.
    """
    async with services.database.transaction() as connection:
        note = await add_note(connection, conversation_id, author=identity.name, text=text, item_id=item_id)
        detail = {"number": note.number}
        await write_down(connection, identity, "note.write", conversation_id, detail)
    return note
