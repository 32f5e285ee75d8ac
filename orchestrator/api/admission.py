"""Who is calling: a key, a client secret, or nobody in particular on a loopback address.

On a loopback address the door lets everybody in, as a caller: whoever can reach it sits at the machine. A
key of ours that is wrong is refused there too, and so is a page of another site that would use the visitor's
machine.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from orchestrator.core.errors import ForbiddenError, UnauthorizedError
from orchestrator.store.database import Database
from orchestrator.store.keys import find_client_secret, find_key

Role = Literal["admin", "reviewer", "caller"]

RANK: Final[dict[str, int]] = {"caller": 0, "reviewer": 1, "admin": 2}
OUR_KEYS: Final = ("ok_", "ek_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who is calling. Litestar reads its annotations: no recursive type can be among them.

    Attributes:
        key_id: Of the API key; None for the operator's own admin key and for nobody in particular.
        name: For the audit.
        session: The session object of a client secret, None for any other kind.
        anonymous: Whether it came without any key, which a loopback address allows.
    """

    role: Role
    key_id: str | None = None
    name: str = ""
    session: dict[str, Any] | None = None
    anonymous: bool = False


class Admission:
    """Decides who may come in.

    Args:
        database: Where keys are.
        admin_key: The operator's own, from the settings; None when there is none.
        open_door: Whether callers need no key: the node listens on a loopback address only.

    Attributes:
        open_door: As given.
    """

    def __init__(self, database: Database, *, admin_key: str | None, open_door: bool) -> None:
        self._database = database
        self._admin_key = admin_key
        self._root = (admin_key or secrets.token_urlsafe(32)).encode()
        self.open_door = open_door

    def secret(self, purpose: str) -> bytes:
        """A secret of the service's own: the same on every node that has this admin key, gone with the key.

        Args:
            purpose: What it is for: secrets of different purposes tell nothing of each other.
        """
        return hmac.digest(self._root, purpose.encode(), hashlib.sha256)

    async def identify(
        self, token: str | None, *, origin: str | None = None, host: str | None = None
    ) -> Identity:
        """Tell who brings this key.

        Args:
            token: As the client sent it, None when it sent none.
            origin: The `Origin` header, which browsers always send.
            host: The `Host` header.

        Raises:
            UnauthorizedError: It is none of our keys, and one is needed.
            StoreUnavailableError: Keys cannot be looked up now.
        """
        if token and self._admin_key and hmac.compare_digest(token.encode(), self._admin_key.encode()):
            return Identity(role="admin", name="operator")
        if token and token.startswith(OUR_KEYS):
            return await self._known(token)
        if not self.open_door or _foreign(origin, host):
            raise UnauthorizedError(
                "A key is needed: send `Authorization: Bearer ok_…`; `orchestrator keys create` makes one."
            )
        return Identity(role="caller", name="local caller", anonymous=True)

    async def _known(self, token: str) -> Identity:
        async with self._database.transaction() as connection:
            if token.startswith("ek_"):
                secret = await find_client_secret(connection, token)
                if secret is not None:
                    return Identity(
                        role="caller", key_id=secret.key_id, name="client secret", session=secret.session
                    )
            else:
                key = await find_key(connection, token)
                if key is not None:
                    return Identity(role=key.role, key_id=key.id, name=key.name)
        raise UnauthorizedError("This key is not known, was revoked, or is expired. Use another one.")


def require(identity: Identity, role: Role) -> Identity:
    """Let only those pass who may.

    Raises:
        ForbiddenError: The key's role is too small.
    """
    if RANK[identity.role] < RANK[role]:
        raise ForbiddenError(f"This needs a key of the role {role}; yours is of the role {identity.role}.")
    return identity


def bearer(authorization: str | None) -> str | None:
    """The token of an `Authorization: Bearer` header."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _foreign(origin: str | None, host: str | None) -> bool:
    """Whether a page of another site asks."""
    return origin is not None and (origin == "null" or urlsplit(origin).netloc != host)
