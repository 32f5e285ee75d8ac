"""What is checked before any handler, and what is added to every response.

A page of a foreign site can make its own name resolve to 127.0.0.1 and so reach a service on this machine
under that name (DNS rebinding). A node that listens on a loopback address therefore answers only to names
that mean this machine.
"""

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from litestar.config.cors import CORSConfig
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from orchestrator.core.errors import ForbiddenError
from orchestrator.settings import Settings

LOOPBACK_ORIGIN: Final = r"https?://(localhost|[a-z0-9-]+\.localhost|127\.0\.0\.1|\[::1\])(:\d+)?"
"""Pages that this machine serves, on any port."""

PRIVATE: Final = ("/v1/", "/admin")
"""Paths below which responses hold what callers said, or what only administrators may know."""

SECURITY: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


class HostCheck(ASGIMiddleware):
    """Refuses requests that were meant for somebody else.

    Args:
        settings: Of the node.
    """

    def __init__(self, settings: Settings) -> None:
        self._checks = settings.is_loopback
        public = urlsplit(settings.public_url or "").hostname
        self._known = {name for name in (settings.host, public, "localhost") if name}

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass a request on, or refuse it.

        Raises:
            ForbiddenError: The `Host` header names no address of ours.
        """
        if self._checks and not self._is_ours(Headers.from_scope(scope).get("host", "")):
            raise ForbiddenError(
                "The Host header names no address of this machine. Use http://127.0.0.1, "
                "or set ORCHESTRATOR_PUBLIC_URL to the name that leads here."
            )
        await next_app(scope, receive, send)

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in self._known or name.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False


def cors(settings: Settings) -> CORSConfig:
    """Which pages of other origins may use the door (protocol reference, section 2.2).

    No cookie carries authority here, so credentials are never allowed; a page has to bring a key.
    """
    listed = settings.allowed_origins
    origins = [] if listed is None else [origin.strip() for origin in listed.split(",") if origin.strip()]
    loopback = listed is None and settings.is_loopback
    return CORSConfig(
        allow_origins=origins,
        allow_origin_regex=LOOPBACK_ORIGIN if loopback else None,
        allow_methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
        allow_headers=[
            "Authorization",
            "Content-Type",
            "If-Match",
            "OpenAI-Organization",
            "OpenAI-Project",
            "OpenAI-Safety-Identifier",
            "X-OpenAI-Agents-SDK",
            *(f"X-Stainless-{name}" for name in STAINLESS),
        ],
        expose_headers=["Location", "X-Conversation", "ETag", "Retry-After"],
    )


STAINLESS: Final = (
    "Arch",
    "Async",
    "Helper-Method",
    "Lang",
    "OS",
    "Package-Version",
    "Read-Timeout",
    "Retry-Count",
    "Runtime",
    "Runtime-Version",
    "Timeout",
)
"""What OpenAI's JavaScript SDK tells of itself in headers of every request."""


async def add_headers(message: Message, scope: Scope) -> None:
    """Add what every response carries, unless its handler said otherwise: Litestar's `before_send`."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders(message)
    for name, value in SECURITY.items():
        headers.setdefault(name, value)
    if re.match("|".join(PRIVATE), scope["path"]):
        headers.setdefault("cache-control", "no-store")
