import base64

import pytest

from tests.engine.session_probe import SessionProbe, field, types, user_message

pytestmark = pytest.mark.unit

TENTH_OF_A_SECOND = base64.b64encode(bytes(4800)).decode()


def test_appended_audio_is_never_acknowledged() -> None:
    assert SessionProbe().send("input_audio_buffer.append", audio=TENTH_OF_A_SECOND) == []


def test_committed_audio_becomes_an_item_that_honestly_was_not_heard() -> None:
    probe = SessionProbe()
    probe.add(user_message("before", id="u1"))
    probe.send("input_audio_buffer.append", audio=TENTH_OF_A_SECOND)
    committed, added, done, failed = probe.send("input_audio_buffer.commit")
    assert types([committed, added, done, failed]) == [
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "conversation.item.input_audio_transcription.failed",
    ]
    item_id = committed["item_id"]
    assert committed["previous_item_id"] == added["previous_item_id"] == "u1"
    assert field(added, "item")["id"] == field(done, "item")["id"] == failed["item_id"] == item_id
    assert field(added, "item")["content"] == [{"type": "input_audio", "transcript": None}]
    assert field(failed, "error")["code"] == "audio_unintelligible"
    assert probe.commands() == []


def test_a_commit_of_too_little_is_refused() -> None:
    probe = SessionProbe()
    assert probe.error("input_audio_buffer.commit")["code"] == "input_audio_buffer_commit_empty"
    probe.send("input_audio_buffer.append", audio=TENTH_OF_A_SECOND)
    (cleared,) = probe.send("input_audio_buffer.clear")
    assert cleared["type"] == "input_audio_buffer.cleared"
    assert probe.error("input_audio_buffer.commit")["code"] == "input_audio_buffer_commit_empty"


def test_the_sessions_format_decides_how_long_it_is() -> None:
    probe = SessionProbe()
    probe.send(
        "session.update", session={"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcmu"}}}}
    )
    probe.send("input_audio_buffer.append", audio=base64.b64encode(bytes(800)).decode())
    assert len(probe.send("input_audio_buffer.commit")) == 4


def test_audio_that_is_not_base64_is_refused() -> None:
    probe = SessionProbe()
    assert probe.error("input_audio_buffer.append", audio="???")["param"] == "audio"
    assert probe.error("input_audio_buffer.append")["code"] == "missing_required_parameter"
