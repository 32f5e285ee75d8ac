"""The feeds of a node: one for each live conversation that somebody looks at."""

import secrets
import time
from collections.abc import Callable, Iterator

from orchestrator.api.admission import Role
from orchestrator.web.conversation.feed import Feed, Piece
from orchestrator.web.review.view import ReviewView

PARTS = ("facts", "lanes", "turns", "states", "latency")
"""Parts of the page beside its rows that change with the call; each has a template and an id of its name."""

KEPT_SECONDS = 120.0
"""How long a feed is kept that nobody asked for: a reader whose network failed goes on where it was."""


class Feeds:
    """Every feed of this node.

    Args:
        clock: Seconds, to tell which feeds nobody asks for any more.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._feeds: dict[tuple[str, Role], tuple[Feed, float]] = {}

    def observe(self, conversation_id: str, role: Role, view: ReviewView) -> str:
        """Take a conversation as it is now; what a reader has who is shown exactly this."""
        feed = self.feed(conversation_id, role)
        feed.update(list(pieces_of(view)))
        return feed.cursor

    def feed(self, conversation_id: str, role: Role) -> Feed:
        """The feed of a conversation, made where there is none; readers of one role see the same."""
        now = self._clock()
        name = (conversation_id, role)
        for key in [key for key, (_, used) in self._feeds.items() if now - used > KEPT_SECONDS]:
            del self._feeds[key]
        known = self._feeds.get(name)
        feed = known[0] if known else Feed(secrets.token_hex(4))
        self._feeds[name] = (feed, now)
        return feed


def pieces_of(view: ReviewView) -> Iterator[Piece]:
    """The page of a conversation in pieces."""
    before = ""
    for row in view.rows:
        yield Piece(row.key, row, before)
        before = row.key
    contents: dict[str, object] = {
        "facts": (view.facts, view.clock.length_ms),
        "lanes": (view.lanes, view.clock.length_ms, view.agents),
        "turns": view.turns,
        "states": view.revisions,
        "latency": (view.replies, view.facts.wait),
    }
    for name in PARTS:
        yield Piece(name, contents[name])
