"""What a client may write as an item (Realtime protocol, section 4)."""

import base64
import binascii
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.realtime.serving.refusal import invalid_value, missing
from orchestrator.realtime.serving.shapes import Shape
from orchestrator.realtime.serving.validation import check

ItemId = Annotated[str, Field(min_length=1, max_length=512)]
_MESSAGE_PARTS: Final = {
    "user": ("input_text", "input_audio", "input_image"),
    "system": ("input_text",),
    "assistant": ("output_text",),
}


class _Item(Shape):
    id: ItemId | None = None
    object: Literal["realtime.item"] | None = None
    status: Literal["completed", "incomplete", "in_progress"] | None = None


class _InputText(Shape):
    type: Literal["input_text"]
    text: str


class _InputAudio(Shape):
    type: Literal["input_audio"]
    audio: str | None = None
    transcript: str | None = None


class _InputImage(Shape):
    type: Literal["input_image"]
    image_url: str
    detail: Literal["auto", "low", "high"] = "auto"


class _OutputText(Shape):
    type: Literal["output_text"]
    text: str


class _UserMessage(_Item):
    type: Literal["message"]
    role: Literal["user"]
    content: list[Annotated[_InputText | _InputAudio | _InputImage, Field(discriminator="type")]]


class _SystemMessage(_Item):
    type: Literal["message"]
    role: Literal["system"]
    content: list[_InputText]


class _AssistantMessage(_Item):
    type: Literal["message"]
    role: Literal["assistant"]
    content: list[_OutputText]


class _FunctionCall(_Item):
    type: Literal["function_call"]
    name: str
    arguments: str
    call_id: str | None = None


class _FunctionCallOutput(_Item):
    type: Literal["function_call_output"]
    call_id: str
    output: str


_Message = Annotated[_UserMessage | _SystemMessage | _AssistantMessage, Field(discriminator="role")]
_MESSAGE: Final[TypeAdapter[_UserMessage | _SystemMessage | _AssistantMessage]] = TypeAdapter(_Message)
_FUNCTION_CALL: Final = TypeAdapter(_FunctionCall)
_FUNCTION_CALL_OUTPUT: Final = TypeAdapter(_FunctionCallOutput)
_TYPES: Final = ("message", "function_call", "function_call_output")


def checked_item(item: JsonObject, path: str) -> JsonObject:
    """Check an item that a client wrote, and answer it in the server's form, without an `id` if it had none.

    Args:
        item: The client's item.
        path: Where it stands in the event: `item`, or `response.input[0]`.

    Raises:
        RefusedError: With the code and path of the first thing wrong.
    """
    kind = item.get("type")
    if kind is None:
        raise missing(f"{path}.type")
    if kind not in _TYPES:
        known = ", ".join(f"'{name}'" for name in _TYPES)
        raise invalid_value(f"Invalid value: '{kind}'. Supported values are: {known}.", f"{path}.type")
    model: _Item
    if kind == "message":
        _check_parts(item, path)
        model = check(_MESSAGE, item, path)
    elif kind == "function_call":
        model = check(_FUNCTION_CALL, item, path)
    else:
        model = check(_FUNCTION_CALL_OUTPUT, item, path)
    written = model.model_dump(mode="json", exclude_none=True, exclude={"object", "status"})
    return {**written, "object": "realtime.item", "status": "completed"}


def _check_parts(item: JsonObject, path: str) -> None:
    """Refuse parts that the role cannot hold; an assistant's audio cannot be injected (section 4)."""
    role, content = item.get("role"), item.get("content")
    if not isinstance(role, str) or role not in _MESSAGE_PARTS or not isinstance(content, list):
        return
    for index, part in enumerate(content):
        if not isinstance(part, dict):
            continue
        here = f"{path}.content[{index}]"
        if role == "assistant" and part.get("type") == "output_audio" and "text" not in part:
            raise missing(f"{here}.text")
        if "type" in part and part["type"] not in _MESSAGE_PARTS[role]:
            known = ", ".join(f"'{name}'" for name in _MESSAGE_PARTS[role])
            raise invalid_value(
                f"Invalid value: '{part['type']}'. Supported values are: {known}.", f"{here}.type"
            )
        _check_audio(part, f"{here}.audio")


def _check_audio(part: JsonObject, path: str) -> None:
    audio: JsonValue = part.get("audio")
    if isinstance(audio, str):
        decoded_audio(audio, path)


def decoded_audio(text: str, path: str) -> bytes:
    """Decode base64 audio.

    Raises:
        RefusedError: It is not base64.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid_value(f"Invalid '{path}': expected base64-encoded bytes.", path) from error
