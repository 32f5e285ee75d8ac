"""Which agents are served."""

from pydantic import Field

from orchestrator.settings.group import SettingsGroup
from orchestrator.settings.values import Package


class AgentSettings(SettingsGroup):
    """Which agents are served."""

    agents: Package = Field("agents", description="The package of agents to serve.")

    default_agent: str | None = Field(
        None,
        description="Agent for clients that name none that exists. Unset: the one declared with `entry=True`."
        " It must be set where there are several and none says so.",
    )
