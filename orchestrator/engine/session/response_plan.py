"""What one `response.create` asks for, with the session's settings where it says nothing (section 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.brain import BrainContext
from orchestrator.engine.session.configuration import Configuration
from orchestrator.engine.session.items import Items
from orchestrator.realtime.serving.item_shapes import checked_item
from orchestrator.realtime.serving.refusal import invalid_value, missing
from orchestrator.realtime.serving.shapes import ResponseCreate
from orchestrator.realtime.serving.validation import check, dump
from orchestrator.speech.protocol import Voice

_REQUEST: Final = TypeAdapter(ResponseCreate)


@dataclass(frozen=True, slots=True)
class ResponsePlan:
    """One response as it will be made.

    Args:
        in_conversation: Its items join the default conversation (`conversation: "auto"`).
        shown: The fields of the response object that echo the request.
        context: What the brain is told.
        truncation: How the items may be cut to fit.
        speed: Pace of the voice, 1.0 is its own.
    """

    in_conversation: bool
    shown: JsonObject
    context: BrainContext
    truncation: JsonValue
    speed: float = 1.0

    @property
    def audio_format(self) -> str | None:
        """The wire's format of a reply in sound; None for one in text."""
        if self.shown["output_modalities"] != ["audio"]:
            return None
        audio_format = self._output["format"]
        return str(audio_format["type"]) if isinstance(audio_format, dict) else None

    @property
    def voice(self) -> Voice | None:
        """What says the reply aloud; None for one in text."""
        voice = self._output["voice"]
        name = voice["id"] if isinstance(voice, dict) else voice
        return None if self.audio_format is None else Voice(str(name), self.speed)

    @property
    def _output(self) -> JsonObject:
        audio = self.shown["audio"]
        output = audio["output"] if isinstance(audio, dict) else None
        return output if isinstance(output, dict) else {}


def plan_response(
    request: JsonObject, configuration: Configuration, items: Items, *, audio_was_produced: bool
) -> ResponsePlan:
    """Check a request and fill it up from the session.

    Raises:
        RefusedError: With the code and path of the first thing wrong.
    """
    asked = check(_REQUEST, request, "response")
    voice = asked.audio.output.voice if asked.audio and asked.audio.output else None
    configuration.check_voice(voice, "response.audio.output.voice", audio_was_produced=audio_was_produced)
    limit = asked.max_output_tokens or configuration["max_output_tokens"]
    return ResponsePlan(
        in_conversation=asked.conversation != "none",
        shown={
            "output_modalities": configuration.modalities(asked.output_modalities),
            "max_output_tokens": limit,
            "audio": {"output": {**configuration.audio_output, **_audio_output(asked)}},
            "metadata": dict(asked.metadata) if asked.metadata is not None else None,
        },
        context=_context(asked, configuration, _input(request, items), limit),
        truncation=configuration["truncation"],
        speed=configuration.speed,
    )


def _context(
    asked: ResponseCreate, configuration: Configuration, items: tuple[JsonObject, ...], limit: JsonValue
) -> BrainContext:
    tools = _tools(asked, configuration)
    choice = _tool_choice(asked, configuration, tools)
    parallel = configuration["parallel_tool_calls"]
    agent = configuration["agent"]
    return BrainContext(
        model=configuration.model,
        instructions=asked.instructions
        if asked.instructions is not None
        else str(configuration["instructions"]),
        overridden_instructions=asked.instructions is not None,
        items=items,
        tools=tools,
        tool_choice=choice,
        parallel_tool_calls=bool(
            parallel if asked.parallel_tool_calls is None else asked.parallel_tool_calls
        ),
        max_output_tokens=limit if isinstance(limit, int) else None,
        hints=configuration.hints,
        agent=agent if isinstance(agent, str) else None,
    )


def _audio_output(asked: ResponseCreate) -> JsonObject:
    if asked.audio is None or asked.audio.output is None:
        return {}
    return {name: value for name, value in dump(asked.audio.output).items() if value is not None}


def _tools(asked: ResponseCreate, configuration: Configuration) -> tuple[JsonObject, ...]:
    if asked.tools is not None:
        return tuple(dump(tool) for tool in asked.tools)
    return configuration.functions


def _tool_choice(
    asked: ResponseCreate, configuration: Configuration, tools: Sequence[JsonObject]
) -> JsonValue:
    choice: JsonValue = configuration["tool_choice"]
    if asked.tool_choice is not None:
        choice = asked.tool_choice if isinstance(asked.tool_choice, str) else dump(asked.tool_choice)
    if isinstance(choice, dict) and choice["name"] not in [tool["name"] for tool in tools]:
        raise invalid_value(
            f"Tool choice names the function '{choice['name']}', which is not among the tools.",
            "response.tool_choice" if asked.tool_choice is not None else "session.tool_choice",
        )
    return choice


def _input(request: JsonObject, items: Items) -> tuple[JsonObject, ...]:
    """The items of the prompt: those of `input`, with references looked up, or the conversation's."""
    given = request.get("input")
    if not isinstance(given, list):
        return tuple(items)
    return tuple(
        _input_item(item, f"response.input[{index}]", items)
        for index, item in enumerate(given)
        if isinstance(item, dict)
    )


def _input_item(item: JsonObject, path: str, items: Items) -> JsonObject:
    if item.get("type") != "item_reference":
        return checked_item(item, path)
    item_id = item.get("id")
    if not isinstance(item_id, str):
        raise missing(f"{path}.id")
    if item_id not in items:
        raise invalid_value(f"Item with id '{item_id}' not found in the conversation.", f"{path}.id")
    return items[item_id]
