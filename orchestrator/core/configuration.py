"""What a session is set up with: the agent's declaration, the client's wishes, the engine's abilities.

Instructions and tools are the server's; a client may change audio formats, turn detection, transcription
and modality, and add client tools. The effective outcome is told to it, without the agent's
instructions: those are the model's business alone.
"""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from orchestrator.core.commands import OwnHearing, SessionConfig
from orchestrator.core.definition import BACK, AgentSpec, HandoffSpec, Interruptions
from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.instructions import instructions_of
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.records import Modality

if TYPE_CHECKING:
    from orchestrator.core.context import Context

PCM: Final[JsonObject] = {"type": "audio/pcm", "rate": 24000}
SERVER_VAD: Final[JsonObject] = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
    "idle_timeout_ms": None,
    "create_response": True,
    "interrupt_response": True,
}

SEMANTIC_VAD: Final[JsonObject] = {"eagerness": "auto", "create_response": True, "interrupt_response": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineAbilities:
    """What an engine, together with our own speech, can do.

    Attributes:
        audio_in: It hears the caller.
        detects_turns: Of an engine that hears: it finds the caller's turns by itself.
        speech_to_text: We can write down for it what the caller says.
        times_idle: Of an engine that finds turns: it knows the `idle_timeout_ms` of `server_vad`.
        audio_out: It speaks by itself.
        text_to_speech: We can speak its text for it.
        engine: What it is called in what is stored.
        model: Which model answers.
    """

    audio_in: bool = False
    detects_turns: bool = True
    times_idle: bool = False
    speech_to_text: bool = False
    audio_out: bool = False
    text_to_speech: bool = False
    engine: str = ""
    model: str | None = None

    @property
    def hears(self) -> bool:
        """Whether the caller is understood, by whomever."""
        return self.audio_in or self.speech_to_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the client asked for in `session.update`, and what it is told again.

    Attributes:
        model: The model name that it connected with.
        modality: What it wants to receive.
        turn_detection: None for manual turns; as on the wire.
        tools: Client tools, as on the wire.
        echo: Fields that have no effect here and are told again as they came.
    """

    model: str = ""
    modality: Modality = "audio"
    input_format: JsonObject = field(default_factory=lambda: dict(PCM))
    output_format: JsonObject = field(default_factory=lambda: dict(PCM))
    turn_detection: JsonObject | None = field(default_factory=lambda: dict(SERVER_VAD))
    turn_detection_chosen: bool = False
    transcription: JsonObject | None = None
    noise_reduction: JsonObject | None = None
    tools: tuple[JsonObject, ...] = ()
    tool_choice: str | JsonObject = "auto"
    max_output_tokens: int | str = "inf"
    include: tuple[str, ...] = ()
    echo: JsonObject = field(default_factory=dict)

    @property
    def tool_names(self) -> frozenset[str]:
        """Names of the client tools."""
        return frozenset(str(tool.get("name")) for tool in self.tools)


_ECHOED: Final = ("tracing", "truncation", "prompt", "parallel_tool_calls", "reasoning")


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def merge(wishes: Wishes, session: JsonObject) -> Wishes:
    """The wishes after a `session.update` whose shape the door has checked; only fields present change."""
    changes: dict[str, object] = {}
    if modalities := session.get("output_modalities"):
        changes["modality"] = "text" if modalities == ["text"] else "audio"
    if "tools" in session:
        tools = session["tools"]
        changes["tools"] = tuple(_object(tool) for tool in tools) if isinstance(tools, list) else ()
    for name in ("tool_choice", "max_output_tokens"):
        if session.get(name) is not None:
            changes[name] = session[name]
    if "include" in session:
        include = session["include"]
        changes["include"] = tuple(str(name) for name in include) if isinstance(include, list) else ()
    audio = _object(session.get("audio"))
    changes.update(_merge_audio(_object(audio.get("input")), _object(audio.get("output"))))
    echo = dict(wishes.echo) | {name: session[name] for name in _ECHOED if name in session}
    if (speed := _object(audio.get("output")).get("speed")) is not None:
        echo["speed"] = speed
    return replace(wishes, echo=echo, **changes)  # type: ignore[arg-type]


def _merge_audio(source: JsonObject, sink: JsonObject) -> dict[str, object]:
    changes: dict[str, object] = {}
    if source.get("format") is not None:
        changes["input_format"] = source["format"]
    if sink.get("format") is not None:
        changes["output_format"] = sink["format"]
    if "turn_detection" in source:
        changes["turn_detection"] = _whole_detection(source["turn_detection"])
        changes["turn_detection_chosen"] = True
    for name in ("transcription", "noise_reduction"):
        if name in source:
            changes[name] = source[name]
    return changes


def _whole_detection(value: JsonValue) -> JsonObject | None:
    if not isinstance(value, dict) or not value:
        return None
    defaults = SEMANTIC_VAD if value.get("type") == "semantic_vad" else SERVER_VAD
    return {**defaults, **value}


def modalities(ctx: "Context", spec: AgentSpec, *, loaded: bool) -> tuple[Modality, Modality]:
    """How the engine speaks, and what the client receives.

    Args:
        loaded: Whether the session starts with history, which makes audio models drift to text.
    """
    abilities = ctx.abilities(spec)
    if ctx.wishes.modality == "text":
        return "text", "text"
    native = abilities.audio_out and not (loaded and spec.reload == "tts" and abilities.text_to_speech)
    if native:
        return "audio", "audio"
    return "text", "audio" if abilities.text_to_speech else "text"


def speaks_text(ctx: "Context", spec: AgentSpec) -> bool:
    """Whether text of an agent's engine is spoken for it, because the client wants to hear it."""
    return ctx.wishes.modality == "audio" and ctx.abilities(spec).text_to_speech


def pace(wishes: Wishes) -> float:
    """How fast the client wants the agent to speak; 1.0 is the voice's own pace."""
    speed = wishes.echo.get("speed")
    return float(speed) if isinstance(speed, int | float) else 1.0


def open_handoffs(ctx: "Context", spec: AgentSpec) -> list[tuple[HandoffSpec, str]]:
    """The handoffs that can be taken now, each with its target's name."""
    found: list[tuple[HandoffSpec, str]] = []
    for handoff in spec.handoffs:
        target = (
            (ctx.timeline.trail[-1] if ctx.timeline.trail else None)
            if handoff.target == BACK
            else handoff.target
        )
        if (
            target
            and target != spec.name
            and target in ctx.definition.agents
            and ctx.definition.agents[target].enabled
        ):
            found.append((handoff, target))
    return found


def tool_declarations(ctx: "Context", spec: AgentSpec) -> tuple[JsonObject, ...]:
    """Every function the model is offered: the agent's tools, its handoffs, the client's tools."""
    own: list[JsonObject] = [_function(tool.name, tool.description, tool.parameters) for tool in spec.tools]
    own += [
        _function(edge.function, edge.description, edge.parameters) for edge, _ in open_handoffs(ctx, spec)
    ]
    taken = {tool["name"] for tool in own}
    return (*own, *(tool for tool in ctx.wishes.tools if tool.get("name") not in taken))


def _function(name: str, description: str, parameters: JsonObject) -> JsonObject:
    return {"type": "function", "name": name, "description": description, "parameters": parameters}


def check_client_tools(ctx: "Context", session: JsonObject) -> None:
    """Refuse client tools that would hide one of the agent's own.

    Raises:
        InvalidRequestError: A name is taken.
    """
    spec = ctx.definition.agent(ctx.timeline.agent)
    taken = {tool.name for tool in spec.tools} | {handoff.function for handoff in spec.handoffs}
    tools = session.get("tools")
    for index, tool in enumerate(tools if isinstance(tools, list) else []):
        if (name := _object(tool).get("name")) in taken:
            raise InvalidRequestError(
                f"The name {name!r} belongs to a tool of the agent {spec.name!r}. Give yours another name.",
                param=f"session.tools[{index}].name",
            )


def detection_of(wishes: Wishes, spec: AgentSpec) -> JsonObject | None:
    """How the caller's turns are found: the client's choice, else the agent's; None or empty for by hand."""
    if spec.turn_detection is not None and not wishes.turn_detection_chosen:
        return spec.turn_detection
    return wishes.turn_detection


def idle_timeout(detection: JsonObject | None) -> int | None:
    """After how many milliseconds of silence a caller is asked; None for never."""
    value = (detection or {}).get("idle_timeout_ms")
    return value if isinstance(value, int) else None


def own_hearing(
    able: EngineAbilities, detection: JsonObject | None, interruptions: Interruptions
) -> OwnHearing | None:
    """How we listen in place of an engine that cannot, or is not to; None where we do not, or cannot."""
    writes, resume = not able.audio_in, interruptions.resume
    if writes and not able.speech_to_text:
        return None
    # An engine that hears needs nobody else where the client ends turns by hand.
    finds = bool(detection) and (not able.detects_turns or (resume is True and able.speech_to_text))
    if not writes and not finds:
        return None
    holds = bool(detection) and resume is not False and able.speech_to_text
    return OwnHearing(
        detection=_whole_detection(detection) or {},
        writes=writes,
        holds=interruptions.wait if holds else None,
        sounds=interruptions.sounds if holds else (),
    )


def build_config(
    ctx: "Context",
    spec: AgentSpec,
    *,
    loaded: bool,
    previous: str | None = None,
    payload: JsonObject | None = None,
    instructions: str | None = None,
) -> SessionConfig:
    """Set a session of this agent up.

    Args:
        loaded: Whether it starts with history.
        previous, payload: Who handed over, and with which arguments.
        instructions: As they were computed before; None to compute them.

    Raises:
        DeclarationError: The agent's instructions could not be computed.
    """
    wishes = ctx.wishes
    detection = detection_of(wishes, spec)
    able = ctx.abilities(spec)
    hearing = own_hearing(able, detection, spec.interruptions)
    idle_ms = None if able.times_idle and hearing is None else idle_timeout(detection)
    if idle_ms is not None and detection:
        detection = {**detection, "idle_timeout_ms": None}
    limit = wishes.max_output_tokens
    return SessionConfig(
        agent=spec.name,
        engine=spec.engine,
        model=spec.model,
        instructions=instructions_of(ctx, spec, previous, payload or {})
        if instructions is None
        else instructions,
        voice=spec.voice,
        modality=modalities(ctx, spec, loaded=loaded)[0],
        tools=tool_declarations(ctx, spec),
        tool_choice=None if wishes.tool_choice == "auto" else wishes.tool_choice,
        input_format=wishes.input_format,
        output_format=wishes.output_format,
        turn_detection=detection if detection is not None and hearing is None else {},
        transcription=wishes.transcription,
        noise_reduction=wishes.noise_reduction,
        max_output_tokens=limit if isinstance(limit, int) else None,
        hints=spec.hints,
        hearing=hearing,
        idle_ms=idle_ms,
    )


def effective_session(ctx: "Context") -> JsonObject:
    """The session object that the client is told (section 3)."""
    spec = ctx.definition.agent(ctx.timeline.agent)
    heard = modalities(ctx, spec, loaded=len(ctx.timeline) > 0)[1]
    return wire_session(ctx.wishes, spec, session_id=ctx.session_id, modality=heard)


def wire_session(wishes: Wishes, spec: AgentSpec, *, session_id: str, modality: Modality) -> JsonObject:
    """The session object of a client, without the agent's instructions.

    Args:
        wishes: What the client asked for.
        spec: The agent on duty.
        session_id: What the client knows its session by.
        modality: What it receives.
    """
    session: JsonObject = {
        "type": "realtime",
        "object": "realtime.session",
        "id": session_id,
        "model": wishes.model or spec.name,
        "output_modalities": [modality],
        "instructions": "",
        "tools": list(wishes.tools),
        "tool_choice": wishes.tool_choice,
        "max_output_tokens": wishes.max_output_tokens,
        "truncation": wishes.echo.get("truncation", "auto"),
        "tracing": wishes.echo.get("tracing"),
        "prompt": wishes.echo.get("prompt"),
        "expires_at": 0,
        "include": list(wishes.include) or None,
        "audio": {
            "input": {
                "format": wishes.input_format,
                "transcription": wishes.transcription,
                "noise_reduction": wishes.noise_reduction,
                "turn_detection": detection_of(wishes, spec),
            },
            "output": {
                "format": wishes.output_format,
                "voice": spec.voice or "marin",
                "speed": wishes.echo.get("speed", 1.0),
            },
        },
    }
    for name in ("parallel_tool_calls", "reasoning"):
        if name in wishes.echo:
            session[name] = wishes.echo[name]
    return session
