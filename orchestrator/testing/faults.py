"""What can go wrong at an engine, and when: one named fault at a time, or a seeded schedule of many."""

import random
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Final, Self


class Fault(StrEnum):
    """One way in which an engine fails its client."""

    DROP_BEFORE_CREATED = "drop_before_created"
    """The connection is lost before `session.created`."""
    REFUSED_SESSION = "refused_session"
    """A `session.update` is answered with an error, and nothing of it applied."""
    REFUSED_VOICE = "refused_voice"
    """A `session.update` that names a voice is answered with `cannot_update_voice`."""
    SESSION_LIMIT = "session_limit"
    """The session expires within `NEAR_SECONDS`."""
    SESSION_EXPIRED = "session_expired"
    """A `response.create` is answered with `session_expired`, and the connection closed with 1001."""
    REFUSED_ITEM = "refused_item"
    """A `conversation.item.create` is answered with an error."""
    SLOW_ACKNOWLEDGEMENT = "slow_acknowledgement"
    """An item is acknowledged only after the client's next event."""
    ACTIVE_RESPONSE = "active_response"
    """A `response.create` meets a response that voice activity has just made."""
    DROP_MID_RESPONSE = "drop_mid_response"
    """The connection is lost after the first delta of a response."""
    DROP_AFTER_CALL = "drop_after_call"
    """The connection is lost right after a response that calls a function."""
    DROP_AFTER_OUTPUT = "drop_after_output"
    """The connection is lost when a tool's output arrives, before it is acknowledged."""
    TEXT_FOR_AUDIO = "text_for_audio"
    """A response comes as text although audio was asked for."""
    MISSING_DONE = "missing_done"
    """A response never gets its `response.done`."""
    FAILED = "failed"
    """A response fails with `server_error`."""
    RATE_LIMITED = "rate_limited"
    """A response fails with `rate_limit_exceeded`."""
    INCOMPLETE = "incomplete"
    """A response ends for `max_output_tokens`, its calls left out."""
    LATE_TRANSCRIPT = "late_transcript"
    """The transcript of caller audio comes after the reply to it."""
    NO_TRANSCRIPT = "no_transcript"
    """Caller audio is never transcribed."""
    UNKNOWN_EVENTS = "unknown_events"
    """Events and fields that no schema knows are sent."""
    NULL_USAGE = "null_usage"
    """A response tells no usage."""


NEAR_SECONDS: Final = 90.0
"""How soon a session expires that `SESSION_LIMIT` struck."""


class FaultPlan:
    """Decides on which occasions a fault strikes. An engine without a plan has none.

    An occasion is whenever a fault could strike, counted for each fault from 1 over the engine's life; so a
    plan comes out the same in every run in which the client does the same.
    """

    def __init__(self) -> None:
        self._planned: dict[Fault, set[int]] = {}
        self._occasions: Counter[Fault] = Counter()
        self._seed: int | str | None = None
        self._rate = 0.0
        self._seeded: frozenset[Fault] = frozenset()
        self._at_most = 0
        self.struck: list[Fault] = []

    @classmethod
    def once(cls, fault: Fault, *, occasion: int = 1) -> Self:
        """A plan with one fault, on its first occasion or a later one."""
        return cls().add(fault, occasion=occasion)

    @classmethod
    def seeded(
        cls, seed: int | str, *, rate: float = 0.05, faults: Iterable[Fault] = Fault, at_most: int = 5
    ) -> Self:
        """A plan drawn from a seed: the same seed strikes on the same occasions.

        Args:
            seed: To be printed with a failure, and given again to repeat it.
            rate: Share of occasions on which a fault strikes.
            faults: Those that may.
            at_most: Strikes in all, so that the conversation comes to an end.
        """
        plan = cls()
        plan._seed, plan._rate, plan._seeded, plan._at_most = seed, rate, frozenset(faults), at_most
        return plan

    def add(self, fault: Fault, *, occasion: int = 1) -> Self:
        """Plan one more strike; answers the plan itself."""
        self._planned.setdefault(fault, set()).add(occasion)
        return self

    def soon(self, fault: Fault) -> None:
        """Plan a strike for the next occasion from now."""
        self.add(fault, occasion=self._occasions[fault] + 1)

    def strikes(self, fault: Fault) -> bool:
        """Count an occasion, and answer whether the fault strikes on it."""
        self._occasions[fault] += 1
        occasion = self._occasions[fault]
        struck = occasion in self._planned.get(fault, ()) or self._drawn(fault, occasion)
        if struck:
            self.struck.append(fault)
        return struck

    def _drawn(self, fault: Fault, occasion: int) -> bool:
        if self._seed is None or fault not in self._seeded or len(self.struck) >= self._at_most:
            return False
        # Drawn by name and number, so that no fault shifts the luck of another.
        return random.Random(f"{self._seed}/{fault}/{occasion}").random() < self._rate  # noqa: S311 - no secret
