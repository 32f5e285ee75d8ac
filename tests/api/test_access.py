"""Which key may use what."""

import httpx
import pytest

from tests.api.node import ADMIN_KEY, Node

pytestmark = pytest.mark.db


async def test_administration_needs_a_key_even_on_this_machine(stranger: httpx.AsyncClient) -> None:
    told = await stranger.get("/admin/agents")
    assert told.status_code == 401
    assert told.headers["www-authenticate"].startswith("Bearer")
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json()["code"] == "invalid_api_key"


async def test_roles_open_what_they_should(node: Node) -> None:
    for role, method, path, status in (
        ("caller", "GET", "/admin/agents", 403),
        ("reviewer", "GET", "/admin/agents", 200),
        ("reviewer", "PATCH", "/admin/agents/desk", 403),
        ("admin", "PATCH", "/admin/agents/desk", 200),
        ("caller", "GET", "/v1/models", 200),
        ("reviewer", "GET", "/v1/models", 200),
    ):
        told = await node.http(node.keys[role]).request(method, path, json={})
        assert told.status_code == status, (role, method, path)


async def test_a_key_is_asked_for_before_the_body_is_read(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.post("/admin/keys", content=b"{")).status_code == 401


async def test_where_others_can_reach_us_everything_needs_a_key(closed_node: Node) -> None:
    stranger = closed_node.http()
    for path in ("/v1/models", "/metrics", "/admin/agents"):
        assert (await stranger.get(path)).status_code == 401
    for path in ("/healthz", "/readyz", "/schema"):
        assert (await stranger.get(path)).status_code == 200
    assert (await closed_node.http(closed_node.keys["caller"]).get("/metrics")).status_code == 403
    assert (await closed_node.http(closed_node.keys["reviewer"]).get("/metrics")).status_code == 200
    assert (await closed_node.http(closed_node.keys["caller"]).get("/v1/models")).status_code == 200


async def test_figures_are_open_on_this_machine(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/metrics")).status_code == 200


async def test_every_handler_of_the_administration_is_guarded(node: Node) -> None:
    described = (await node.http().get("/schema/openapi.json")).json()["paths"]
    stranger = node.http(node.keys["caller"])
    for path, operations in described.items():
        if path.startswith("/admin"):
            for method in operations:
                told = await stranger.request(method.upper(), path.replace("{", "").replace("}", ""))
                assert told.status_code in {403, 404}, (method, path)
    assert (await node.http(ADMIN_KEY).get("/admin/agents")).status_code == 200
