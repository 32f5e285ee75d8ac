"""How the node is run."""

from typing import Literal

from pydantic import Field

from orchestrator.settings.group import SettingsGroup
from orchestrator.settings.values import ClusterUrl, WebUrl


class OperationSettings(SettingsGroup):
    """How the node is run."""

    max_calls: int = Field(
        100, ge=1, description="Calls this node carries at once; further ones are refused."
    )

    drain_seconds: float = Field(
        30.0, ge=0, le=3600, description="Seconds that a stopping node waits for its calls to end."
    )

    cluster_url: ClusterUrl = Field(
        "postgres",
        description="How nodes share conversations: `postgres`, by leases in the database that they have in "
        "common; `memory` for one node alone, which takes the same leases.",
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least severe log line kept."
    )

    log_format: Literal["console", "json"] = Field(
        "console", description="Log lines for people or for machines."
    )

    traces_url: WebUrl | None = Field(
        None,
        description="Base URL of an OpenTelemetry collector (OTLP over HTTP), such as "
        "`http://127.0.0.1:4318`. Unset: no traces.",
    )

    traces_text: bool = Field(
        False, description="Whether what callers and agents say goes into traces; ids and figures always do."
    )

    reviewers_hear: bool = Field(
        True, description="Whether keys of the role reviewer may hear recordings; administrators always may."
    )

    listen_in: bool = Field(
        False,
        description="Whether live calls may be listened to on their pages, by whoever may hear recordings; "
        "each time is written to the audit.",
    )
