"""The description of the interfaces."""

from typing import Any

import httpx
import pytest
import yaml

from orchestrator.api.openapi import completed
from tests.api.node import Node

pytestmark = pytest.mark.db


@pytest.fixture
async def described(stranger: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await stranger.get("/schema")).json()
    return found


async def test_it_is_served_as_json_and_yaml_and_nothing_that_loads_scripts(
    stranger: httpx.AsyncClient, described: dict[str, Any]
) -> None:
    assert (await stranger.get("/schema/openapi.json")).json() == described
    assert yaml.safe_load((await stranger.get("/schema/openapi.yaml")).text) == described
    assert (await stranger.get("/schema/swagger")).status_code == 404


def test_every_operation_has_a_summary_a_tag_and_its_problems(described: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in described["tags"]}
    for path, item in described["paths"].items():
        for operation in item.values():
            assert operation["summary"], path
            assert set(operation["tags"]) <= tags, path
            assert {"400", "500"} <= set(operation["responses"]), path


def test_errors_have_the_shape_of_their_part(described: dict[str, Any]) -> None:
    paths = described["paths"]
    admin = paths["/admin/agents/{name}"]["get"]["responses"]["404"]["content"]
    assert admin["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
    compatible = paths["/v1/conversations/{conversation_id}"]["get"]["responses"]["404"]["content"]
    assert compatible["application/json"]["schema"] == {"$ref": "#/components/schemas/ApiError"}


def test_bodies_take_no_unknown_field(described: dict[str, Any]) -> None:
    for name in ("NewKey", "AgentChange", "NewConversation", "SecretRequest"):
        assert described["components"]["schemas"][name]["additionalProperties"] is False


def test_a_body_that_may_be_left_out_is_described_as_such(described: dict[str, Any]) -> None:
    paths = described["paths"]
    assert paths["/admin/calls/{call_id}/hangup"]["post"]["requestBody"]["required"] is False
    assert paths["/admin/calls/{call_id}/say"]["post"]["requestBody"]["required"] is True


def test_an_export_is_described_in_each_of_its_formats(described: dict[str, Any]) -> None:
    export = described["paths"]["/admin/conversations/{conversation_id}/export"]["get"]
    assert set(export["responses"]["200"]["content"]) == {
        "application/json",
        "application/jsonl",
        "text/plain",
        "text/vtt",
    }


def test_on_this_machine_a_key_is_no_must_for_callers(described: dict[str, Any]) -> None:
    paths = described["paths"]
    assert {} in paths["/v1/models"]["get"]["security"]
    assert "security" not in paths["/admin/agents"]["get"]
    assert paths["/healthz"]["get"]["security"] == [{}]


async def test_elsewhere_a_key_is_a_must(closed_node: Node) -> None:
    described = (await closed_node.http().get("/schema")).json()
    assert described["security"] == [{"key": []}]
    assert "security" not in described["paths"]["/v1/models"]["get"]


def test_a_description_is_completed_without_changing_it() -> None:
    operation = {"responses": {"200": {"description": "fine"}, "400": {"description": "Litestar's"}}}
    schema = {"paths": {"/x": {"get": operation}}, "components": {"schemas": {}}}
    responses = completed(schema, open_door=False)["paths"]["/x"]["get"]["responses"]
    assert set(responses) == {"200", "400", "401", "403", "500", "503"}
    assert operation["responses"]["400"]["description"] == "Litestar's"
