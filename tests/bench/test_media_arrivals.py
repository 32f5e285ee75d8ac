"""Datagrams that the load reads itself, with the kernel's times."""

import asyncio
import socket
import time
from typing import Any

import pytest

from bench.media_arrivals import STAMPED, Arrivals
from tests.patience import PATIENCE

pytestmark = [
    pytest.mark.edge,
    pytest.mark.skipif(not STAMPED, reason="only Linux is asked for the kernel's times"),
]

ROUNDING = 1e-6
"""Seconds that a time may lose when it goes from one clock to the other and back."""

RTP = b"\x80" + bytes(11)
STUN = b"\x00" + bytes(19)


class Others(asyncio.DatagramProtocol):
    """What gets all that is no media."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.received: list[bytes] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.received.append(data)


async def opened() -> Others:
    _, others = await asyncio.get_running_loop().create_datagram_endpoint(Others, local_addr=("127.0.0.1", 0))
    # asyncio begins to read in the turn after the one in which it told of the connection.
    await asyncio.sleep(0)
    return others


async def test_media_is_stamped_when_it_was_sent_and_not_when_it_is_read() -> None:
    others, taken = await opened(), list[float]()
    arrivals = Arrivals(others, lambda _, __, at: taken.append(at))
    address = others.transport.get_extra_info("sockname")
    before, after = 0.0, 0.0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        # The kernel begins a little after the first socket of the machine has asked.
        async with asyncio.timeout(PATIENCE):
            while not any(before <= at - arrivals.offset + ROUNDING <= after for at in taken):
                taken.clear()
                before = time.time()
                sender.sendto(RTP, address)
                after = time.time()
                await asyncio.sleep(0)
                arrivals.read()
    arrivals.close()
    others.transport.close()
    assert len(taken) == 1


async def test_what_is_no_media_goes_to_the_protocol() -> None:
    others, taken = await opened(), list[bytes]()
    arrivals = Arrivals(others, lambda data, *_: taken.append(data))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(STUN, others.transport.get_extra_info("sockname"))
    arrivals.read()
    arrivals.close()
    others.transport.close()
    assert (others.received, taken) == ([STUN], [])


async def test_nothing_is_read_before_it_is_asked_for() -> None:
    others, taken = await opened(), list[bytes]()
    arrivals = Arrivals(others, lambda data, *_: taken.append(data))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(RTP, others.transport.get_extra_info("sockname"))
    for _ in range(3):
        await asyncio.sleep(0)
    assert (others.received, taken) == ([], [])
    arrivals.read()
    arrivals.close()
    others.transport.close()
    assert taken == [RTP]
