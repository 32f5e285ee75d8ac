"""`/talk`: call an agent from the browser, and go on where a call was left."""

from typing import Annotated, Any, Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from litestar.response import Response
from msgspec import Meta, Struct

from orchestrator.api.admission import Identity
from orchestrator.api.lives import settle
from orchestrator.api.services import Services
from orchestrator.core.errors import NotFoundError
from orchestrator.core.json_value import JsonObject
from orchestrator.store.conversations import get_conversation
from orchestrator.store.items import list_items
from orchestrator.store.keys import create_client_secret
from orchestrator.web.rendering import NO_STORE, AnyRequest, page
from orchestrator.web.talk.entries import entries_of
from orchestrator.web.viewer import Viewer

CALLER: Final = {"role": "caller"}
MOST_SHOWN: Final = 100
"""Entries of an earlier call that are shown; all of them are on the conversation's own page."""
SECRET_SECONDS: Final = 60.0
"""Each call is placed with a new one, at once."""
LANGUAGES: Final = {
    "": "Any",
    "ar": "العربية",
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "he": "עברית",
    "hi": "हिन्दी",
    "it": "Italiano",
    "ja": "日本語",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "tr": "Türkçe",
    "uk": "Українська",
    "zh": "中文",
}
"""What callers may say that they speak, for the transcript; engines find it out by themselves else."""


@get("/talk", opt=CALLER)
async def talk(
    request: AnyRequest,
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
    agent: FromQuery[str] = "",
    conversation: FromQuery[str] = "",
) -> Response[Any]:
    """Show the page, with what was said before where a conversation is named."""
    board = services.switchboard
    chosen, before, unknown = board.agent_for(agent or None), list[JsonObject](), False
    if conversation:
        try:
            before = await _before(services, viewer.identity, conversation)
        except NotFoundError:
            conversation, unknown = "", True
    agents = [spec for spec in board.definition.agents.values() if spec.enabled]
    return page(
        request,
        "talk.html",
        agents=agents,
        chosen=chosen,
        conversation=conversation,
        before=before,
        unknown=unknown,
        languages=LANGUAGES,
    )


class TalkSecretRequest(Struct, kw_only=True):
    """What a call is to be placed for.

    Attributes:
        agent: Its name; empty for the entry agent.
        conversation: One to go on with; empty for a new one.
    """

    agent: Annotated[str, Meta(max_length=200)] = ""
    conversation: Annotated[str, Meta(max_length=200)] = ""


@post("/talk/secret", opt=CALLER, status_code=200)
async def make_talk_secret(
    data: JSONBody[TalkSecretRequest], services: NamedDependency[Services], viewer: NamedDependency[Viewer]
) -> Response[dict[str, str]]:
    """Make the secret that the page places one call with.

    The door itself takes no cookies, so that no page of another site can use a reader's; here the token of
    the page's own forms is needed, as for every change.
    """
    session: JsonObject = {"type": "realtime", "model": services.switchboard.agent_for(data.agent or None)}
    identity = viewer.identity
    async with services.database.transaction() as connection:
        if data.conversation:
            found = await get_conversation(connection, data.conversation)
            _check_own(found.created_by, identity, data.conversation)
            session["conversation"] = data.conversation
        value, _ = await create_client_secret(connection, session, SECRET_SECONDS, key_id=identity.key_id)
    return Response({"value": value}, headers=NO_STORE)


HANDLERS: Final = (talk, make_talk_secret)


async def _before(services: Services, identity: Identity, conversation_id: str) -> list[JsonObject]:
    """What was said and done in a conversation, the last of it where that is long."""
    await settle(services, conversation_id)
    async with services.database.read() as connection:
        found = await get_conversation(connection, conversation_id)
        _check_own(found.created_by, identity, conversation_id)
        items = await list_items(connection, conversation_id, order="desc", limit=MOST_SHOWN, markers=True)
    return entries_of(tuple(reversed(items.rows)))


def _check_own(created_by: str | None, identity: Identity, conversation_id: str) -> None:
    """Whoever reads conversations of others does not thereby talk on in them."""
    if created_by != identity.key_id:
        raise NotFoundError(f"There is no conversation {conversation_id} of yours.", param="conversation")
