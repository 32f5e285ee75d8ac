"""Which engine a session goes to, and what it can do there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestrator.call.phrases import Phrases
from orchestrator.call.speaking import Speakers
from orchestrator.core.configuration import EngineAbilities
from orchestrator.core.definition import AgentSpec
from orchestrator.core.errors import SettingsError
from orchestrator.realtime.dialects import Capabilities, EngineEndpoint
from orchestrator.realtime.transport import Dial, dial_websocket
from orchestrator.speech.protocol import SpeechToText

URL_SCHEMES = ("ws://", "wss://")


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines of this node.

    Attributes:
        default: For agents that name none.
        endpoints: By the name that agents use: `embedded`, `openai`, `azure`.
        voices: What speaks for an engine that writes; None for nothing.
        phrases: What those voices have said before.
        dial: Opens connections to them.
        ears: Write down what callers say, for engines that only read; None for nothing.
        compatible: What engines can do that an agent names by a URL; None for what such ones usually can.
    """

    default: EngineEndpoint
    endpoints: Mapping[str, EngineEndpoint]
    voices: Speakers | None = None
    phrases: Phrases = field(default_factory=Phrases)
    dial: Dial = dial_websocket
    ears: SpeechToText | None = None
    compatible: Capabilities | None = None

    def endpoint(self, engine: str | None) -> EngineEndpoint:
        """Where the sessions of an agent go.

        Args:
            engine: As the agent declares it: a name, a `ws://` or `wss://` URL, or None for the default.

        Raises:
            SettingsError: The engine is not set up here.
        """
        if engine is None:
            return self.default
        if engine.startswith(URL_SCHEMES):
            return EngineEndpoint(kind="compatible", url=engine, own_capabilities=self.compatible)
        try:
            return self.endpoints[engine]
        except KeyError:
            raise SettingsError(
                f"The engine {engine!r} is not set up here. Set its key, or name another engine.",
                param="engine",
            ) from None

    def hears(self, agent: AgentSpec) -> bool:
        """Whether an agent's callers are understood, by its engine or by us: asked with each packet."""
        try:
            return self.endpoint(agent.engine).capabilities.audio_in or self.ears is not None
        except SettingsError:
            return False

    def abilities(self, agent: AgentSpec) -> EngineAbilities:
        """What the engine of an agent can do; nothing, when it is not set up here."""
        try:
            endpoint = self.endpoint(agent.engine)
        except SettingsError:
            return EngineAbilities()
        return EngineAbilities(
            audio_in=endpoint.capabilities.audio_in,
            detects_turns=endpoint.capabilities.detects_turns,
            times_idle=endpoint.capabilities.times_idle,
            speech_to_text=self.ears is not None,
            audio_out=endpoint.capabilities.audio_out,
            text_to_speech=self.voices is not None,
            engine=endpoint.kind,
            model=endpoint.model_for(agent.model),
        )
