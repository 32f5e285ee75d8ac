"""What of each reply the caller is hearing: `output_audio_buffer.*` (Realtime protocol, section 12). Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Stage = Literal["started", "stopped", "cleared"]


@dataclass(slots=True)
class PlayedReply:
    """What of a reply was not heard yet.

    Attributes:
        unheard: Items of which sound waits.
        sounding: Whether its first sound has left.
        done: Whether no further item will come.
    """

    unheard: set[str] = field(default_factory=set)
    sounding: bool = False
    done: bool = False


class OutputBuffer:
    """The sound of replies, from the first that leaves to the last.

    Args:
        tell: Called with what happened, and the reply's id.

    Attributes:
        replies: Of which not all is made and heard, by id.
        reply_of: The reply of each item that waits to be heard.
    """

    def __init__(self, tell: Callable[[Stage, str], None]) -> None:
        self._tell = tell
        self.replies: dict[str, PlayedReply] = {}
        self.reply_of: dict[str, str] = {}

    def take_over(self, other: "OutputBuffer") -> None:
        """Go on with the replies of another connection of the same caller."""
        self.replies, other.replies = other.replies, {}
        self.reply_of, other.reply_of = other.reply_of, {}

    def queued(self, item_id: str, reply_id: str) -> None:
        """Sound of an item waits to leave."""
        if item_id not in self.reply_of:
            self.reply_of[item_id] = reply_id
            self.replies.setdefault(reply_id, PlayedReply()).unheard.add(item_id)

    def started(self, item_id: str) -> str:
        """The first sound of an item has left.

        Returns:
            The id of its reply, empty when it is not known any more.
        """
        reply_id = self.reply_of.get(item_id, "")
        reply = self.replies.get(reply_id)
        if reply is not None and not reply.sounding:
            reply.sounding = True
            self._tell("started", reply_id)
        return reply_id

    def ended(self, item_id: str) -> None:
        """The last sound of an item has left."""
        reply_id = self.reply_of.pop(item_id, "")
        if (reply := self.replies.get(reply_id)) is not None:
            reply.unheard.discard(item_id)
            self._stop_if_over(reply_id, reply)

    def made(self, reply_id: str) -> tuple[str, ...]:
        """A reply is done: no further item will come.

        Returns:
            Its items of which not all has left.
        """
        reply = self.replies.get(reply_id)
        if reply is None:
            return ()
        reply.done = True
        unheard = tuple(reply.unheard)
        self._stop_if_over(reply_id, reply)
        return unheard

    def cleared(self) -> None:
        """Everything that waited was dropped."""
        replies, self.replies = self.replies, {}
        self.reply_of.clear()
        for reply_id, reply in replies.items():
            if reply.sounding:
                self._tell("cleared", reply_id)

    def _stop_if_over(self, reply_id: str, reply: PlayedReply) -> None:
        """The buffer stops after the reply is done, also where the sound ended before (section 12)."""
        if reply.done and not reply.unheard:
            del self.replies[reply_id]
            if reply.sounding:
                self._tell("stopped", reply_id)
