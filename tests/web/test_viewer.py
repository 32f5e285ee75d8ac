import pytest

from orchestrator.web.viewer import way_back
from tests.api.node import Node
from tests.web.conftest import Reader

pytestmark = pytest.mark.db


@pytest.mark.parametrize(
    "address", ["/", "/conversations", "/conversations/conv_1?t=12#item-3", "/agents/front%20desk"]
)
def test_an_address_of_ours_is_gone_on_to(address: str) -> None:
    assert way_back(address) == address


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " /x",
        "javascript:alert(1)",
        "conversations",
        "/sign-out",
        "/sign-in?next=/",
        "/" + "x" * 3000,
    ],
)
def test_no_other_address_is(address: str | None) -> None:
    assert way_back(address) == "/"


async def test_whoever_is_not_signed_in_is_asked_to_and_comes_back(reader: Reader) -> None:
    told = await (await reader(None)).get("/?a=1&b=2")
    assert told.status_code == 303
    assert told.headers["location"] == "/sign-in?next=%2F%3Fa%3D1%26b%3D2"
    assert told.headers["cache-control"] == "no-store"


async def test_a_caller_is_led_to_the_page_that_callers_see(reader: Reader) -> None:
    told = await (await reader("caller")).get("/")
    assert (told.status_code, told.headers["location"]) == (303, "/talk")


async def test_a_part_of_a_page_leads_the_whole_page_to_sign_in(reader: Reader, node: Node) -> None:
    client = await reader(None)
    shown = {"hx-request": "true", "hx-current-url": f"{node.url}/conversations?agent=desk"}
    told = await client.get("/", headers=shown)
    assert told.status_code == 401
    assert told.headers["hx-redirect"] == "/sign-in?next=%2Fconversations%3Fagent%3Ddesk"


async def test_an_unknown_cookie_is_nobody(reader: Reader) -> None:
    client = await reader("admin")
    name = next(iter(client.cookies))
    client.cookies.set(name, "x" * 43)
    assert (await client.get("/")).status_code == 303


async def test_the_interfaces_take_no_cookie(reader: Reader) -> None:
    told = await (await reader("admin")).get("/admin/agents")
    assert told.status_code == 401
    assert told.headers["content-type"] == "application/problem+json"
