"""What all groups of settings share: where they are read from, and how strictly."""

from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "ORCHESTRATOR_"


class SettingsGroup(BaseSettings):
    """Base of every group. A field's description is what the documentation prints."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_by_name=True,
        validate_default=True,
    )
