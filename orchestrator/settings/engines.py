"""Which engine answers, and with whose key."""

from typing import Literal

from pydantic import Field, SecretStr

from orchestrator.settings.group import SettingsGroup
from orchestrator.settings.values import EngineName, WebUrl

EngineKind = Literal["embedded", "openai", "azure", "url"]
EngineHearing = Literal["turns", "sound", "nothing"]


class EngineSettings(SettingsGroup):
    """Which engine answers, and with whose key."""

    openai_api_key: SecretStr | None = Field(
        None, validation_alias="OPENAI_API_KEY", description="Key for OpenAI; setting it selects that engine."
    )

    openai_base_url: WebUrl = Field(
        "https://api.openai.com/v1",
        validation_alias="OPENAI_BASE_URL",
        description="Where OpenAI's API, or a proxy of it, is served.",
    )

    azure_openai_endpoint: WebUrl | None = Field(
        None,
        validation_alias="AZURE_OPENAI_ENDPOINT",
        description="Your Azure OpenAI resource, such as `https://name.openai.azure.com`.",
    )

    azure_openai_api_key: SecretStr | None = Field(
        None, validation_alias="AZURE_OPENAI_API_KEY", description="Key of that Azure OpenAI resource."
    )

    engine: EngineName | None = Field(
        None,
        description="`embedded`, `openai`, `azure`, or the `ws://` or `wss://` URL of a compatible server. "
        "Unset: `openai` with a key for it, else `azure` with an endpoint for it, else `embedded`.",
    )

    engine_key: SecretStr | None = Field(
        None, description="Key for the engine that `ORCHESTRATOR_ENGINE` names by its URL."
    )

    engine_hearing: EngineHearing = Field(
        "turns",
        description="What an engine that is named by its URL hears: `turns` (it finds by itself where the "
        "caller's turns begin and end), `sound` (our voice activity detection does that for it), or "
        "`nothing` (it only reads and writes: our speech-to-text writes down what callers say, and our "
        "text-to-speech speaks).",
    )

    engine_model: str | None = Field(
        None, description="Model, or deployment at Azure, for agents that name none. Unset: the engine's own."
    )

    transcription_model: str | None = Field(
        None,
        description="Model, or deployment at Azure, that transcribes callers. Unset: the engine's own.",
    )

    chat_base_url: WebUrl | None = Field(
        None,
        validation_alias="ORCHESTRATOR_CHAT_URL",
        description="Base URL of an OpenAI-compatible chat completions server that thinks for the embedded "
        "engine, such as `http://127.0.0.1:11434/v1`. Unset: the offline demo brain.",
    )

    chat_api_key: SecretStr | None = Field(
        None,
        validation_alias="ORCHESTRATOR_CHAT_KEY",
        description="Key for that chat server, if it wants one.",
    )

    chat_model: str | None = Field(
        None,
        validation_alias="ORCHESTRATOR_CHAT_MODEL",
        description="Model to ask that chat server for; needed with `ORCHESTRATOR_CHAT_URL`.",
    )

    @property
    def engine_kind(self) -> EngineKind:
        """Which engine answers, after the defaults: what is set for a provider selects it."""
        if self.engine in {"embedded", "openai", "azure"}:
            return self.engine  # type: ignore[return-value]  # narrowed by membership, which mypy cannot see
        if self.engine is not None:
            return "url"
        if self.openai_api_key is not None:
            return "openai"
        azure = self.azure_openai_api_key is not None or self.azure_openai_endpoint is not None
        return "azure" if azure else "embedded"
