"""What reviewers say of a conversation on its page: verdict, labels, notes."""

from typing import Annotated, Any, Final

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Response
from msgspec import Meta, Struct, field

from orchestrator.api.judging import judge, write_note
from orchestrator.api.services import Services
from orchestrator.core.errors import InvalidRequestError
from orchestrator.web.conversation.context import part_context
from orchestrator.web.conversation.loading import load_view
from orchestrator.web.rendering import NO_STORE, AnyRequest, is_fragment, page
from orchestrator.web.viewer import Viewer

REVIEWER: Final = {"role": "reviewer"}
MOST_LABELS: Final = 50
LONGEST_LABEL: Final = 200

Words = Annotated[str, Meta(max_length=10_000)]


class Judgement(Struct, kw_only=True):
    """The form of verdict and labels; labels have commas between them."""

    verdict: Annotated[str, Meta(max_length=200)] = ""
    labels: Words = ""
    token: str = field(default="", name="_csrf_token")


class NewNote(Struct, kw_only=True):
    """The form of a note; without an item it is about the whole conversation."""

    text: Words = ""
    item_id: Annotated[str, Meta(max_length=500)] = ""
    token: str = field(default="", name="_csrf_token")


@post("/conversations/{conversation_id:str}/judgement", opt=REVIEWER)
async def judged(
    request: AnyRequest,
    conversation_id: FromPath[str],
    data: URLEncodedBody[Judgement],
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
) -> Response[Any]:
    """Keep verdict and labels."""
    await judge(
        services,
        viewer.identity,
        conversation_id,
        labels=labels_of(data.labels),
        verdict=data.verdict.strip(),
    )
    return await _answer(request, services, viewer, conversation_id, "review/judgement.html", saved=True)


@post("/conversations/{conversation_id:str}/notes", opt=REVIEWER)
async def noted(
    request: AnyRequest,
    conversation_id: FromPath[str],
    data: URLEncodedBody[NewNote],
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
) -> Response[Any]:
    """Keep a note."""
    text, item_id = data.text.strip(), data.item_id or None
    if not text:
        raise InvalidRequestError("The note is empty. Write something.", param="text")
    await write_note(services, viewer.identity, conversation_id, text=text, item_id=item_id)
    return await _answer(
        request, services, viewer, conversation_id, "review/notes_changed.html", about="", noted=item_id
    )


async def _answer(
    request: AnyRequest, services: Services, viewer: Viewer, conversation_id: str, template: str, **more: Any
) -> Response[Any]:
    """The part of the page that changed; without scripts the page itself."""
    if not is_fragment(request):
        place = f"#item-{more['noted']}" if more.get("noted") else ""
        return Redirect(f"/conversations/{conversation_id}{place}", status_code=303, headers=NO_STORE)
    view = (await load_view(services, viewer.identity, conversation_id, up_to_date=False)).view
    return page(request, template, **part_context(view, view.clock.length_ms), **more)


def labels_of(text: str) -> list[str]:
    """The labels of a form, each once.

    Raises:
        InvalidRequestError: There are too many, or one is too long.
    """
    labels = list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    if len(labels) > MOST_LABELS or any(len(label) > LONGEST_LABEL for label in labels):
        raise InvalidRequestError(
            f"Give at most {MOST_LABELS} labels of at most {LONGEST_LABEL} letters each.", param="labels"
        )
    return labels


HANDLERS: Final = (judged, noted)
