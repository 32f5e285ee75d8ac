"""The web application: which controllers there are, and what they share."""

from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from litestar import Litestar, Request
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.response import Response
from litestar.types import ControllerRouterHandler

from orchestrator.api.access import admin_guard, caller_guard, figures_guard, provide_identity
from orchestrator.api.admin import agents, conversations, keys, live_calls, money, records, replays, tools
from orchestrator.api.border import HostCheck, add_headers, cors
from orchestrator.api.compatible import calls, models
from orchestrator.api.compatible import conversations as compatible
from orchestrator.api.door import calls as webrtc_calls
from orchestrator.api.door import client_secrets
from orchestrator.api.door.realtime import realtime
from orchestrator.api.health import healthz, metrics, readyz
from orchestrator.api.openapi import openapi_config
from orchestrator.api.problems import respond
from orchestrator.api.section import Section
from orchestrator.api.services import Services
from orchestrator.core.errors import OrchestratorError
from orchestrator.settings import Settings

LARGEST_BODY: Final = 8 * 1024 * 1024
"""Bytes of a request's body: twenty items, some of them images."""

COMPATIBLE: Final[tuple[ControllerRouterHandler, ...]] = (
    *client_secrets.HANDLERS,
    *compatible.HANDLERS,
    *models.HANDLERS,
    *calls.HANDLERS,
    *webrtc_calls.HANDLERS,
)
ADMIN: Final[tuple[ControllerRouterHandler, ...]] = (
    *agents.HANDLERS,
    *tools.HANDLERS,
    *conversations.HANDLERS,
    *live_calls.HANDLERS,
    *money.HANDLERS,
    *keys.HANDLERS,
    *records.HANDLERS,
    *replays.HANDLERS,
)
OPEN: Final[tuple[ControllerRouterHandler, ...]] = (realtime, healthz, readyz)
"""Handlers without a guard: the door admits by itself, since a refused socket must be told why."""


class _Application(Litestar):
    """Takes and gives no models of pydantic: ours are structs, which say the same at a fraction of the cost.

    Litestar's plugins for such models load the first version of pydantic too, a tenth of a second of a start.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


Answering = Callable[[Request[Any, Any, Any], Exception], Response[Any]]
"""Makes the answer to a request of the error that it met."""


def build_application(
    settings: Settings,
    services: Services,
    pages: Sequence[ControllerRouterHandler] = (),
    tell: Answering = respond,
) -> Litestar:
    """Make the application.

    Args:
        settings: Of the node.
        services: Open for as long as the application runs.
        pages: Further handlers, those of the pages; they set a content policy of their own.
        tell: Answers a request with the error that it met.
    """

    def provide_services() -> Services:
        return services

    return _Application(
        route_handlers=[*OPEN, *_guarded(services), *pages],
        dependencies={
            "services": Provide(provide_services, sync_to_thread=False),
            "identity": Provide(provide_identity, sync_to_thread=False),
        },
        exception_handlers={OrchestratorError: tell, HTTPException: tell, Exception: tell},
        middleware=[HostCheck(settings)],
        cors_config=cors(settings),
        before_send=[add_headers],
        openapi_config=openapi_config(_version(), open_door=services.admission.open_door),
        request_max_body_size=LARGEST_BODY,
        logging_config=None,
    )


def _guarded(services: Services) -> list[Section]:
    admission = services.admission
    return [
        Section("/v1", route_handlers=COMPATIBLE, guards=[caller_guard(admission)]),
        Section("/admin", route_handlers=ADMIN, guards=[admin_guard(admission)]),
        Section("/", route_handlers=[metrics], guards=[figures_guard(admission)]),
    ]


def _version() -> str:
    try:
        return version("orchestrator")
    except PackageNotFoundError:
        return "0"
