"""What a client may write: the session and its parts, as declared shapes (Realtime protocol, section 3)."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

FunctionName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
Metadata = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]], Field(max_length=16)
]
MaxOutputTokens = Annotated[int, Field(ge=1, le=4096)] | Literal["inf"] | None
OutputModalities = Annotated[list[Literal["audio", "text"]], Field(min_length=1, max_length=1)]


class Shape(BaseModel):
    """A closed object: an unknown key is an error, nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True)

    echoes_defaults: ClassVar[bool] = True
    """Whether the effective session shows this object's defaults, or only what the client wrote."""


class Branch(Shape):
    """An object of which an update may name some fields only; the others stay (section 3.4)."""


class PcmFormat(Shape):
    """16-bit little-endian mono PCM; other rates are refused (section 11)."""

    type: Literal["audio/pcm"]
    rate: Literal[24000] = 24000


class G711Format(Shape):
    """G.711 at 8 kHz, mu-law or A-law."""

    type: Literal["audio/pcmu", "audio/pcma"]


AudioFormat = Annotated[PcmFormat | G711Format, Field(discriminator="type")]


class NoiseReduction(Shape):
    """Accepted and shown; an engine without audio has nothing to reduce."""

    type: Literal["near_field", "far_field"]
    strength: float = 1.0


class Transcription(Shape):
    """How caller audio is written down."""

    echoes_defaults: ClassVar[bool] = False

    model: str | None = None
    language: str | None = None
    languages: list[str] | None = None
    keywords: list[str] | None = None
    prompt: str | None = None
    delay: Literal["minimal", "low", "medium", "high", "xhigh"] | None = None


class ServerVad(Shape):
    """Turn detection by silence; defaults as documented in section 3.1."""

    type: Literal["server_vad"]
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5
    prefix_padding_ms: Annotated[int, Field(ge=0)] = 300
    silence_duration_ms: Annotated[int, Field(ge=0)] = 500
    idle_timeout_ms: Annotated[int, Field(ge=5000, le=30000)] | None = None
    create_response: bool = True
    interrupt_response: bool = True


class SemanticVad(Shape):
    """Turn detection by meaning."""

    type: Literal["semantic_vad"]
    eagerness: Literal["auto", "low", "medium", "high"] = "auto"
    create_response: bool = True
    interrupt_response: bool = True


class CustomVoice(Shape):
    """A voice that is known by its id."""

    id: str


class AudioInput(Branch):
    """`audio.input` of an update."""

    format: AudioFormat | None = None
    noise_reduction: NoiseReduction | None = None
    transcription: Transcription | None = None
    turn_detection: Annotated[ServerVad | SemanticVad, Field(discriminator="type")] | None = None


class AudioOutput(Branch):
    """`audio.output` of an update."""

    format: AudioFormat | None = None
    voice: str | CustomVoice | None = None
    speed: Annotated[float, Field(ge=0.25, le=1.5)] | None = None


class Audio(Branch):
    """`audio` of an update."""

    input: AudioInput | None = None
    output: AudioOutput | None = None


class FunctionTool(Shape):
    """A function that the client runs (section 3.3)."""

    echoes_defaults: ClassVar[bool] = False

    type: Literal["function"]
    name: FunctionName
    description: str | None = None
    parameters: dict[str, object] | None = None


class FunctionChoice(Shape):
    """`tool_choice` that names one function."""

    type: Literal["function"]
    name: FunctionName


ToolChoice = Literal["auto", "none", "required"] | FunctionChoice


class Reasoning(Shape):
    """Accepted and shown; this engine's brains do not reason in steps."""

    effort: Literal["minimal", "low", "medium", "high", "xhigh"] | None = None


class TokenLimits(Shape):
    """Limits of `retention_ratio`."""

    post_instructions: Annotated[int, Field(ge=0)] | None = None


class RetentionRatio(Shape):
    """Truncation that drops more than it must, so that a cached prefix lives longer."""

    echoes_defaults: ClassVar[bool] = False

    type: Literal["retention_ratio"]
    retention_ratio: Annotated[float, Field(ge=0, le=1)]
    token_limits: TokenLimits | None = None


class Tracing(Shape):
    """Accepted and shown."""

    echoes_defaults: ClassVar[bool] = False

    workflow_name: str | None = None
    group_id: str | None = None
    metadata: dict[str, object] | None = None


class StoredPrompt(Shape):
    """Accepted and shown; this engine stores no prompts."""

    echoes_defaults: ClassVar[bool] = False

    id: str
    version: str | None = None
    variables: dict[str, object] | None = None


class SessionUpdate(Branch):
    """The `session` of `session.update`; `hints` and `agent` are our own engine's extension.

    `hints` maps a tool's name to example phrases of callers who want it; `agent` is the display name that the
    offline demo brain uses for itself. Both are shown in the effective session only once a client wrote them.
    """

    type: Literal["realtime"]
    model: str | None = None
    instructions: str = ""
    output_modalities: OutputModalities = Field(default_factory=list)
    tools: list[FunctionTool] = Field(default_factory=list)
    tool_choice: ToolChoice = "auto"
    parallel_tool_calls: bool = True
    reasoning: Reasoning | None = None
    max_output_tokens: MaxOutputTokens = "inf"
    truncation: Literal["auto", "disabled"] | RetentionRatio = "auto"
    tracing: Literal["auto"] | Tracing | None = None
    prompt: StoredPrompt | None = None
    include: list[Literal["item.input_audio_transcription.logprobs"]] | None = None
    audio: Audio | None = None
    hints: dict[str, list[str]] | None = None
    agent: str | None = None


class ResponseAudioOutput(Shape):
    """`audio.output` of `response.create`."""

    format: AudioFormat | None = None
    voice: str | CustomVoice | None = None


class ResponseAudio(Shape):
    """`audio` of `response.create`."""

    output: ResponseAudioOutput | None = None


class ResponseCreate(Shape):
    """The `response` of `response.create` (section 6)."""

    conversation: Literal["auto", "none"] | None = None
    input: list[dict[str, object]] | None = None
    instructions: str | None = None
    output_modalities: OutputModalities | None = None
    audio: ResponseAudio | None = None
    tools: list[FunctionTool] | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    reasoning: Reasoning | None = None
    max_output_tokens: MaxOutputTokens = None
    prompt: StoredPrompt | None = None
    metadata: Metadata | None = None
