import pytest

from orchestrator.web.rendering import POLICY
from orchestrator.web.static_files import static
from tests.web.conftest import Reader

pytestmark = pytest.mark.db


async def test_a_page_is_never_kept_and_takes_nothing_from_elsewhere(reader: Reader) -> None:
    told = await (await reader("admin")).get("/", headers={"accept-encoding": "gzip"})
    assert told.status_code == 200
    assert told.headers["content-security-policy"] == POLICY
    assert told.headers["cache-control"] == "no-store"
    assert told.headers["content-encoding"] == "gzip"
    assert told.headers["x-frame-options"] == "DENY"
    for written in ("<style", " style=", " onclick=", "javascript:"):
        assert written not in told.text


async def test_a_static_file_may_be_kept_for_ever_by_everybody(reader: Reader) -> None:
    client = await reader(None)
    for name, kind in [("app.css", "text/css"), ("app.js", "javascript"), ("icon.svg", "image/svg+xml")]:
        told = await client.get(static(name))
        assert told.status_code == 200
        assert kind in told.headers["content-type"]
        assert "immutable" in told.headers["cache-control"]
    packed = await client.get(static("vendor/htmx.min.js"), headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert (await client.get(f"{static('app.css')}/../../secrets")).status_code == 404


async def test_the_browsers_client_has_an_address_that_stays(reader: Reader) -> None:
    client = await reader(None)
    told = await client.get("/client/orchestrator.js", headers={"origin": "http://localhost:3000"})
    assert told.status_code == 200
    assert "javascript" in told.headers["content-type"]
    assert told.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert "max-age=300" in told.headers["cache-control"]
    assert (await client.get("/client/app.css")).status_code == 404
