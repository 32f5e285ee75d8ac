"""Keys and the audit trail over REST."""

import time

import httpx
import pytest

from tests.api.node import Node

pytestmark = pytest.mark.db


async def test_a_key_is_made_used_and_revoked(node: Node, admin: httpx.AsyncClient) -> None:
    made = (await admin.post("/admin/keys", json={"name": "till", "role": "reviewer"})).json()
    key = made["key"]
    assert made["secret"].startswith(key["prefix"])
    holder = node.http(made["secret"])
    assert (await holder.get("/admin/agents")).status_code == 200
    shown = (await admin.get(f"/admin/keys/{key['id']}")).json()
    assert (shown["name"], shown["role"], shown["revoked_at"]) == ("till", "reviewer", None)
    assert shown["last_used_at"] is not None
    revoked = (await admin.delete(f"/admin/keys/{key['id']}")).json()
    assert revoked["revoked_at"] is not None
    assert (await admin.delete(f"/admin/keys/{key['id']}")).json() == revoked
    assert (await holder.get("/admin/agents")).status_code == 401


async def test_a_secret_is_shown_once_and_never_written_down(admin: httpx.AsyncClient) -> None:
    made = (await admin.post("/admin/keys", json={"name": "till", "role": "caller"})).json()
    listed = await admin.get("/admin/keys")
    trail = await admin.get("/admin/audit")
    assert made["key"]["id"] in listed.text
    assert made["key"]["id"] in trail.text
    assert made["secret"] not in listed.text + trail.text


async def test_a_key_that_would_never_work_is_refused(admin: httpx.AsyncClient) -> None:
    body = {"name": "till", "role": "caller", "expires_at": time.time() - 1}
    told = await admin.post("/admin/keys", json=body)
    assert (told.status_code, told.json()["param"]) == (400, "expires_at")
    later = body | {"expires_at": time.time() + 1000}
    assert (await admin.post("/admin/keys", json=later)).status_code == 201


async def test_keys_are_for_administrators_alone(reviewer: httpx.AsyncClient) -> None:
    for method, path in (
        ("GET", "/admin/keys"),
        ("GET", "/admin/keys/key_1"),
        ("POST", "/admin/keys"),
        ("DELETE", "/admin/keys/key_1"),
    ):
        assert (await reviewer.request(method, path)).status_code == 403


async def test_an_unknown_key_is_told(admin: httpx.AsyncClient) -> None:
    assert (await admin.get("/admin/keys/key_none")).status_code == 404
    assert (await admin.delete("/admin/keys/key_none")).status_code == 404


async def test_the_trail_is_paged_newest_first(admin: httpx.AsyncClient, reviewer: httpx.AsyncClient) -> None:
    for name in ("a", "b", "c"):
        await admin.post("/admin/keys", json={"name": name, "role": "caller"})
    page = (await reviewer.get("/admin/audit", params={"limit": 2, "action": "key.create"})).json()
    assert [entry["detail"]["name"] for entry in page["data"]] == ["c", "b"]
    rest = (await reviewer.get("/admin/audit", params={"after": page["next"]})).json()
    assert [entry["detail"]["name"] for entry in rest["data"]] == ["a"]
    assert (rest["next"], rest["data"][0]["key_name"], rest["data"][0]["key_id"]) == (None, "operator", None)
