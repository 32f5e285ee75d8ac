"""Which engine answers, said plainly."""

from orchestrator.settings import Settings


def engine_words(settings: Settings) -> str:
    """The engine in use, in a few words that promise nothing."""
    kind = settings.engine_kind
    if kind == "openai":
        return f"OpenAI, at {settings.openai_base_url}"
    if kind == "azure":
        return f"Azure OpenAI, at {settings.azure_openai_endpoint}"
    if kind == "url":
        return f"a compatible server, at {settings.engine}"
    if settings.chat_base_url is not None:
        return f"embedded, with {settings.chat_model} at {settings.chat_base_url}"
    return "offline demo brain, no model"


def engine_hint(settings: Settings) -> str | None:
    """What to set for a model, where there is none."""
    if settings.engine_kind == "embedded" and settings.chat_base_url is None:
        return "for a model set OPENAI_API_KEY, or ORCHESTRATOR_CHAT_URL and ORCHESTRATOR_CHAT_MODEL"
    return None
