import asyncio
from collections.abc import AsyncIterator

import aioice
import pytest
from aioice import stun

from orchestrator.media.ice import PortConnection, candidate_hosts, host_candidates, usable
from orchestrator.media.udp_port import Address, UdpPort, open_port
from tests.media.signals import Signals
from tests.patience import PATIENCE

pytestmark = pytest.mark.media


@pytest.fixture
async def port() -> AsyncIterator[UdpPort]:
    opened = open_port(asyncio.get_running_loop())
    yield opened
    opened.close()


def connection(port: UdpPort, lost: list[bool] | None = None) -> PortConnection:
    hosts = host_candidates(["127.0.0.1"], port.address[1])
    told = lost if lost is not None else []
    return PortConnection(port, hosts, controlling=False, on_lost=lambda: told.append(True))


class End:
    """One end of a connection, as its port sees it."""

    def __init__(self, port: UdpPort, *, controlling: bool) -> None:
        hosts = host_candidates(["127.0.0.1"], port.address[1])
        self.ice = PortConnection(port, hosts, controlling=controlling, on_lost=lambda: None)
        self.signals = Signals()
        self.media: list[bytes] = []
        self.username_fragment = self.ice.local_username
        self.password = self.ice.local_password.encode()
        port.register(self)

    def stun_request(self, message: stun.Message, address: Address) -> None:
        self.ice.take_request(message, address)

    def dtls_datagram(self, data: bytes) -> None:
        raise AssertionError(data)

    def media_datagram(self, data: bytes, address: Address, now: float) -> bool:
        del address, now
        self.media.append(data)
        self.signals.poke()
        return True


def test_the_announced_address_is_told_instead_of_the_bound_one() -> None:
    assert candidate_hosts("0.0.0.0", "203.0.113.7", offer_loopback=False) == ["203.0.113.7"]
    assert candidate_hosts("10.0.0.1", None, offer_loopback=False) == ["10.0.0.1"]


def test_loopback_is_told_once_when_asked_for() -> None:
    assert candidate_hosts("10.0.0.1", None, offer_loopback=True) == ["10.0.0.1", "127.0.0.1"]
    assert candidate_hosts("127.0.0.1", None, offer_loopback=True) == ["127.0.0.1"]


def test_a_port_on_all_addresses_tells_those_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def addresses(*, use_ipv4: bool, use_ipv6: bool) -> list[str]:
        asked.append((use_ipv4, use_ipv6))
        return ["10.0.0.1"]

    monkeypatch.setattr("orchestrator.media.ice.get_host_addresses", addresses)
    assert candidate_hosts("0.0.0.0", None, offer_loopback=False) == ["10.0.0.1"]
    assert candidate_hosts("::", None, offer_loopback=False) == ["10.0.0.1"]
    assert asked == [(True, False), (False, True)]


def test_the_first_address_has_the_highest_priority() -> None:
    first, second = host_candidates(["10.0.0.1", "127.0.0.1"], 4000)
    assert first.priority > second.priority
    assert (first.host, first.port, first.type) == ("10.0.0.1", 4000, "host")


@pytest.mark.parametrize(
    ("line", "worth"),
    [
        ("1 1 udp 1 192.0.2.1 5000 typ host", True),
        ("1 1 UDP 1 192.0.2.1 5000 typ srflx", True),
        ("1 1 tcp 1 192.0.2.1 9 typ host tcptype active", False),
        ("1 2 udp 1 192.0.2.1 5000 typ host", False),
        ("1 1 udp 1 9b36eaac-bb2e-49bb-bb78-21c41c499900.local 5000 typ host", False),
    ],
)
def test_only_candidates_that_can_be_checked_are_worth_it(line: str, worth: bool) -> None:
    assert usable(aioice.Candidate.from_sdp(line)) is worth


async def test_two_ends_connect_through_their_ports_and_send(port: UdpPort) -> None:
    other = open_port(asyncio.get_running_loop())
    ends = [End(port, controlling=True), End(other, controlling=False)]
    for end, far in zip(ends, reversed(ends), strict=True):
        end.ice.remote_username = far.ice.local_username
        end.ice.remote_password = far.ice.local_password
        for candidate in far.ice.local_candidates:
            await end.ice.add_remote_candidate(candidate)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(end.ice.connect() for end in ends))
    for _ in range(2):
        ends[0].ice.send_now(b"\x80\x60" + bytes(20))
    await ends[1].signals.until(lambda: len(ends[1].media) == 2)
    assert ends[1].ice.requests_received > 0
    for end in ends:
        await end.ice.close()
    other.close()


async def test_a_call_gathers_nothing_and_opens_no_socket(port: UdpPort) -> None:
    ice = connection(port)
    before = port.counts.sent
    await ice.gather_candidates()
    assert [candidate.port for candidate in ice.local_candidates] == [port.address[1]]
    assert len(ice._protocols) == 1
    assert port.counts.sent == before
    await ice.close()


async def test_without_a_path_what_is_sent_is_dropped(port: UdpPort) -> None:
    ice = connection(port)
    ice.send_now(b"nowhere")
    assert port.counts.sent == 0
    await ice.close()


async def test_losing_consent_is_told_once_and_closing_by_choice_is_not(port: UdpPort) -> None:
    lost: list[bool] = []
    ice = connection(port, lost)
    await ice.close()
    await ice.close()
    assert lost == [True]
    chosen: list[bool] = []
    ice = connection(port, chosen)
    ice.forget_loss()
    await ice.close()
    assert chosen == []


async def test_after_closing_requests_are_ignored(port: UdpPort) -> None:
    ice = connection(port)
    await ice.close()
    ice.take_request(stun.Message(stun.Method.BINDING, stun.Class.REQUEST), ("192.0.2.1", 1))
    assert ice.requests_received == 0


async def test_users_and_passwords_are_long_and_new_each_time(port: UdpPort) -> None:
    calls = [connection(port) for _ in range(50)]
    assert len({call.local_username for call in calls}) == 50
    assert all(len(call.local_username) == 8 and len(call.local_password) == 24 for call in calls)
    for call in calls:
        await call.close()
