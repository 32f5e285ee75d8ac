"""The application as a whole."""

from importlib.metadata import PackageNotFoundError
from typing import Any

import httpx
import pytest
from litestar import get
from litestar.response import Response

from orchestrator.api import application
from orchestrator.api.application import build_application
from orchestrator.api.shapes import Listing, plain, shown
from orchestrator.api.trail import write_down
from orchestrator.store.audit import list_audit
from tests.api.node import Node

pytestmark = pytest.mark.db


async def test_the_first_version_of_pydantic_is_not_loaded_for_models_that_no_handler_has(node: Node) -> None:
    plugins = build_application(node.services.settings, node.services).plugins
    assert [type(each).__module__ for each in plugins if "pydantic" in type(each).__module__] == []


async def test_every_part_of_the_interfaces_is_there(node: Node) -> None:
    paths = {route.path for route in build_application(node.services.settings, node.services).routes}
    for path in (
        "/v1/realtime",
        "/v1/realtime/client_secrets",
        "/v1/conversations",
        "/v1/models",
        "/admin/agents",
        "/admin/tools",
        "/admin/conversations",
        "/admin/calls",
        "/admin/usage",
        "/admin/prices",
        "/admin/keys",
        "/admin/audit",
        "/admin/records",
        "/healthz",
        "/readyz",
        "/metrics",
        "/schema",
    ):
        assert path in paths


async def test_pages_have_a_content_policy_of_their_own(node: Node) -> None:
    @get("/talk", include_in_schema=False, sync_to_thread=False)
    def talk() -> Response[str]:
        return Response("hello", headers={"content-security-policy": "default-src 'self'"})

    application: Any = build_application(node.services.settings, node.services, pages=[talk])
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url=node.url) as client:
        told = await client.get("/talk")
    assert (told.text, told.headers["content-security-policy"]) == ("hello", "default-src 'self'")
    assert told.headers["x-content-type-options"] == "nosniff"


def test_a_tree_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    assert application._version()

    def missing(_name: str) -> str:
        raise PackageNotFoundError

    monkeypatch.setattr(application, "version", missing)
    assert application._version() == "0"


async def test_a_change_that_is_rolled_back_leaves_no_entry(node: Node) -> None:
    identity = await node.services.admission.identify(node.keys["admin"])
    async with node.services.database.transaction() as connection:
        await write_down(connection, identity, "key.create", "key_1")
        await connection.rollback()
    async with node.services.database.transaction() as connection:
        await write_down(connection, identity, "key.create", "key_2", {"name": "till"})
    async with node.services.database.read() as connection:
        (entry,) = (await list_audit(connection)).rows
    assert (entry.target, entry.key_id, entry.key_name) == ("key_2", identity.key_id, "admin")


def test_shapes_are_made_of_what_is_stored() -> None:
    made: Listing[str] = shown(Listing(data=["a"], next=None), Listing[str])
    assert plain(made) == {"data": ["a"], "next": None}
