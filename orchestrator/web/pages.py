"""Which pages there are, and what they share. A new page adds its handlers to `PAGES`."""

from collections.abc import Sequence
from typing import Final

from litestar.config.compression import CompressionConfig
from litestar.config.csrf import CSRFConfig
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.middleware.csrf import CSRFMiddleware
from litestar.types import ControllerRouterHandler

from orchestrator.api.section import Section
from orchestrator.api.services import Services
from orchestrator.settings import Settings
from orchestrator.web import overview, sign_in
from orchestrator.web.agents import handlers as agents
from orchestrator.web.agents import tool
from orchestrator.web.conversation import acting, judging, listening, live, recordings, shown
from orchestrator.web.conversation.feeds import Feeds
from orchestrator.web.conversations import handlers as conversations
from orchestrator.web.conversations.live import LiveNow
from orchestrator.web.figures import RecentFigures
from orchestrator.web.replays import handlers as replays
from orchestrator.web.static_files import client_router, static_router
from orchestrator.web.talk import pages as talk
from orchestrator.web.viewer import cookie_suffix, is_secure, page_guard, provide_viewer

PAGES: Final[tuple[ControllerRouterHandler, ...]] = (
    *sign_in.HANDLERS,
    *overview.HANDLERS,
    *conversations.HANDLERS,
    *talk.HANDLERS,
    *shown.HANDLERS,
    *judging.HANDLERS,
    *live.HANDLERS,
    *acting.HANDLERS,
    *listening.HANDLERS,
    *recordings.HANDLERS,
    *agents.HANDLERS,
    *tool.HANDLERS,
    *replays.HANDLERS,
)
"""Reviewers may read and administrators may change, unless a handler's `role` option names another role.

A handler whose response is a stream of events sets the option `uncompressed`, since
compression would hold them back.
"""


def page_routers(settings: Settings, services: Services) -> Sequence[ControllerRouterHandler]:
    """The pages and their static files, for `build_application`."""
    feeds = Feeds()
    recent, live_now = RecentFigures(services.database), LiveNow(services.database)
    # Level 9, the default, takes three times as long for a twentieth less.
    compression = CompressionConfig(backend="gzip", gzip_compress_level=4, exclude_opt_key="uncompressed")
    pages = Section(
        "/",
        route_handlers=PAGES,
        guards=[page_guard(services)],
        dependencies={
            "viewer": Provide(provide_viewer, sync_to_thread=False),
            "feeds": Provide(lambda: feeds, sync_to_thread=False),
            "recent": Provide(lambda: recent, sync_to_thread=False),
            "live_now": Provide(lambda: live_now, sync_to_thread=False),
        },
        middleware=[
            DefineMiddleware(CompressionMiddleware, config=compression),
            DefineMiddleware(CSRFMiddleware, config=_csrf(settings, services)),
        ],
        include_in_schema=False,
    )
    return [pages, static_router(), client_router()]


def _csrf(settings: Settings, services: Services) -> CSRFConfig:
    """Every change has to bring a token that only our own pages can read: in a form, or in HTMX's header."""
    prefix = "__Host-" if is_secure(settings) else ""
    return CSRFConfig(
        secret=services.admission.secret("page forms").hex(),
        cookie_name=f"{prefix}orchestrator_form_{cookie_suffix(services.admission)}",
        cookie_httponly=True,
        cookie_samesite="strict",
        cookie_secure=is_secure(settings),
    )
