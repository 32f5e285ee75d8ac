"""Who looks at a page: the guard of all pages, and what handlers are told of the reader.

A reader is signed in by a session behind a cookie. On a loopback address nobody needs to be signed in to
call, so that `/talk` opens to everybody who sits at the machine, as the door does.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler

from orchestrator.api.access import READING, Connection, Guard
from orchestrator.api.admission import RANK, Admission, Identity, Role
from orchestrator.api.services import Services
from orchestrator.core.errors import ForbiddenError, UnauthorizedError
from orchestrator.settings import Settings
from orchestrator.store.page_sessions import PageSession, find_page_session

SESSION_SECONDS: Final = 12 * 3600.0
"""A day's work: whoever comes back tomorrow signs in again."""

LONGEST_ADDRESS: Final = 2000
"""Letters of an address to come back to."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a page.

    Attributes:
        identity: For the audit, and for functions of the interfaces.
        signed_in: False for whoever sits at the machine and has shown no key.
    """

    identity: Identity
    signed_in: bool

    @property
    def role(self) -> Role:
        """What they may do."""
        return self.identity.role

    @property
    def may_review(self) -> bool:
        """Whether they may read what was said, and how agents are made."""
        return RANK[self.role] >= RANK["reviewer"]

    @property
    def may_change(self) -> bool:
        """Whether they may change anything."""
        return self.role == "admin"


class SignInNeededError(UnauthorizedError):
    """A page that this reader cannot see, or not yet."""


def page_guard(services: Services) -> Guard:
    """Let reviewers read and administrators change; a handler's `role` option says otherwise.

    The option `open` lets in everybody, signed in or not.
    """

    async def check(connection: Connection, handler: BaseRouteHandler) -> None:
        viewer = await find_viewer(services, connection)
        connection.state.viewer = viewer
        if handler.opt.get("open"):
            return
        reading = connection.scope.get("method", "GET") in READING
        needed: Role = handler.opt.get("role") or ("reviewer" if reading else "admin")
        if viewer is None or (not viewer.signed_in and RANK[viewer.role] < RANK[needed]):
            raise SignInNeededError(f"Sign in with a key of the role {needed} to see this.")
        if RANK[viewer.role] < RANK[needed]:
            raise ForbiddenError(
                f"This needs a key of the role {needed}; you are signed in as {viewer.role}."
            )

    return check


async def find_viewer(services: Services, connection: Connection) -> Viewer | None:
    """Who is signed in; on a loopback address a caller where nobody is; else None.

    Raises:
        StoreUnavailableError: Sessions cannot be looked up now.
    """
    word = connection.cookies.get(session_cookie(services.settings, services.admission))
    if word:
        async with services.database.read() as reading:
            found = await find_page_session(reading, session_secret(services.admission), word)
        if found is not None:
            return Viewer(identity_of(found), signed_in=True)
    if services.admission.open_door:
        return Viewer(Identity(role="caller", name="local caller", anonymous=True), signed_in=False)
    return None


def identity_of(session: PageSession) -> Identity:
    """Who acts, for the audit and for functions of the interfaces."""
    return Identity(role=session.role, key_id=session.key_id, name=session.name)


def provide_viewer(request: Request[Any, Any, Any]) -> Viewer:
    """The reader, as the guard found out; on pages that are open to everybody perhaps nobody."""
    viewer = viewer_of(request)
    return viewer or Viewer(Identity(role="caller", anonymous=True), signed_in=False)


def viewer_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Viewer | None:
    """The reader of this request, where one is known."""
    viewer = connection.state.get("viewer")
    return viewer if isinstance(viewer, Viewer) else None


def session_secret(admission: Admission) -> bytes:
    """What seals cookies and tickets."""
    return admission.secret("page sessions")


def cookie_suffix(admission: Admission) -> str:
    """Tells cookies of two services on one machine apart: a browser sends them to every port."""
    return hashlib.sha256(admission.secret("page cookies")).hexdigest()[:8]


def session_cookie(settings: Settings, admission: Admission) -> str:
    """The name of the cookie that a session is behind."""
    prefix = "__Host-" if is_secure(settings) else ""
    return f"{prefix}orchestrator_{cookie_suffix(admission)}"


def is_secure(settings: Settings) -> bool:
    """Whether readers come over https, and cookies may travel in no other way."""
    return urlsplit(settings.public_url or "").scheme == "https"


def cookie_for(services: Services, word: str) -> Cookie:
    """The cookie of a session that was opened."""
    return Cookie(
        key=session_cookie(services.settings, services.admission),
        value=word,
        path="/",
        max_age=int(SESSION_SECONDS),
        httponly=True,
        secure=is_secure(services.settings),
        samesite="strict",
    )


def no_cookie(services: Services) -> Cookie:
    """Takes the cookie away."""
    return replace(cookie_for(services, ""), max_age=0)


def way_back(address: str | None) -> str:
    """An address of ours to go on to; the first page where it is none of ours."""
    if not address or len(address) > LONGEST_ADDRESS or not address.startswith("/"):
        return "/"
    # Browsers drop tabs and line feeds from addresses and read `\` as `/`: `/\t/evil` leads away.
    if any(letter <= " " or letter in "\\\x7f" for letter in address) or address.startswith("//"):
        return "/"
    return "/" if address.startswith("/sign-") else address
