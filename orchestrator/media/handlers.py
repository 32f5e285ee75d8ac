"""What a call tells its driver, and how well the client is heard of."""

import dataclasses
import enum
from collections.abc import Callable
from typing import Final, Protocol

from orchestrator.media.errors import CloseReason

QUIET_AFTER: Final = 2.0
SUSPEND_AFTER: Final = 8.0
"""Seconds without an authentic packet."""

_CHECKS_ONLY: Final = 2.0
"""Factor of both while no sound comes: then only the client's checks are heard, every few seconds."""


class LinkState(enum.StrEnum):
    """Whether the client is heard of."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    QUIET = "quiet"
    SUSPENDED = "suspended"
    CLOSED = "closed"


def link_state(silent_seconds: float, *, sounding: bool) -> LinkState:
    """Return the state of a connected call.

    Args:
        silent_seconds: Since the last authentic packet.
        sounding: Whether the client sends sound at all.
    """
    patience = 1.0 if sounding else _CHECKS_ONLY
    if silent_seconds >= SUSPEND_AFTER * patience:
        return LinkState.SUSPENDED
    return LinkState.QUIET if silent_seconds >= QUIET_AFTER * patience else LinkState.CONNECTED


class LinkWatch:
    """Judges again and again whether a client is heard of, by the silence of the client alone.

    While the process was stalled, packets waited unread: that time is nobody's silence.
    """

    def __init__(self) -> None:
        self._last_seen = 0.0
        self._deaf_seconds = 0.0

    def judge(self, now: float, due: float, last_seen: float, *, sounding: bool) -> LinkState:
        """Return the state of a connected call.

        Args:
            now: Loop time.
            due: When this look was meant to happen.
            last_seen: When the last authentic packet came.
            sounding: Whether the client sends sound at all.
        """
        if last_seen != self._last_seen:
            self._last_seen, self._deaf_seconds = last_seen, 0.0
        self._deaf_seconds += max(0.0, now - due)
        return link_state(now - last_seen - self._deaf_seconds, sounding=sounding)


class Forwarding(Protocol):
    """Passes the caller's sound on as text frames of a WebSocket, masked and ready to be written."""

    @property
    def envelope(self) -> tuple[bytes, bytes]:
        """What the sound is put between, in base64; a frame of over 8 KB is left to `on_audio`."""
        ...

    def forward(self, sound: bytes) -> Callable[[bytes], None] | None:
        """Take note of a piece; return what writes its frame, which the caller then does.

        Returns:
            None, and nothing was done, where `on_audio` is to have it.
        """
        ...


def _ignore(*_: object) -> None:
    """Stand in for a callback that the driver does not want."""


@dataclasses.dataclass(slots=True)
class MediaHandlers:
    """What a driver wants to be called for; plain functions, called on the loop; each may be left out.

    Attributes:
        on_connected: Sound and events can flow.
        on_audio: With the caller's sound, in the call's format, and its position: milliseconds of the
            caller's clock since the first packet. In order; positions leap over what was never sent.
        forwarding: Is asked before `on_audio`, for sound that comes without a decision, in PCM.
        on_event: With the text of an event from the client.
        on_channel_open: The client has opened the event channel.
        on_playout_paced: When sound begins to leave, or goes on later than it should: how many milliseconds
            of it are left, and in how many all of it will have left.
        on_playout_started: With an item, when its first sound has left.
        on_playout_ended: With an item, when it is complete and its last sound has left; not if flushed.
        on_link: With the state of the link, when it changes between connected, quiet and suspended.
        on_closed: With the reason; once, after everything else.
    """

    on_connected: Callable[[], None] = _ignore
    on_audio: Callable[[bytes, int], None] = _ignore
    forwarding: Forwarding | None = None
    on_event: Callable[[str], None] = _ignore
    on_channel_open: Callable[[], None] = _ignore
    on_playout_paced: Callable[[int, int], None] = _ignore
    on_playout_started: Callable[[str], None] = _ignore
    on_playout_ended: Callable[[str], None] = _ignore
    on_link: Callable[[LinkState], None] = _ignore
    on_closed: Callable[[CloseReason], None] = _ignore
