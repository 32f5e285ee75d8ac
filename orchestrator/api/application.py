"""The web application: which controllers there are, and what they share."""

from litestar import Litestar
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from orchestrator.api.door.client_secrets import create_secret
from orchestrator.api.door.realtime import realtime
from orchestrator.api.services import Services
from orchestrator.settings import Settings

HANDLERS: tuple[ControllerRouterHandler, ...] = (realtime, create_secret)


def build_application(settings: Settings, services: Services) -> Litestar:
    """Make the application.

    Args:
        settings: Of the node.
        services: Open for as long as the application runs.
    """
    del settings

    def provide_services() -> Services:
        return services

    return Litestar(
        route_handlers=HANDLERS,
        dependencies={"services": Provide(provide_services, sync_to_thread=False)},
        logging_config=None,
    )
