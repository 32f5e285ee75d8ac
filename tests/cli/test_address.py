"""Where the service is."""

import pytest

from orchestrator.cli.address import Address
from orchestrator.core.errors import SettingsError

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("written", "web", "door"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000", "ws://127.0.0.1:8000/v1/realtime?"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000", "ws://127.0.0.1:8000/v1/realtime?"),
        ("ws://localhost:8000/v1", "http://localhost:8000", "ws://localhost:8000/v1/realtime?"),
        ("https://voice.example.com", "https://voice.example.com", "wss://voice.example.com/v1/realtime?"),
        ("wss://e.com/shop/v1/realtime", "https://e.com/shop", "wss://e.com/shop/v1/realtime?"),
    ],
)
def test_an_address_is_understood_as_people_write_it(written: str, web: str, door: str) -> None:
    address = Address.parse(written)
    assert address.web == web
    assert address.door() == door


def test_only_parameters_that_are_given_are_sent() -> None:
    assert Address.parse("e.com").door(model="a b", conversation=None).endswith("/v1/realtime?model=a+b")


@pytest.mark.parametrize("written", ["ftp://e.com", "http://", "http://e.com:notaport", "http://e.com:99999"])
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(SettingsError, match="write it as"):
        Address.parse(written)


@pytest.mark.parametrize(
    ("written", "local"),
    [
        ("127.0.0.1:1", True),
        ("[::1]:1", True),
        ("localhost:1", True),
        ("a.localhost", True),
        ("e.com", False),
    ],
)
def test_addresses_of_this_machine_are_known(written: str, local: bool) -> None:
    assert Address.parse(written).is_local is local
