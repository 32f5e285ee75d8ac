"""The address that a node listens on."""

import socket
from contextlib import closing

import pytest

from orchestrator.core.errors import SettingsError
from orchestrator.serve import address_of, bind
from orchestrator.settings import Settings
from tests.patience import PATIENCE

pytestmark = pytest.mark.edge


def test_the_address_is_taken_and_nobody_can_connect_yet() -> None:
    with closing(bind(Settings(port=0))) as listener:
        host, port = listener.getsockname()
        assert host == "127.0.0.1"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, port), timeout=PATIENCE)


def test_a_port_that_somebody_listens_on_is_told_with_a_mend() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match="another program listens there") as refused:
            bind(Settings(port=port))
    assert f"ORCHESTRATOR_PORT={port}" in refused.value.message
    assert "--port" in refused.value.message


def test_an_address_that_is_none_of_this_machines_is_told() -> None:
    with pytest.raises(SettingsError, match=r"ORCHESTRATOR_HOST=192\.0\.2\.1"):
        bind(Settings(host="192.0.2.1", port=0, admin_key="x" * 16))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("localhost", "http://localhost:8000"),
    ],
)
def test_the_address_is_one_that_a_browser_here_can_open(host: str, address: str) -> None:
    assert address_of(host, 8000) == address
