"""Who is calling."""

import pytest

from orchestrator.api.admission import Admission, Identity, bearer, require
from orchestrator.core.errors import ForbiddenError, UnauthorizedError
from orchestrator.store.database import Database
from tests.api.node import ADMIN_KEY, Node

pytestmark = pytest.mark.db

OPEN = Admission(Database("postgresql://nobody@127.0.0.1:1/none"), admin_key=ADMIN_KEY, open_door=True)
"""Where no key of ours is brought, nothing is looked up."""


async def test_the_operators_own_key_is_an_administrators() -> None:
    identity = await OPEN.identify(ADMIN_KEY)
    assert (identity.role, identity.key_id, identity.name) == ("admin", None, "operator")


async def test_a_key_brings_its_role_and_name(node: Node) -> None:
    for role, key in node.keys.items():
        identity = await node.services.admission.identify(key)
        assert (identity.role, identity.name, identity.anonymous) == (role, role, False)
        assert identity.key_id is not None


async def test_a_key_of_ours_that_is_wrong_is_refused_even_here(node: Node) -> None:
    for token in ("ok_wrong", "ek_wrong", ADMIN_KEY[:-1]):
        with pytest.raises(UnauthorizedError):
            await node.services.admission.identify(token)


@pytest.mark.parametrize("token", [None, "", "sk-of-somebody-else"])
async def test_nobody_in_particular_may_call_on_this_machine(token: str | None) -> None:
    identity = await OPEN.identify(token)
    assert (identity.role, identity.anonymous) == ("caller", True)


@pytest.mark.parametrize(
    ("origin", "host", "welcome"),
    [
        (None, "127.0.0.1:8000", True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("http://localhost:3000", "127.0.0.1:8000", False),
        ("https://evil.example", "127.0.0.1:8000", False),
        ("null", "127.0.0.1:8000", False),
    ],
)
async def test_a_page_of_another_site_needs_a_key(origin: str | None, host: str, welcome: bool) -> None:
    asked = OPEN.identify(None, origin=origin, host=host)
    if welcome:
        assert (await asked).anonymous
    else:
        with pytest.raises(UnauthorizedError):
            await asked


async def test_where_others_can_reach_us_everybody_needs_a_key(node: Node) -> None:
    closed = Admission(node.services.database, admin_key=None, open_door=False)
    with pytest.raises(UnauthorizedError) as told:
        await closed.identify(None)
    assert "orchestrator keys create" in told.value.message
    with pytest.raises(UnauthorizedError):
        await closed.identify(ADMIN_KEY)
    assert (await closed.identify(node.keys["caller"])).role == "caller"


def test_a_role_includes_the_smaller_ones() -> None:
    admin, caller = Identity(role="admin"), Identity(role="caller")
    assert require(admin, "reviewer") is admin
    with pytest.raises(ForbiddenError, match="role reviewer; yours is of the role caller"):
        require(caller, "reviewer")


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (None, None),
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("Basic abc", None),
        ("Bearer ", None),
        ("Bearer", None),
    ],
)
def test_the_token_of_a_header_is_read(header: str | None, token: str | None) -> None:
    assert bearer(header) == token
