from typing import Any

import pytest

from orchestrator.testing.faults import Fault
from orchestrator.testing.turns import SessionView, says
from orchestrator.testing.wire_session import HangUpFrame
from tests.testing.wire_probe import Probe, error_of, types, user

pytestmark = pytest.mark.unit


def test_a_session_greets_with_all_its_settings() -> None:
    created: Any = Probe().news()[0]
    assert created["type"] == "session.created"
    assert created["session"]["expires_at"] == 1000 + 3600
    assert created["session"]["audio"]["output"]["voice"] == "marin"


def test_an_update_changes_only_what_it_names_and_tells_everything() -> None:
    probe = Probe()
    probe.configure(instructions="Be brief.", audio={"input": {"turn_detection": None}})
    events: Any = probe.configure(tools=[], audio={"output": {"voice": "cedar"}})
    session = events[-1]["session"]
    assert session["instructions"] == "Be brief."
    assert session["audio"]["input"]["turn_detection"] is None
    assert session["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24000}
    assert session["audio"]["output"]["voice"] == "cedar"


def test_an_update_without_a_side_of_the_audio_leaves_that_side() -> None:
    events: Any = Probe().configure(audio={"input": None, "output": {"speed": 1.5}})
    audio = events[-1]["session"]["audio"]
    assert audio["input"]["format"] == {"type": "audio/pcm", "rate": 24000}
    assert audio["output"]["speed"] == 1.5


def test_identity_and_end_of_a_session_cannot_be_updated() -> None:
    events: Any = Probe().configure(model="other", id="mine", expires_at=1)
    session = events[-1]["session"]
    assert (session["model"], session["id"], session["expires_at"]) == ("m", "sess_1_1", 4600)


def test_a_refused_update_changes_nothing_and_names_the_event() -> None:
    probe = Probe()
    before = probe.session.session
    error = error_of(probe.send("session.update", session={"type": "realtime", "x": 1}, event_id="e1"))
    assert (error["code"], error["param"], error["event_id"]) == ("unknown_parameter", "session.x", "e1")
    assert probe.session.session == before
    assert probe.session.violations == ["session.update: unknown_parameter: Unknown parameter: 'session.x'."]


def test_the_voice_is_fixed_by_the_first_speech() -> None:
    probe = Probe(lambda _view: says("Hi"))
    probe.configure(audio={"output": {"voice": "cedar"}})
    probe.send("response.create")
    probe.configure(audio={"output": {"voice": "cedar"}})
    assert probe.session.violations == []
    assert error_of(probe.configure(audio={"output": {"voice": "ash"}}))["code"] == "cannot_update_voice"


def test_text_does_not_fix_the_voice() -> None:
    probe = Probe(lambda _view: says("Hi"))
    probe.text_mode()
    probe.send("response.create")
    assert types(probe.configure(audio={"output": {"voice": "ash"}})) == ["session.updated"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [(Fault.REFUSED_SESSION, "invalid_value"), (Fault.REFUSED_VOICE, "cannot_update_voice")],
)
def test_an_update_may_be_refused_by_plan_which_is_nobodys_violation(fault: Fault, code: str) -> None:
    probe = Probe(None, fault)
    voice = {"output": {"voice": "ash"}}
    assert error_of(probe.configure(instructions="New.", audio=voice))["code"] == code
    assert probe.session.session["instructions"] == "Be helpful."
    assert probe.session.violations == []
    assert types(probe.configure(audio=voice)) == ["session.updated"]


def test_a_session_may_be_lost_before_it_begins() -> None:
    probe = Probe(None, Fault.DROP_BEFORE_CREATED)
    assert probe.news() == []
    assert not probe.session.is_open


def test_a_session_may_be_near_its_limit() -> None:
    created: Any = Probe(None, Fault.SESSION_LIMIT).news()[0]
    assert created["session"]["expires_at"] == 1090


async def test_an_expired_session_says_so_and_closes() -> None:
    probe = Probe()
    probe.session.expire()
    probe.session.hang_up(4000)
    assert error_of(probe.news())["code"] == "session_expired"
    frames = [await probe.session.next_outgoing() for _ in range(3)]
    assert frames[-1] == HangUpFrame(1001)
    assert probe.send("response.create") == []


@pytest.mark.parametrize("event", [{"type": "no.such.event"}, {}])
def test_an_unknown_event_is_refused_and_noted(event: dict[str, Any]) -> None:
    probe = Probe()
    probe.session.receive(event)
    assert error_of(probe.news())["param"] == "type"
    assert len(probe.session.violations) == 1


def test_the_log_keeps_events_as_they_were() -> None:
    probe = Probe(lambda view: says(f"You said {view.user_text}"))
    probe.add(user("Hello"))
    probe.send("response.create")
    assert types(probe.session.received) == ["conversation.item.create", "response.create"]
    assert len(probe.session.received_of("response.create")) == 1
    added: Any = probe.session.sent_of("conversation.item.added")[-1]
    assert (added["item"]["status"], added["item"]["content"]) == ("in_progress", [])


def test_a_responder_sees_model_instructions_and_items() -> None:
    views: list[SessionView] = []

    def respond(view: SessionView) -> Any:
        views.append(view)
        return says("Hi")

    probe = Probe(respond)
    probe.configure(instructions="Be brief.")
    probe.add(user("Hello"))
    probe.send("response.create", response={"metadata": {"k": "v"}})
    seen = views[0]
    assert (seen.number, seen.model, seen.instructions) == (1, "m", "Be brief.")
    assert (seen.user_text, seen.options) == ("Hello", {"metadata": {"k": "v"}})


def test_a_client_that_left_is_sent_nothing_more() -> None:
    probe = Probe()
    probe.news()
    probe.session.client_left()
    probe.session.send("response.created")
    assert probe.news() == []


def test_hints_are_understood_only_where_they_are_accepted() -> None:
    assert error_of(Probe().configure(hints={}))["code"] == "unknown_parameter"
    assert types(Probe(accepts_hints=True).configure(hints={"add": ["x"]})[-1:]) == ["session.updated"]
