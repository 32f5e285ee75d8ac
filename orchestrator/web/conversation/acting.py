"""What operators do to a live call on its page: the same actions as over the interfaces, audited alike."""

from typing import Annotated, Any, Final

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Response
from msgspec import Meta, Struct, field

from orchestrator.api.operating import Operator
from orchestrator.api.services import Services
from orchestrator.core.errors import InvalidRequestError
from orchestrator.web.rendering import NO_STORE, AnyRequest, is_fragment, page
from orchestrator.web.viewer import Viewer

Words = Annotated[str, Meta(max_length=10_000)]


class Saying(Struct, kw_only=True):
    """The form of words for the caller, or for the model, which then may be asked to respond."""

    text: Words = ""
    respond: str = ""
    token: str = field(default="", name="_csrf_token")


class Transfer(Struct, kw_only=True):
    """The form of a handoff."""

    agent: Annotated[str, Meta(max_length=200)] = ""
    reason: Annotated[str, Meta(max_length=1000)] = ""
    token: str = field(default="", name="_csrf_token")


class HangUp(Struct, kw_only=True):
    """The form of hanging up; `final` is anything but empty where the conversation is to be over."""

    final: str = ""
    token: str = field(default="", name="_csrf_token")


@post("/conversations/{conversation_id:str}/say")
async def say(
    request: AnyRequest,
    conversation_id: FromPath[str],
    data: URLEncodedBody[Saying],
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
) -> Response[Any]:
    """Have the agent say something to the caller."""
    await Operator(services, viewer.identity, conversation_id).say(_words(data.text))
    return _told(request, conversation_id, "The agent says it as soon as it is silent.")


@post("/conversations/{conversation_id:str}/inject")
async def inject(
    request: AnyRequest,
    conversation_id: FromPath[str],
    data: URLEncodedBody[Saying],
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
) -> Response[Any]:
    """Tell the model something that the caller does not hear."""
    operator = Operator(services, viewer.identity, conversation_id)
    await operator.inject(_words(data.text), respond=bool(data.respond))
    return _told(request, conversation_id, "The model was told.")


@post("/conversations/{conversation_id:str}/handoff")
async def hand_off(
    request: AnyRequest,
    conversation_id: FromPath[str],
    data: URLEncodedBody[Transfer],
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
) -> Response[Any]:
    """Put another agent on duty."""
    await Operator(services, viewer.identity, conversation_id).hand_off(data.agent, data.reason.strip())
    return _told(request, conversation_id, "{} comes as soon as the agent is silent.", data.agent)


@post("/conversations/{conversation_id:str}/hangup")
async def hang_up(
    request: AnyRequest,
    conversation_id: FromPath[str],
    data: URLEncodedBody[HangUp],
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
) -> Response[Any]:
    """End the call."""
    operator = Operator(services, viewer.identity, conversation_id)
    await operator.hang_up("hung up", final=bool(data.final))
    return _told(request, conversation_id, "The call was ended.")


def _words(text: str) -> str:
    if not text.strip():
        raise InvalidRequestError("There is nothing to say. Write something.", param="text")
    return text.strip()


def _told(request: AnyRequest, conversation_id: str, words: str, *filling: str) -> Response[Any]:
    """What was done, in words that may have gaps to be filled; without scripts the page itself."""
    if is_fragment(request):
        return page(request, "review/told.html", words=words, filling=filling)
    return Redirect(f"/conversations/{conversation_id}", status_code=303, headers=NO_STORE)


HANDLERS: Final = (say, inject, hand_off, hang_up)
