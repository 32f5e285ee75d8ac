"""`/sign-in` and `/sign-out`: a key, or a ticket of `orchestrator serve`, opens a session behind a cookie."""

from typing import Annotated, Any, Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Response
from msgspec import Meta, Struct, field

from orchestrator.api.admission import Admission, Identity
from orchestrator.api.services import Services
from orchestrator.api.trail import write_down
from orchestrator.core.errors import UnauthorizedError
from orchestrator.store.database import Database
from orchestrator.store.page_sessions import (
    PageSession,
    close_page_session,
    make_ticket,
    open_page_session,
    redeem_ticket,
)
from orchestrator.web.rendering import NO_STORE, AnyRequest, page
from orchestrator.web.viewer import (
    SESSION_SECONDS,
    Viewer,
    cookie_for,
    no_cookie,
    session_cookie,
    session_secret,
    way_back,
)

OPEN: Final = {"open": True}
TICKET_SECONDS: Final = 15 * 60.0
ATTEMPTS: Final = RateLimitConfig(rate_limit=("minute", 10), set_rate_limit_headers=False)
"""From one address. Keys are too long to be guessed; this keeps guessing from costing us anything."""

Typed = Annotated[str, Meta(max_length=500)]


class SignIn(Struct, kw_only=True):
    """The form.

    Attributes:
        next: Where to go on to.
    """

    key: Typed = ""
    next: Annotated[str, Meta(max_length=4000)] = "/"
    token: str = field(default="", name="_csrf_token")


@get("/sign-in", opt=OPEN)
async def show_sign_in(
    request: AnyRequest,
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
    next: FromQuery[str] = "/",  # noqa: A002 - the name of the parameter
    ticket: FromQuery[str] = "",
) -> Response[Any]:
    """Ask for a key; a ticket signs in at once, and somebody who is signed in goes on."""
    back = way_back(next)
    if ticket:
        return await _sign_in_with_ticket(request, services, ticket, back)
    if viewer.signed_in:
        return Redirect(first_page(viewer.identity, back), status_code=303, headers=NO_STORE)
    return page(request, "sign_in.html", back=back, problem=None)


@post("/sign-in", opt=OPEN, middleware=[ATTEMPTS.middleware])
async def sign_in(
    request: AnyRequest, data: URLEncodedBody[SignIn], services: NamedDependency[Services]
) -> Response[Any]:
    """Open a session for the holder of a key."""
    back, key = way_back(data.next), data.key.strip()
    identity = None
    if key:
        try:
            identity = await services.admission.identify(key)
        except UnauthorizedError:
            identity = None
    # A client secret opens one call of one client, and a word that is no key of ours opens nothing.
    if identity is None or identity.anonymous or identity.session is not None:
        problem = "This key is not known, was revoked, or is expired." if key else "Please give a key."
        return page(request, "sign_in.html", status_code=401, back=back, problem=problem)
    return await _signed_in(services, identity, back)


@get("/sign-in/state", opt=OPEN)
async def sign_in_state(viewer: NamedDependency[Viewer]) -> Response[dict[str, bool]]:
    """Whether this browser is signed in.

    A link on another site leads here without the cookie, which is kept for requests of our own; the page
    asks this, from our own site, and goes on.
    """
    return Response({"signed_in": viewer.signed_in}, headers=NO_STORE)


@post("/sign-out", opt=OPEN)
async def sign_out(request: AnyRequest, services: NamedDependency[Services]) -> Response[Any]:
    """End the session of this browser."""
    word = request.cookies.get(session_cookie(services.settings, services.admission))
    if word:
        async with services.database.transaction() as connection:
            await close_page_session(connection, session_secret(services.admission), word)
    return Redirect("/sign-in", status_code=303, headers=NO_STORE, cookies=[no_cookie(services)])


HANDLERS: Final = (show_sign_in, sign_in, sign_in_state, sign_out)


def first_page(identity: Identity, back: str) -> str:
    """Where somebody goes who has signed in: callers can see no page but one."""
    return "/talk" if identity.role == "caller" and back == "/" else back


async def sign_in_link(database: Database, admission: Admission, address: str) -> str:
    """A link that signs the administrator at this machine in: good once, and for a quarter of an hour.

    Args:
        database: Of the service.
        admission: With its admin key.
        address: Where it is reached.
    """
    async with database.transaction() as connection:
        ticket = await make_ticket(connection, session_secret(admission), TICKET_SECONDS)
    return f"{address}/sign-in?ticket={ticket}"


async def _sign_in_with_ticket(
    request: AnyRequest, services: Services, ticket: str, back: str
) -> Response[Any]:
    async with services.database.transaction() as connection:
        good = await redeem_ticket(connection, session_secret(services.admission), ticket)
    if not good:
        problem = "This link was used already, or its time is over. Sign in with a key."
        return page(request, "sign_in.html", status_code=401, back=back, problem=problem)
    return await _signed_in(services, Identity(role="admin", name="local administrator"), back)


async def _signed_in(services: Services, identity: Identity, back: str) -> Response[Any]:
    session = PageSession(key_id=identity.key_id, role=identity.role, name=identity.name)
    async with services.database.transaction() as connection:
        word = await open_page_session(
            connection, session_secret(services.admission), session, SESSION_SECONDS
        )
        await write_down(connection, identity, "page.sign_in", identity.key_id or identity.name)
    return Redirect(
        first_page(identity, back), status_code=303, headers=NO_STORE, cookies=[cookie_for(services, word)]
    )
