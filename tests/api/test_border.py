"""What is checked before any handler, and added to every response."""

import httpx
import pytest

from orchestrator.api.border import HostCheck, cors
from orchestrator.settings import Settings
from tests.api.node import ADMIN_KEY, Node

pytestmark = pytest.mark.db


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1:8000", True),
        ("localhost", True),
        ("app.localhost:3000", True),
        ("[::1]:8000", True),
        ("127.0.0.2", True),
        ("voice.example.com", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("10.0.0.1", False),
        ("[::1", False),
        ("", False),
    ],
)
def test_names_of_this_machine_and_its_public_name_are_ours(host: str, ours: bool) -> None:
    assert HostCheck(Settings(public_url="https://voice.example.com"))._is_ours(host) is ours


async def test_a_loopback_node_answers_to_its_own_names_alone(stranger: httpx.AsyncClient) -> None:
    told = await stranger.get("/v1/models", headers={"host": "evil.example"})
    assert (told.status_code, told.json()["error"]["code"]) == (403, "forbidden")


async def test_a_node_that_others_can_reach_answers_to_any_name(closed_node: Node) -> None:
    told = await closed_node.http(ADMIN_KEY).get("/v1/models", headers={"host": "anything.example"})
    assert told.status_code == 200


def test_hosts_are_checked_on_loopback_addresses_alone() -> None:
    assert HostCheck(Settings())._checks
    assert not HostCheck(Settings(host="0.0.0.0", admin_key="k" * 16))._checks


@pytest.mark.parametrize(
    ("settings", "origin", "allowed"),
    [
        (Settings(), "http://localhost:5173", True),
        (Settings(), "http://127.0.0.1:9000", True),
        (Settings(), "https://evil.example", False),
        (Settings(), "http://localhost.evil.example", False),
        (Settings(host="0.0.0.0", admin_key="k" * 16), "http://localhost:5173", False),
        (Settings(allowed_origins="https://shop.example"), "https://shop.example", True),
        (Settings(allowed_origins="https://shop.example"), "http://localhost:5173", False),
        (Settings(allowed_origins="*"), "https://anything.example", True),
    ],
)
def test_pages_of_this_machine_or_of_listed_origins_may_use_the_door(
    settings: Settings, origin: str, allowed: bool
) -> None:
    assert cors(settings).is_origin_allowed(origin) is allowed


async def test_a_browser_may_send_what_the_agents_sdk_sends_and_read_the_location(
    stranger: httpx.AsyncClient,
) -> None:
    asked = {
        "origin": "http://localhost:5173",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-openai-agents-sdk,x-stainless-lang",
    }
    told = await stranger.options("/v1/realtime/client_secrets", headers=asked)
    assert told.status_code == 204
    assert told.headers["access-control-allow-origin"] == "http://localhost:5173"
    allowed = told.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in asked["access-control-request-headers"].split(","))
    answer = await stranger.get("/v1/models", headers={"origin": "http://localhost:5173"})
    assert answer.status_code == 401
    assert "Location" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers


async def test_every_response_forbids_sniffing_framing_and_scripts(stranger: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/nothing", "/v1/models", "/admin/agents"):
        headers = (await stranger.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["content-security-policy"].startswith("default-src 'none'")


async def test_what_callers_said_is_kept_in_no_cache(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/v1/models")).headers["cache-control"] == "no-store"
    assert (await stranger.get("/admin/agents")).headers["cache-control"] == "no-store"
    assert "cache-control" not in (await stranger.get("/healthz")).headers
