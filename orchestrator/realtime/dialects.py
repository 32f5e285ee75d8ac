"""The engines that we speak to: how each is reached, and what it can do.

Everything that differs between engines stands here, as data. The rest of the package asks an `EngineEndpoint`
and its `Capabilities`, never the name of an engine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from orchestrator.core.errors import SettingsError

EngineKind = Literal["openai", "azure", "compatible", "embedded"]

OPENAI_URL: Final = "https://api.openai.com/v1"
HOUR: Final = 3600.0

_SECURE: Final = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What an engine can do, as far as anybody has to ask.

    Attributes:
        audio_in: It hears: `input_audio_buffer.*` and `session.audio.input` mean something to it.
        detects_turns: Of an engine that hears: `audio.input.turn_detection` works, so that it finds the
            caller's turns by itself.
        times_idle: It knows `idle_timeout_ms`, and tells `input_audio_buffer.timeout_triggered`.
        audio_out: It can answer with the modality `audio`.
        accepts_hints: It reads `session.hints`, an extension of ours.
        understands_g711: It accepts `audio/pcmu` and `audio/pcma` beside PCM.
        reduces_noise: It knows `audio.input.noise_reduction`.
        truncates_text: `conversation.item.truncate` shortens text items too; no engine that we know does.
        session_lifetime_seconds: A session ends after this time; None for no limit.
        longest_id: It refuses item ids and call ids of more characters; None for no limit.
        default_model: Asked for where nobody names a model.
        default_transcription: Model that transcribes the caller where nobody names one; None: not asked for.
    """

    audio_in: bool = True
    detects_turns: bool = True
    times_idle: bool = False
    audio_out: bool = True
    accepts_hints: bool = False
    understands_g711: bool = True
    reduces_noise: bool = False
    truncates_text: bool = False
    session_lifetime_seconds: float | None = None
    longest_id: int | None = None
    default_model: str | None = None
    default_transcription: str | None = None


CAPABILITIES: Final[Mapping[EngineKind, Capabilities]] = {
    "openai": Capabilities(
        times_idle=True,
        reduces_noise=True,
        session_lifetime_seconds=HOUR,
        longest_id=32,
        default_model="gpt-realtime-2.1",
        default_transcription="gpt-transcribe",
    ),
    # Azure wants the names of deployments; these are what its own guides deploy.
    "azure": Capabilities(
        times_idle=True,
        reduces_noise=True,
        session_lifetime_seconds=HOUR,
        longest_id=32,
        default_model="gpt-realtime",
        default_transcription="whisper-1",
    ),
    # A server that follows the protocol refuses a client that names no model; imitators know this name.
    "compatible": Capabilities(
        session_lifetime_seconds=HOUR, default_model="gpt-realtime", default_transcription="whisper-1"
    ),
    "embedded": Capabilities(
        times_idle=True, accepts_hints=True, default_model="embedded", default_transcription="embedded"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineEndpoint:
    """Where an engine is, and how it is greeted.

    Attributes:
        kind: Which dialect it speaks.
        url: `openai`: base URL of the API (`https://api.openai.com/v1`); `azure`: the resource
            (`https://name.openai.azure.com`); else a `ws://` or `wss://` URL: where it names no path,
            `/v1/realtime` is added, where its path ends in `/v1`, `/realtime`; else it is taken as it stands.
        api_key: Shown nowhere; None where the engine wants none.
        model: Or deployment; for sessions that name none.
        transcription_model: Transcribes the caller in sessions that name none.
        own_capabilities: Of this very server, where they differ from what its kind usually can do.

    Raises:
        SettingsError: The URL cannot be one of this kind.
    """

    kind: EngineKind
    url: str = OPENAI_URL
    api_key: str | None = field(default=None, repr=False)
    model: str | None = None
    transcription_model: str | None = None
    own_capabilities: Capabilities | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in _SECURE or not parts.hostname:
            raise SettingsError(
                f"The engine's URL {self.shown_url!r} is no http, https, ws or wss URL with a host. "
                "Give one such as wss://host/v1/realtime.",
                param="url",
            )

    @property
    def capabilities(self) -> Capabilities:
        """What this engine can do."""
        return self.own_capabilities or CAPABILITIES[self.kind]

    @property
    def shown_url(self) -> str:
        """The URL without user, password and query, fit for messages."""
        parts = urlsplit(self.url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    @property
    def is_loopback(self) -> bool:
        """Whether the engine runs on this machine."""
        host = urlsplit(self.url).hostname or ""
        return host in {"localhost", "::1"} or host.startswith("127.")

    @property
    def transcription(self) -> str | None:
        """The model that transcribes the caller where a session names none."""
        return self.transcription_model or self.capabilities.default_transcription

    def model_for(self, model: str | None) -> str | None:
        """Choose the model of a session: its own wish, else the endpoint's, else the dialect's default."""
        return model or self.model or self.capabilities.default_model

    def websocket_url(self, model: str | None = None) -> str:
        """Where to open a session (section 2.1).

        Args:
            model: What the session asks for; see `model_for`.
        """
        parts = urlsplit(self.url)
        query = parse_qsl(parts.query, keep_blank_values=True)
        chosen = self.model_for(model)
        if chosen and not any(name == "model" for name, _ in query):
            query.append(("model", chosen))
        return urlunsplit(
            (
                _SECURE[parts.scheme],
                parts.netloc,
                self._path(parts.path),
                urlencode(query, quote_via=quote),
                "",
            )
        )

    def headers(self) -> dict[str, str]:
        """Credentials for the handshake; never to be logged."""
        if self.api_key is None:
            return {}
        if self.kind == "azure":
            return {"api-key": self.api_key}
        return {"Authorization": f"Bearer {self.api_key}"}

    def redact(self, text: str) -> str:
        """Take the key out of text that came from elsewhere, such as a refusal that quotes it."""
        return text.replace(self.api_key, "***") if self.api_key else text

    def _path(self, path: str) -> str:
        path = path.rstrip("/")
        if self.kind == "azure":
            base = path if path.endswith("/openai/v1") else f"{path}/openai/v1"
            return f"{base}/realtime"
        if self.kind == "openai":
            return f"{path or '/v1'}/realtime"
        if not path:
            return "/v1/realtime"
        return f"{path}/realtime" if path.endswith("/v1") else path
