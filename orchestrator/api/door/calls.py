"""`POST /v1/realtime/calls`: the door for clients that call over WebRTC (protocol, section 2.2)."""

from typing import Any, Final

from litestar import Request, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.response import Response

from orchestrator.api.admission import Identity
from orchestrator.api.door.call_connection import CallConnection
from orchestrator.api.door.outgoing import EXTENSION
from orchestrator.api.door.placing import GREET, asks_for_extension, conversation_for, wishes_of
from orchestrator.api.services import Services
from orchestrator.call.live import new_id
from orchestrator.call.webrtc import audio_format_of
from orchestrator.core.json_value import JsonObject
from orchestrator.realtime.codec import InvalidFrameError, decode
from orchestrator.realtime.serving.handshake import Offer, refuse_beta
from orchestrator.realtime.serving.refusal import invalid_value, missing

SDP: Final = "application/sdp"
FORM: Final = "multipart/form-data"
PATH: Final = "/v1/realtime/calls"
CONVERSATION: Final = "x-conversation"
"""Header of the answer: what a client goes on with, should its network change."""


@post(
    "/realtime/calls",
    status_code=201,
    media_type=SDP,
    opt={"secrets": True},
    # What it takes is no JSON, and the description has no way to tell a made-up offer from a real one.
    include_in_schema=False,
)
async def create_call(
    request: Request[Any, Any, Any], services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> Response[bytes]:
    """Answer an offer and connect the call to a conversation: a new one, or a stored one."""
    asked = _asked(request)
    refuse_beta(asked)
    sdp, session = await _body(request)
    wishes = wishes_of(asked, identity, session)
    connection = CallConnection(
        new_id("rtc"), extended=asks_for_extension(asked) or EXTENSION in wishes.include
    )
    # The offer first: one that cannot be answered is to leave no conversation behind.
    call = await services.media.answer(sdp, connection.line.handlers(), audio_format_of(wishes))
    connection.line.attach(call)
    try:
        live = await conversation_for(asked, identity, wishes, services)
    except BaseException:  # also when the request is given up
        connection.line.abandon()
        raise
    connection.join(live, wishes=wishes, greet=asked.query(GREET) == "true")
    return Response(
        call.answer_sdp.encode(),
        status_code=201,
        media_type=SDP,
        headers={"location": f"{PATH}/{connection.call_id}", CONVERSATION: live.id},
    )


def _asked(request: Request[Any, Any, Any]) -> Offer:
    query = request.scope["query_string"].decode("latin-1")
    return Offer(target=f"{PATH}?{query}", beta=request.headers.get("openai-beta"))


async def _body(request: Request[Any, Any, Any]) -> tuple[str, JsonObject | None]:
    """The SDP, and the session object if one came with it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == SDP:
        return _sdp(await request.body()), None
    if kind != FORM:
        raise invalid_value(f"Send the offer as {SDP}, or as {FORM} with `sdp` and `session`.", "body")
    form = await request.form()
    sdp, session = await _part(form.get("sdp")), await _part(form.get("session"))
    if sdp is None:
        raise missing("sdp")
    return _sdp(sdp), None if session is None else _session(session)


async def _part(value: object) -> bytes | None:
    if isinstance(value, UploadFile):
        return await value.read()
    return None if value is None else str(value).encode()


def _sdp(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise invalid_value(f"The offer is no UTF-8 text: {error.reason}.", "sdp") from error


def _session(body: bytes) -> JsonObject:
    try:
        return decode(body.decode())
    except (InvalidFrameError, UnicodeDecodeError) as error:
        raise invalid_value(
            "'session' is no JSON object. Send one, as in `session.update`.", "session"
        ) from error


HANDLERS: Final = (create_call,)
