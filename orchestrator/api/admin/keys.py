"""`/admin/keys` and `/admin/audit`: who may do what, and who did what."""

import time
from typing import Annotated, Any, Final, Literal

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from orchestrator.api.admission import Identity
from orchestrator.api.services import Services
from orchestrator.api.shapes import Body, Cursor, Limit, Listing, Moment, Name, Shown, shown
from orchestrator.api.trail import write_down
from orchestrator.core.errors import InvalidRequestError
from orchestrator.store.audit import list_audit
from orchestrator.store.keys import create_key, get_key, list_keys, revoke_key

TAG: Final = ["keys"]
ADMIN: Final = {"role": "admin"}

Role = Literal["admin", "reviewer", "caller"]
OneAction = Annotated[str | None, QueryParameter(description="Only this, such as `conversation.erase`")]
OneTarget = Annotated[str | None, QueryParameter(description="Only what was done to this")]


class Key(Shown):
    """A key without its secret.

    Attributes:
        prefix: Its first letters, so that its holder recognises it.
        revoked_at: Null while it is in force.
    """

    id: Annotated[str, Meta(examples=["key_0123456789abcdef"])]
    name: str
    role: Role
    prefix: str
    created_at: float
    last_used_at: float | None
    expires_at: float | None
    revoked_at: float | None


class NewKey(Body):
    """What key is wanted.

    Attributes:
        expires_at: Seconds since the Unix epoch, null for never.
    """

    name: Name
    role: Role
    expires_at: Moment | None = None


class MadeKey(Shown):
    """A new key.

    Attributes:
        secret: Shown this once, and never again.
    """

    key: Key
    secret: str


class Entry(Shown):
    """One thing done.

    Attributes:
        key_id: Null where it was done with the operator's own key, or from the command line.
    """

    number: int
    at: float
    key_id: str | None
    key_name: str
    action: Annotated[str, Meta(examples=["conversation.erase"])]
    target: str
    detail: dict[str, Any]


@get("/keys", tags=TAG, summary="List keys", opt=ADMIN)
async def show_keys(services: NamedDependency[Services]) -> Listing[Key]:
    """List every key, revoked ones too, newest first."""
    async with services.database.read() as connection:
        return Listing(data=[shown(key, Key) for key in await list_keys(connection)])


@post("/keys", status_code=201, tags=TAG, summary="Make a key")
async def make_key(
    data: JSONBody[NewKey], services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> MadeKey:
    """Make a key. Its secret is shown in this answer alone."""
    if data.expires_at is not None and data.expires_at <= time.time():
        raise InvalidRequestError("expires_at is in the past. Name a moment to come.", param="expires_at")
    async with services.database.transaction() as connection:
        key, secret = await create_key(connection, data.name, data.role, expires_at=data.expires_at)
        detail: dict[str, Any] = {"name": key.name, "role": key.role}
        await write_down(connection, identity, "key.create", key.id, detail)
    return MadeKey(key=shown(key, Key), secret=secret)


@get("/keys/{key_id:str}", tags=TAG, summary="Show a key", opt=ADMIN)
async def show_key(key_id: FromPath[str], services: NamedDependency[Services]) -> Key:
    """Show a key without its secret."""
    async with services.database.read() as connection:
        return shown(await get_key(connection, key_id), Key)


@delete("/keys/{key_id:str}", status_code=200, tags=TAG, summary="Revoke a key")
async def remove_key(
    key_id: FromPath[str], services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> Key:
    """Make a key useless from now on; the second time changes nothing."""
    async with services.database.transaction() as connection:
        before = await get_key(connection, key_id)
        key = await revoke_key(connection, key_id)
        if before.revoked_at is None:
            await write_down(connection, identity, "key.revoke", key_id, {"name": key.name})
    return shown(key, Key)


@get("/audit", tags=["audit"], summary="List what was done")
async def show_audit(
    services: NamedDependency[Services],
    action: OneAction = None,
    target: OneTarget = None,
    after: Cursor = None,
    limit: Limit = 50,
) -> Listing[Entry]:
    """List who did what to what, newest first."""
    async with services.database.read() as connection:
        page = await list_audit(connection, action=action, target=target, after=after, limit=limit)
    return Listing(data=[shown(entry, Entry) for entry in page.rows], next=page.next)


HANDLERS: Final = (show_keys, make_key, show_key, remove_key, show_audit)
