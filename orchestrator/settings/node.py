"""All settings of one node, and which of them go together."""

from collections.abc import Iterator
from typing import Final, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from orchestrator.settings.agents import AgentSettings
from orchestrator.settings.engines import EngineSettings
from orchestrator.settings.group import PREFIX
from orchestrator.settings.operation import OperationSettings
from orchestrator.settings.privacy import PrivacySettings
from orchestrator.settings.server import ServerSettings
from orchestrator.settings.speech import SpeechSettings
from orchestrator.settings.store import StoreSettings

_NEEDED: Final = {
    "azure": ("azure_speech_key", "azure_speech_region"),
    "elevenlabs": ("elevenlabs_api_key",),
    "cartesia": ("cartesia_api_key",),
    "deepgram": ("deepgram_api_key",),
}
"""What each provider of speech cannot do without."""


# Bases are listed last first: that is the order in which the reference tells their fields.
class Settings(
    PrivacySettings,
    OperationSettings,
    ServerSettings,
    AgentSettings,
    SpeechSettings,
    EngineSettings,
    StoreSettings,
):
    """The settings of one node.

    Read them with `load_settings()`, which turns wrong values into a `SettingsError`.
    """

    @model_validator(mode="after")
    def _check_combinations(self) -> Self:
        problems = list(_combination_problems(self))
        if problems:
            raise PydanticCustomError("combination", "{problems}", {"problems": "\n".join(problems)})
        return self


def environment_name(field: str) -> str:
    """Return the environment variable that sets a field of `Settings`."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else PREFIX + field.upper()


def _combination_problems(settings: "Settings") -> Iterator[str]:
    if settings.engine_kind == "openai" and settings.openai_api_key is None:
        yield "OPENAI_API_KEY: missing, and ORCHESTRATOR_ENGINE asks for openai. Mend: set the key."
    if settings.engine_kind == "azure":
        for field in ("azure_openai_endpoint", "azure_openai_api_key"):
            if getattr(settings, field) is None:
                yield f"{environment_name(field)}: missing, and the engine is azure. Mend: set it."
    if settings.chat_base_url is not None and settings.chat_model is None:
        yield "ORCHESTRATOR_CHAT_MODEL: missing beside ORCHESTRATOR_CHAT_URL. Mend: name the model."
    if settings.chat_base_url is None and settings.chat_model is not None:
        yield "ORCHESTRATOR_CHAT_URL: missing beside ORCHESTRATOR_CHAT_MODEL. Mend: set the server's address."
    yield from _speech_problems(settings)
    if not settings.is_loopback and settings.admin_key is None:
        yield (
            f"ORCHESTRATOR_ADMIN_KEY: missing, and ORCHESTRATOR_HOST={settings.host} lets other machines in. "
            "Mend: set a key of at least 16 characters, or listen on 127.0.0.1."
        )


def _speech_problems(settings: "Settings") -> Iterator[str]:
    for field, name in (("tts", settings.tts), ("stt", settings.stt)):
        asking = f"{environment_name(field)} asks for {name}"
        for needed in _NEEDED.get(name or "", ()):
            if getattr(settings, needed) is None:
                yield f"{environment_name(needed)}: missing, and {asking}. Mend: set it."
        own_server = f"openai_{field}_url"
        if name == "openai" and settings.openai_api_key is None and getattr(settings, own_server) is None:
            yield (
                f"OPENAI_API_KEY: missing, and {asking}. Mend: set the key, or "
                f"{environment_name(own_server)} for a server of your own."
            )
    if settings.tts != "azure":
        given = {field: getattr(settings, field) is not None for field in _NEEDED["azure"]}
        if set(given.values()) == {True, False}:
            here, missing = sorted(given, key=given.__getitem__, reverse=True)
            yield f"{environment_name(missing)}: missing beside {environment_name(here)}. Mend: set it."
