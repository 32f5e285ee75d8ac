"""The engines that a replay may be put on."""

from orchestrator.api.services import Services
from orchestrator.call.replay_agents import DEFAULT


def engine_names(services: Services) -> list[str]:
    """Those that are set up here, by the names that a replay knows them by."""
    return [DEFAULT, *sorted(services.switchboard.engines.endpoints)]
