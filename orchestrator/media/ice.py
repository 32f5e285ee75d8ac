"""ICE over the one port: aioice does the checks, and sends and receives through `UdpPort` (RFC 8445).

aioice opens a socket per call and address while it gathers candidates. That is replaced here: a
call has one protocol object, without a socket of its own.
"""

import asyncio
import secrets
import string
from collections.abc import Callable
from typing import Final, cast

import aioice
from aioice import stun
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import StunProtocol, get_host_addresses
from aioice.mdns import is_mdns_hostname

from orchestrator.media.udp_port import Address, UdpPort

_FRAGMENT_SIZE: Final = 8
_PASSWORD_SIZE: Final = 24
_ICE_CHARACTERS: Final = string.ascii_letters + string.digits
_COMPONENT: Final = 1
_LOOPBACK: Final = "127.0.0.1"
_WILDCARDS: Final = ("0.0.0.0", "::")  # noqa: S104 - recognised here, not bound


def candidate_hosts(bound: str, announced: str | None, *, offer_loopback: bool) -> list[str]:
    """Return the addresses under which clients may find the port, the best first.

    Args:
        bound: What the port is bound to.
        announced: The address that is configured to be told, or None.
        offer_loopback: Tell 127.0.0.1 too (for development).
    """
    if announced is not None:
        hosts = [announced]
    elif bound in _WILDCARDS:
        hosts = get_host_addresses(use_ipv4=bound == _WILDCARDS[0], use_ipv6=bound == _WILDCARDS[1])
    else:
        hosts = [bound]
    if offer_loopback and _LOOPBACK not in hosts:
        hosts.append(_LOOPBACK)
    return hosts


def host_candidates(hosts: list[str], port: int) -> list[aioice.Candidate]:
    """Return what an answer tells of the port: one host candidate per address (RFC 8445 section 5.1.1)."""
    return [
        aioice.Candidate(
            foundation=candidate_foundation("host", "udp", host),
            component=_COMPONENT,
            transport="udp",
            priority=candidate_priority(_COMPONENT, "host", 65535 - index),
            host=host,
            port=port,
            type="host",
        )
        for index, host in enumerate(hosts)
    ]


def usable(candidate: aioice.Candidate) -> bool:
    """Return whether a client's candidate is worth a check: UDP, of the one component, and not mDNS.

    A `.local` name cannot be resolved from elsewhere; the client's own checks reveal its address.
    """
    return (
        candidate.transport.lower() == "udp"
        and candidate.component == _COMPONENT
        and not is_mdns_hostname(candidate.host)
    )


class PortTransport:
    """What aioice sends through in place of a socket of its own.

    Args:
        port: The one port.
    """

    def __init__(self, port: UdpPort) -> None:
        self._port = port

    def sendto(self, data: bytes, address: Address) -> None:
        """Send a datagram."""
        self._port.send(data, address)


class PortProtocol(StunProtocol):
    """One call's STUN, on the one port.

    Args:
        connection: Whose it is.
        port: The one port; transactions are in a table that all calls share.
        candidate: The local candidate.
    """

    def __init__(self, connection: "PortConnection", port: UdpPort, candidate: aioice.Candidate) -> None:
        super().__init__(connection)
        self.transactions = port.transactions
        self.transport = cast(asyncio.DatagramTransport, PortTransport(port))
        self.local_candidate = candidate

    async def close(self) -> None:
        """Do nothing: the port outlives the call."""


class PortConnection(aioice.Connection):
    """ICE of one call.

    End-of-candidates is never passed on, so that a client whose candidates are all hidden can still be
    found by its own checks. Failing is therefore a matter of the deadline that `connect` is given.

    Args:
        port: The one port.
        candidates: What the answer tells of the port; the first stands for all.
        controlling: Whether we nominate: only when the client is a lite agent.
        on_lost: Called when the client has stopped answering consent checks (RFC 7675).
    """

    def __init__(
        self,
        port: UdpPort,
        candidates: list[aioice.Candidate],
        *,
        controlling: bool,
        on_lost: Callable[[], None],
    ) -> None:
        super().__init__(
            ice_controlling=controlling,
            local_username=_random_text(_FRAGMENT_SIZE),
            local_password=_random_text(_PASSWORD_SIZE),
        )
        self._port = port
        self._on_lost: Callable[[], None] | None = on_lost
        self._requests = 0
        self._selected: aioice.ice.CandidatePair | None = None
        self._selected_address: Address = ("", 0)

        # In place of gathering, which opens sockets.
        self._local_candidates_start = self._local_candidates_end = True
        self._local_candidates = list(candidates)
        self._protocols.append(PortProtocol(self, port, candidates[0]))

    def take_request(self, message: stun.Message, address: Address) -> None:
        """Take an authentic binding request."""
        if self._protocols:
            self._requests += 1
            self.request_received(message, address, self._protocols[0])

    def send_now(self, data: bytes) -> None:
        """Send a datagram to the client; without a nominated path it is dropped."""
        target = self.target
        if target is not None:
            self._port.send(data, target)

    @property
    def target(self) -> Address | None:
        """Where the client is, the same object until that changes; None without a nominated path."""
        pair = self._nominated.get(_COMPONENT)
        if pair is None:
            return None
        if pair is not self._selected:
            self._selected, self._selected_address = pair, pair.remote_addr
        return self._selected_address

    @property
    def requests_received(self) -> int:
        """How many authentic checks of the client have come."""
        return self._requests

    async def close(self) -> None:
        """End checks and consent; safe to call again."""
        await super().close()
        on_lost, self._on_lost = self._on_lost, None
        if on_lost is not None:
            on_lost()

    def forget_loss(self) -> None:
        """Call `on_lost` no more: the call is ending anyway."""
        self._on_lost = None


def _random_text(size: int) -> str:
    return "".join(secrets.choice(_ICE_CHARACTERS) for _ in range(size))
