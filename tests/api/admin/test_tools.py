"""Tools over REST: shown, and tried out without effect."""

from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.db


async def run(client: httpx.AsyncClient, name: str, **body: Any) -> dict[str, Any]:
    told = await client.post(f"/admin/tools/{name}/run", json=body)
    assert told.status_code == 200, told.text
    found: dict[str, Any] = told.json()
    return found


async def test_tools_are_listed_once_with_who_has_them(reviewer: httpx.AsyncClient) -> None:
    listed = (await reviewer.get("/admin/tools")).json()["data"]
    assert [tool["name"] for tool in listed] == ["add_item", "broken", "refund", "show_map"]
    assert listed[0]["agents"] == ["desk", "kitchen"]
    assert listed[3]["client"] is True


async def test_a_tool_is_shown_with_its_schema(reviewer: httpx.AsyncClient) -> None:
    shown = (await reviewer.get("/admin/tools/add_item", params={"agent": "kitchen"})).json()
    assert shown["parameters"]["required"] == ["item"]
    assert shown["states"] == ["cart"]
    assert (await reviewer.get("/admin/tools/refund", params={"agent": "kitchen"})).status_code == 404
    assert (await reviewer.get("/admin/tools/nothing")).status_code == 404


async def test_a_try_out_shows_effects_and_applies_none(admin: httpx.AsyncClient) -> None:
    told = await run(admin, "add_item", arguments={"item": "pizza", "quantity": 2})
    assert told["outcome"] == "completed"
    assert told["states"] == {"cart": {"lines": ["pizza", "pizza"]}}
    assert told["records"] == [{"kind": "order", "data": {"item": "pizza"}}]
    assert told["said"] == ["One moment."]
    assert (await admin.get("/admin/records")).json()["data"] == []
    again = await run(admin, "add_item", arguments={"item": "coke"})
    assert again["states"] == {"cart": {"lines": ["coke"]}}


async def test_a_try_out_works_on_given_states(admin: httpx.AsyncClient) -> None:
    states = {"cart": {"lines": ["coke"]}}
    told = await run(admin, "add_item", arguments={"item": "pizza"}, states=states, agent="kitchen")
    assert told["states"] == {"cart": {"lines": ["coke", "pizza"]}}


async def test_wrong_arguments_are_told_as_the_model_is_told(admin: httpx.AsyncClient) -> None:
    told = await run(admin, "add_item", arguments={"quantity": "many"})
    assert told["outcome"] == "invalid"
    assert len(told["violations"]) == 2


async def test_a_tool_that_fails_says_what_the_model_would_hear(admin: httpx.AsyncClient) -> None:
    told = await run(admin, "broken")
    assert told["outcome"] == "failed"
    assert "The oven is cold." in told["output"]


async def test_a_state_value_that_does_not_fit_is_a_failure_and_no_crash(admin: httpx.AsyncClient) -> None:
    told = await run(admin, "add_item", arguments={"item": "x"}, states={"cart": {"lines": 5}})
    assert told["outcome"] == "failed"


async def test_what_cannot_be_tried_is_refused(admin: httpx.AsyncClient) -> None:
    cases: list[tuple[str, dict[str, Any], int]] = [
        ("show_map", {}, 409),
        ("add_item", {"states": {"wallet": {}}}, 400),
        ("add_item", {"agent": "nobody"}, 404),
        ("nothing", {}, 404),
    ]
    for name, body, status in cases:
        assert (await admin.post(f"/admin/tools/{name}/run", json=body)).status_code == status, body


async def test_a_try_out_is_written_down_without_its_arguments(admin: httpx.AsyncClient) -> None:
    await run(admin, "add_item", arguments={"item": "pizza"})
    (entry,) = (await admin.get("/admin/audit")).json()["data"]
    assert (entry["action"], entry["target"]) == ("tool.try", "add_item")
    assert entry["detail"] == {"agent": "desk"}
