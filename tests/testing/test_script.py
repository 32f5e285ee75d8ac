from typing import Any

import pytest

from orchestrator.testing import script as dsl
from orchestrator.testing.faults import Fault
from orchestrator.testing.script import Script, ScriptPlayer, contains, expect, refuse, reply
from orchestrator.testing.wire_session import EngineOptions, WireSession
from tests.testing.wire_probe import error_of, types, user

pytestmark = pytest.mark.unit


class Played:
    """A script being played, without a connection."""

    def __init__(self, script: Script) -> None:
        self.session = WireSession(1, "m", EngineOptions(clock=lambda: 0.0))
        self.player = ScriptPlayer(script, self.session)
        self.player.open()
        self._seen = 0

    def send(self, name: str, **fields: Any) -> list[Any]:
        self.player.receive({"type": name, **fields})
        return self.news()

    def news(self) -> list[Any]:
        fresh, self._seen = self.session.sent[self._seen :], len(self.session.sent)
        return fresh

    def fails_with(self, *words: str) -> None:
        problem = self.player.leftover() or ""
        assert [word for word in words if word not in problem] == [], problem


CONFIGURE = {"session": {"type": "realtime", "instructions": "You sell pizza."}}


def test_a_script_that_is_followed_leaves_nothing_over() -> None:
    played = Played(
        Script(
            expect("session.update", {"session": {"instructions": contains("pizza")}}),
            expect("conversation.item.create"),
            expect("response.create"),
            reply(calls=[("add_item", {"name": "margherita"})]),
            expect("conversation.item.create", {"item": {"type": "function_call_output"}}),
            expect("response.create"),
            reply("One margherita. Anything else?"),
        )
    )
    assert types(played.send("session.update", **CONFIGURE)) == ["session.created", "session.updated"]
    assert types(played.send("conversation.item.create", item=user("Hi"))) == [
        "conversation.item.added",
        "conversation.item.done",
    ]
    call = played.send("response.create")[-2]["response"]["output"][0]
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": "done"}
    played.send("conversation.item.create", item=output)
    assert "response.done" in types(played.send("response.create"))
    assert played.player.leftover() is None
    assert played.session.violations == []


def test_another_event_than_expected_is_reported_with_what_was_expected() -> None:
    played = Played(Script(expect("session.update"), expect("response.create")))
    played.send("response.create")
    played.fails_with("connection 1, step 1 of 2", "expected session.update", "received response.create")
    assert not played.session.is_open


def test_an_event_beyond_the_end_is_reported() -> None:
    played = Played(Script())
    played.send("response.create")
    played.fails_with("expected nothing more, received response.create")


def test_what_was_still_to_come_is_reported() -> None:
    played = Played(Script(expect("session.update"), reply("Hi"), expect("response.create")))
    played.fails_with("ended before step 1 of 3: session.update")
    played.send("session.update", **CONFIGURE)
    played.fails_with("ended before step 3 of 3: response.create")


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"session": {"instructions": "x"}}, ["session.instructions: expected 'x', got 'You sell pizza.'"]),
        (
            {"session": {"instructions": contains("sushi")}},
            ["expected contains('sushi'), got 'You sell pizza.'"],
        ),
        ({"session": {"voice": ...}}, ["session.voice: missing"]),
        ({"session": {"type": {"deep": 1}}}, ["session.type: expected an object, got 'realtime'"]),
        ({"session": {"tools": [{"name": "b"}]}}, ["session.tools[0].name: expected 'b', got 'a'"]),
        ({"session": {"tools": []}}, ["session.tools: expected 0 entries"]),
        ({"session": {"type": []}}, ["session.type: expected 0 entries, got 'realtime'"]),
        (lambda event: "missing" in event, ["event does not satisfy", "<lambda>"]),
    ],
)
def test_an_event_that_differs_is_reported_field_by_field(where: Any, words: list[str]) -> None:
    played = Played(Script(expect("session.update", where)))
    session = CONFIGURE["session"] | {"tools": [{"type": "function", "name": "a"}]}
    played.send("session.update", session=session)
    played.fails_with(*words)


@pytest.mark.parametrize(
    "where",
    [
        {"session": {"instructions": ..., "tools": [{"name": "a"}]}},
        {"session": {"type": "realtime"}},
        lambda event: event["session"]["type"] == "realtime",
        None,
    ],
)
def test_an_event_that_agrees_is_answered(where: Any) -> None:
    played = Played(Script(expect("session.update", where)))
    session = CONFIGURE["session"] | {"tools": [{"type": "function", "name": "a"}]}
    assert "session.updated" in types(played.send("session.update", session=session))


def test_after_a_problem_the_rest_is_only_noted() -> None:
    played = Played(Script(expect("session.update")))
    played.send("response.create")
    first = played.player.leftover()
    played.send("session.update", **CONFIGURE)
    assert played.player.leftover() == first
    assert len(played.session.received) == 2


def test_a_refusal_replaces_the_answer_and_what_hangs_on_it_is_excused() -> None:
    played = Played(
        Script(
            expect("conversation.item.create"),
            refuse("invalid_value", "No.", param="item"),
            expect("conversation.item.create"),
        )
    )
    error = error_of(played.send("conversation.item.create", item=user("a", id="a"), event_id="e1"))
    assert (error["code"], error["message"], error["event_id"]) == ("invalid_value", "No.", "e1")
    error_of(played.send("conversation.item.create", item=user("b", id="b"), previous_item_id="a"))
    assert played.session.violations == []


def test_appended_audio_needs_no_expectation_and_other_events_may_be_let_pass() -> None:
    played = Played(Script(expect("response.create"), passing=["session.update"]))
    played.send("input_audio_buffer.append", audio="AAAA")
    assert "session.updated" in types(played.send("session.update", **CONFIGURE))
    played.send("response.create")
    assert played.player.leftover() is None


def test_what_may_pass_is_matched_where_it_is_expected() -> None:
    script = Script(expect("session.update", {"session": {"instructions": "x"}}), passing=["session.update"])
    played = Played(script)
    played.send("session.update", **CONFIGURE)
    played.fails_with("session.instructions: expected 'x'")


def test_a_script_may_send_speak_expire_close_and_drop() -> None:
    speaking = Played(Script(dsl.speak("Hello"), reply("Hi"), dsl.expire()))
    assert types(speaking.news())[1] == "input_audio_buffer.speech_started"
    assert not speaking.session.is_open
    sending = Played(
        Script(dsl.send({"type": "rate_limits.updated", "rate_limits": []}), dsl.close(1012, "x"))
    )
    assert types(sending.news())[-1] == "rate_limits.updated"
    assert not sending.session.is_open
    assert not Played(Script(dsl.drop())).session.is_open


def test_a_held_reply_goes_on_when_the_script_says_so() -> None:
    played = Played(
        Script(
            expect("response.create"),
            reply("one two", hold_after=1),
            expect("conversation.item.create"),
            dsl.go_on(),
        )
    )
    assert "response.done" not in types(played.send("response.create"))
    assert types(played.send("conversation.item.create", item=user("Hi")))[-2] == "response.done"


def test_a_hold_waits_for_the_test_and_keeps_what_comes_meanwhile() -> None:
    played = Played(Script(expect("session.update"), dsl.hold(), expect("response.create"), reply("Hi")))
    played.send("session.update", **CONFIGURE)
    assert played.send("response.create") == []
    played.player.release()
    assert "response.done" in types(played.news())
    assert played.player.leftover() is None


def test_a_release_where_nothing_is_held_lets_replies_go_on() -> None:
    played = Played(Script(expect("response.create"), reply("one two", hold_after=1)))
    played.send("response.create")
    played.player.release()
    assert "response.done" in types(played.news())


def test_a_script_may_begin_or_go_on_with_a_fault() -> None:
    assert Played(Script(dsl.fault(Fault.DROP_BEFORE_CREATED))).news() == []
    played = Played(
        Script(expect("session.update"), dsl.fault(Fault.REFUSED_ITEM), expect("conversation.item.create"))
    )
    played.send("session.update", **CONFIGURE)
    assert error_of(played.send("conversation.item.create", item=user("Hi")))["code"] == "invalid_value"
    assert Played(Script(dsl.fault(Fault.SESSION_LIMIT))).news()[0]["session"]["expires_at"] == 90


def test_a_leftover_act_and_hold_are_named() -> None:
    played = Played(Script(dsl.hold(), reply("Hi")))
    played.fails_with("step 1 of 2: hold")


def test_a_refusal_without_an_event_to_refuse_is_an_error_of_the_script() -> None:
    with pytest.raises(TypeError, match="right after the `expect`"):
        Script(refuse("odd"))
    with pytest.raises(TypeError, match="right after the `expect`"):
        Script(expect("response.create"), reply("Hi"), refuse("odd"))
