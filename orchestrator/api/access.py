"""Who may use which handler: guards that run before a request's body is read."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from orchestrator.api.admission import RANK, Admission, Identity, Role, bearer, require
from orchestrator.core.errors import ForbiddenError, UnauthorizedError

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})

Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]


def admin_guard(admission: Admission) -> Guard:
    """Let reviewers read and administrators change; a handler's `role` option says otherwise."""

    async def check(connection: Connection, handler: BaseRouteHandler) -> None:
        reading = connection.scope.get("method", "GET") in READING
        needed: Role = handler.opt.get("role") or ("reviewer" if reading else "admin")
        identity = await _identify(admission, connection)
        if identity.anonymous and RANK[identity.role] < RANK[needed]:
            raise UnauthorizedError(
                f"A key of the role {needed} is needed here: send `Authorization: Bearer …`. "
                "The service says where its admin key is kept when it starts."
            )
        require(identity, needed)

    return check


def figures_guard(admission: Admission) -> Guard:
    """Let everybody on this machine read figures, and from elsewhere those who may review."""

    async def check(connection: Connection, handler: BaseRouteHandler) -> None:
        if not admission.open_door:
            await admin_guard(admission)(connection, handler)

    return check


def caller_guard(admission: Admission) -> Guard:
    """Let everybody in who may call, with a key of their own: a client secret opens sessions, and only those.

    A handler's option `secrets` lets client secrets in as well.
    """

    async def check(connection: Connection, handler: BaseRouteHandler) -> None:
        identity = await _identify(admission, connection)
        if identity.session is not None and not handler.opt.get("secrets"):
            raise ForbiddenError("A client secret opens Realtime sessions only. Use an API key here.")

    return check


def provide_identity(request: Request[Any, Any, Any]) -> Identity:
    """Who is calling, as the guard found out."""
    identity = request.state.identity
    if not isinstance(identity, Identity):  # pragma: no cover - a router without a guard is a bug of ours
        raise UnauthorizedError("A key is needed.")
    return identity


async def _identify(admission: Admission, connection: Connection) -> Identity:
    identity = await admission.identify(
        bearer(connection.headers.get("authorization")),
        origin=connection.headers.get("origin"),
        host=connection.headers.get("host"),
    )
    connection.state.identity = identity
    return identity
