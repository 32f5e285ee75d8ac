"""Agents over REST: shown, changed by revisions, restored."""

from typing import Any

import httpx
import pytest

from tests.api.node import Node, calling

pytestmark = pytest.mark.db


async def test_agents_are_listed_and_shown(admin: httpx.AsyncClient) -> None:
    listed = (await admin.get("/admin/agents")).json()["data"]
    assert [agent["name"] for agent in listed] == ["desk", "kitchen"]
    shown = await admin.get("/admin/agents/desk")
    desk = shown.json()
    assert shown.headers["etag"] == '"0"'
    assert desk["instructions"].startswith("Be kind.")
    assert {tool["name"] for tool in desk["tools"]} == {"add_item", "refund", "broken", "show_map"}
    assert desk["handoffs"][0]["target"] == "kitchen"


async def test_reviewers_do_not_see_instructions(
    admin: httpx.AsyncClient, reviewer: httpx.AsyncClient
) -> None:
    assert (await reviewer.get("/admin/agents/desk")).json()["instructions"] is None
    await admin.patch("/admin/agents/desk", json={"instructions": "Be brief.", "voice": "ash"})
    (revision,) = (await reviewer.get("/admin/agents/desk/revisions")).json()["data"]
    assert revision["overrides"] == {"instructions": None, "voice": "ash"}
    (whole,) = (await admin.get("/admin/agents/desk/revisions")).json()["data"]
    assert whole["overrides"]["instructions"] == "Be brief."


async def test_an_unknown_agent_is_told_with_those_there_are(admin: httpx.AsyncClient) -> None:
    for path in ("/admin/agents/nobody", "/admin/agents/nobody/revisions"):
        told = await admin.get(path)
        assert told.status_code == 404
        assert "desk, kitchen" in told.json()["detail"]


async def test_the_graph_is_data_and_a_drawing(reviewer: httpx.AsyncClient) -> None:
    graph = (await reviewer.get("/admin/agents/graph")).json()
    assert {node["name"] for node in graph["nodes"]} == {"desk", "kitchen"}
    assert {(edge["source"], edge["target"]) for edge in graph["edges"]} == {
        ("desk", "kitchen"),
        ("kitchen", "desk"),
    }
    assert graph["mermaid"].startswith("flowchart LR")


async def test_a_change_is_a_revision_and_in_force_at_once(admin: httpx.AsyncClient, node: Node) -> None:
    changed = await admin.patch("/admin/agents/desk", json={"voice": "ash", "note": "nicer"})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"1"')
    assert changed.json()["voice"] == "ash"
    again = await admin.patch("/admin/agents/desk", json={"greeting": "Hello!"})
    assert (again.json()["voice"], again.json()["greeting"], again.json()["revision"]) == ("ash", "Hello!", 2)
    listed = (await admin.get("/admin/agents/desk/revisions")).json()["data"]
    assert [(entry["revision"], entry["note"], entry["author"]) for entry in listed] == [
        (2, "", "operator"),
        (1, "nicer", "operator"),
    ]
    assert node.services.switchboard.definition.agent("desk").voice == "ash"


async def test_a_change_that_changes_nothing_makes_no_revision(admin: httpx.AsyncClient) -> None:
    for _ in range(2):
        told = await admin.patch("/admin/agents/desk", json={"voice": "ash"})
        assert told.json()["revision"] == 1
    assert (await admin.patch("/admin/agents/kitchen", json={})).json()["revision"] == 0


async def test_settings_are_reset_to_what_the_class_says(admin: httpx.AsyncClient) -> None:
    await admin.patch("/admin/agents/desk", json={"voice": "ash", "greeting": "Hello!"})
    told = (await admin.patch("/admin/agents/desk", json={"reset": ["voice"]})).json()
    assert (told["voice"], told["greeting"]) == ("marin", "Hello!")


async def test_an_old_revision_and_the_class_itself_are_restored(admin: httpx.AsyncClient) -> None:
    await admin.patch("/admin/agents/desk", json={"voice": "ash"})
    await admin.patch("/admin/agents/desk", json={"voice": "echo"})
    first = (await admin.post("/admin/agents/desk/revisions/1/restore", json={})).json()
    assert (first["voice"], first["revision"]) == ("ash", 3)
    declared = (await admin.post("/admin/agents/desk/revisions/0/restore", json={"note": "back"})).json()
    assert (declared["voice"], declared["revision"]) == ("marin", 4)
    assert (await admin.post("/admin/agents/desk/revisions/99/restore", json={})).status_code == 404


async def test_a_change_upon_an_old_revision_is_refused(admin: httpx.AsyncClient) -> None:
    first = {"if-match": '"0"'}
    assert (await admin.patch("/admin/agents/desk", json={"voice": "ash"}, headers=first)).status_code == 200
    told = await admin.patch("/admin/agents/desk", json={"voice": "echo"}, headers=first)
    assert (told.status_code, told.json()["code"]) == (409, "conflict")
    anyone = {"if-match": "*"}
    assert (await admin.patch("/admin/agents/desk", json={"voice": "echo"}, headers=anyone)).is_success
    told = await admin.patch("/admin/agents/desk", json={}, headers={"if-match": "what"})
    assert (told.status_code, told.json()["param"]) == (400, "If-Match")


async def test_what_an_agent_cannot_be_is_refused_and_changes_nothing(admin: httpx.AsyncClient) -> None:
    changes: list[tuple[dict[str, Any], int]] = [
        ({"voice": ""}, 400),
        ({"instructions": "   "}, 400),
        ({"tools": []}, 400),
        ({"turn_detection": {"type": "psychic"}}, 400),
        ({"reload": "loud"}, 400),
        ({"enabled": False}, 409),
    ]
    for change, status in changes:
        assert (await admin.patch("/admin/agents/desk", json=change)).status_code == status, change
    assert (await admin.get("/admin/agents/desk")).json()["revision"] == 0


async def test_a_change_reaches_calls_that_are_on(admin: httpx.AsyncClient, node: Node) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        await admin.patch("/admin/agents/desk", json={"instructions": "Speak in rhymes."})
        await caller.say("again")
        assert "Speak in rhymes." in node.brain.contexts[-1].instructions


async def test_an_agent_that_is_switched_off_takes_no_calls(admin: httpx.AsyncClient, node: Node) -> None:
    await admin.patch("/admin/agents/kitchen", json={"enabled": False})
    async with calling(node, "kitchen") as caller:
        assert await caller.say("hello") == "desk heard: hello"


async def test_changes_are_written_down_without_their_text(admin: httpx.AsyncClient) -> None:
    await admin.patch("/admin/agents/desk", json={"instructions": "A secret recipe."})
    (entry,) = (await admin.get("/admin/audit", params={"action": "agent.change"})).json()["data"]
    assert (entry["target"], entry["key_name"]) == ("desk", "operator")
    assert entry["detail"] == {"revision": 1, "settings": ["instructions"]}


async def test_reviewers_change_nothing(reviewer: httpx.AsyncClient) -> None:
    told = await reviewer.patch("/admin/agents/desk", json={"voice": "ash"})
    assert (told.status_code, told.json()["code"]) == (403, "forbidden")
