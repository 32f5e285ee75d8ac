"""The embedded engine on its own, as a process that somebody ends."""

import json
import signal
import subprocess

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.cli.programs import ROOT, clean_environment, command
from tests.patience import PATIENCE

pytestmark = pytest.mark.edge


IN_THE_BACKGROUND = ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")
"""As shells start what runs in the background: Ctrl-C is ignored, unless the program wants it."""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_closes_its_sessions_in_order_when_it_is_told_to_end(how: signal.Signals) -> None:
    with subprocess.Popen(
        [*IN_THE_BACKGROUND, *command("engine", "serve", "--port", "0")],
        cwd=ROOT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as engine:
        assert engine.stdout is not None
        url = engine.stdout.readline().split()[0]
        try:
            with connect(f"{url}?model=demo", subprotocols=["realtime"], open_timeout=PATIENCE) as client:  # type: ignore[list-item]
                assert json.loads(client.recv(PATIENCE))["type"] == "session.created"
                engine.send_signal(how)
                with pytest.raises(ConnectionClosed) as closed:
                    client.recv(PATIENCE)
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1001, "The engine is stopping.")
            _, printed = engine.communicate(timeout=PATIENCE)
            assert (engine.returncode, "Traceback" in printed) == (0, False)
        finally:
            engine.kill()
