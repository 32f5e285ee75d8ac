import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from orchestrator.speech.pipes import Failed, pack
from tests.patience import PATIENCE
from tests.speech import echo_worker
from tests.speech.echo_worker import Echo, Order

pytestmark = pytest.mark.edge

ROOT = Path(__file__).parents[2]
DECODER = msgspec.msgpack.Decoder(echo_worker.Replies)


def exchange(*orders: Order) -> tuple[list[echo_worker.Replies], bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.speech.echo_worker"],
        input=b"".join(pack(order) for order in orders),
        capture_output=True,
        cwd=ROOT,
        timeout=PATIENCE,
        check=True,
    )
    replies, data = [], done.stdout
    while data:
        length = int.from_bytes(data[:4], "big")
        replies.append(DECODER.decode(data[4 : 4 + length]))
        data = data[4 + length :]
    return replies, done.stderr


def test_a_worker_answers_in_order_and_ends_with_its_pipe() -> None:
    (_, *answers), _ = exchange(Order(1, "echo", "one two"), Order(2, "echo", "three"))
    assert [(a.channel, a.text) for a in answers if isinstance(a, Echo)] == [
        (1, "one"),
        (1, "two"),
        (2, "three"),
    ]


def test_a_failure_is_answered_without_what_was_said_and_the_next_request_is_served() -> None:
    (_, failed, echo), _ = exchange(Order(1, "fail", "a secret"), Order(2, "echo", "on"))
    assert failed == Failed(1, "ValueError")
    assert echo.channel == 2


def test_what_a_library_prints_cannot_garble_the_messages() -> None:
    (_, echo), printed = exchange(Order(1, "nonsense"), Order(2, "echo", "on"))
    assert echo.channel == 2
    assert b"to standard error" in printed


@pytest.mark.parametrize("orders", [b"", pack(Order(1, "echo", "one"))], ids=["at once", "in an answer"])
def test_a_worker_whose_service_is_gone_ends_without_a_word(orders: bytes) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.speech.echo_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert worker.stdout is not None
    worker.stdout.close()
    worker.stdout = None
    _, printed = worker.communicate(orders, timeout=PATIENCE)
    assert (printed, worker.returncode) == (b"", 0)
