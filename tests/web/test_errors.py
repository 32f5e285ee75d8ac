import pytest

from orchestrator.core.errors import StoreUnavailableError
from tests.api.node import Node
from tests.web.conftest import Reader

pytestmark = pytest.mark.db


async def test_a_page_that_is_none_says_so_in_words(reader: Reader) -> None:
    told = await (await reader("admin")).get("/nowhere/<script>")
    assert told.status_code == 404
    assert "There is nothing here" in told.text
    assert "default-src 'self'" in told.headers["content-security-policy"]
    assert told.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/v1/nowhere", "/admin/nowhere", "/static/nowhere", "/healthz/nowhere"])
async def test_paths_of_the_interfaces_keep_their_documents(reader: Reader, path: str) -> None:
    told = await (await reader("admin")).get(path)
    assert told.headers["content-type"].startswith(("application/problem+json", "application/json"))


async def test_whoever_asks_for_data_is_told_in_data(node: Node) -> None:
    told = await node.http().get("/nowhere", headers={"accept": "application/json"})
    assert told.headers["content-type"] == "application/problem+json"


async def test_a_form_of_elsewhere_is_refused(reader: Reader) -> None:
    client = await reader("admin")
    told = await client.post("/sign-in", data={"key": "ok_x"})
    assert told.status_code == 403
    assert "Load the page again" in told.text
    assert (await client.post("/sign-out")).status_code == 403


async def test_a_store_that_is_away_is_told_with_what_to_do(
    reader: Reader, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await reader("admin")

    def away() -> None:
        raise StoreUnavailableError("Postgres cannot be reached now.")

    monkeypatch.setattr(node.services.database, "read", away)
    told = await client.get("/")
    assert told.status_code == 503
    assert "The store is away" in told.text
    assert "Try again" in told.text


async def test_what_nobody_foresaw_is_told_with_its_number_alone(
    reader: Reader, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await reader("admin")

    def broken() -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(node.services.database, "read", broken)
    told = await client.get("/")
    assert told.status_code == 500
    assert "incident" in told.text
    assert "secret of the inside" not in told.text
