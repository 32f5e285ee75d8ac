"""A newcomer's first minutes, as real programs: serve, order, kill, serve again, go on, read it back."""

import re
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest

from orchestrator.cli.banner import ADDRESSES
from tests.cli.programs import Service, events, importing_seconds
from tests.patience import PATIENCE

pytestmark = pytest.mark.edge

STARTS = 5
"""The least of so many counts: whatever else the machine does can only add to it."""

ORDER = "two large margherita pizzas and a coke please"
CHECKOUT = "that's all, check out, the name is Ada"

Orchestrator = Callable[..., "subprocess.CompletedProcess[str]"]
Serve = Callable[..., Service]


def test_an_order_outlives_a_killed_service_and_is_read_back(
    serve: Serve, orchestrator: Orchestrator
) -> None:
    first = serve()
    called = orchestrator("call", "triage", "--url", first.url, "--text", "--say", ORDER)
    assert called.returncode == 0, called.stderr
    assert "triage → restaurant" in called.stdout
    assert "add_item  item=margherita, quantity=2, size=large" in called.stdout
    assert re.search(r"margherita +2 +large +16\.00", called.stdout)
    [conversation] = set(re.findall(r"conv_\w+", called.stdout))
    first.stop(signal.SIGKILL)

    second = serve()
    resumed = orchestrator(
        "call",
        "--conversation",
        conversation,
        "--url",
        second.url,
        "--text",
        "--say",
        CHECKOUT,
        "--say",
        "yes",
    )
    assert resumed.returncode == 0, resumed.stderr
    assert "restaurant is on duty" in resumed.stdout
    assert "checkout" in resumed.stdout
    assert "total 37.26" in resumed.stdout
    assert second.stop() == 0

    shown = orchestrator("conversations", "show", conversation)
    assert ORDER in shown.stdout
    assert "the caller is back" in shown.stdout
    assert re.search(r"order_number \w+", shown.stdout)


@pytest.mark.alone
def test_every_address_that_is_printed_answers_and_later_starts_are_quick(serve: Serve) -> None:
    serve().stop()
    starts, imports = [], []
    for _ in range(STARTS):
        service = serve()
        starts.append(service.seconds)
        service.stop()
        imports.append(importing_seconds())
    assert min(starts) < 3 * min(imports), "three seconds, where the imports take one"
    service = serve()
    for name, path in ADDRESSES:
        try:
            with urllib.request.urlopen(f"{service.url}{path}", timeout=PATIENCE) as answer:
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
        assert status != 404, name


def test_a_call_as_json_tells_every_event_and_how_it_went(
    service: Service, orchestrator: Orchestrator
) -> None:
    called = orchestrator("call", "triage", "--url", service.url, "--text", "--say", ORDER, "--json")
    told = events(called.stdout)
    kinds = [event["type"] for event in told]
    assert kinds[0] == "session.created"
    assert "orchestrator.handoff.committed" in kinds
    assert told[-1]["well"] is True
    assert told[-1]["conversation_id"].startswith("conv_")
    assert called.returncode == 0


def test_a_name_that_is_nearly_an_agents_is_not_put_through_to_the_front_desk(
    service: Service, orchestrator: Orchestrator
) -> None:
    called = orchestrator("call", "resturant", "--url", service.url, "--text", "--say", "hello")
    assert called.returncode == 1
    assert "Did you mean restaurant? There are:" in called.stderr


def test_a_conversation_that_does_not_exist_is_refused_in_words(
    service: Service, orchestrator: Orchestrator
) -> None:
    called = orchestrator(
        "call", "--conversation", "conv_none", "--url", service.url, "--text", "--say", "hello"
    )
    assert called.returncode == 1
    assert "conv_none" in called.stderr
    assert "Traceback" not in called.stderr


def test_no_caller_speech_and_no_key_is_logged(serve: Serve, orchestrator: Orchestrator) -> None:
    service = serve(ORCHESTRATOR_LOG_LEVEL="debug", ORCHESTRATOR_ADMIN_KEY="ok_admin_of_the_test")
    orchestrator("call", "triage", "--url", service.url, "--text", "--say", "my parrot is called Xylophon")
    service.stop()
    log = service.log.read_text()
    assert "call joined" in log
    assert "Xylophon" not in log
    assert "ok_admin_of_the_test" not in log


def test_a_second_service_on_the_port_says_so_in_one_line(
    service: Service, orchestrator: Orchestrator
) -> None:
    port = service.url.rpartition(":")[2]
    second = orchestrator("serve", "--port", port)
    assert second.returncode == 2
    assert second.stderr.count("\n") == 1
    assert "another program listens there" in second.stderr
