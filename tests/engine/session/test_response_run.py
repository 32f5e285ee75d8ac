from base64 import b64decode

import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.session.emitter import Emitter
from orchestrator.engine.session.items import Items
from orchestrator.engine.session.response_run import ResponseRun
from orchestrator.speech.protocol import Speech, WordTime
from tests.engine.session_probe import checked_against_stock_types, counting_ids, field, types, user_message
from tests.speech.speaking import silence

pytestmark = pytest.mark.unit

MESSAGE_TURN = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
]
CALL_TURN = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
]


class Bench:
    """A run with its surroundings."""

    def __init__(self, conversation_id: str | None = "conv_1", audio_format: str | None = None) -> None:
        new_id = counting_ids()
        self.emitter = Emitter(new_id)
        self.items = Items()
        self.items.add(user_message("hello", id="u1"))
        shown: JsonObject = {"metadata": {"topic": "x"}, "output_modalities": ["text"]}
        self.run = ResponseRun(
            "resp_1",
            conversation_id,
            shown,
            emitter=self.emitter,
            items=self.items,
            new_id=new_id,
            audio_format=audio_format,
        )
        self.run.created()

    def events(self) -> list[JsonObject]:
        return [checked_against_stock_types(event) for event in self.emitter.take()]


def test_a_text_turn_has_the_captured_order() -> None:
    bench = Bench()
    bench.run.text("Hello")
    bench.run.text(" there")
    bench.run.finish("completed", None, None)
    events = bench.events()
    assert types(events) == MESSAGE_TURN
    created, added, item_added, part, delta = events[:5]
    assert field(created, "response")["metadata"] == {"topic": "x"}
    assert field(created, "response")["output"] == []
    assert field(added, "item")["content"] == []
    assert field(added, "item")["status"] == "in_progress"
    assert item_added["previous_item_id"] == "u1"
    assert part["part"] == {"type": "text", "text": ""}
    for event in (part, delta, *events[6:8]):
        place = [event[name] for name in ("response_id", "item_id", "output_index", "content_index")]
        assert place == ["resp_1", "item_1", 0, 0]
    assert events[6]["text"] == "Hello there"
    assert events[7]["part"] == {"type": "text", "text": "Hello there"}
    done = field(events[-1], "response")
    assert done["output"] == [events[-2]["item"]] == [events[-3]["item"]] == [bench.items["item_1"]]
    assert bench.items["item_1"]["content"] == [{"type": "output_text", "text": "Hello there"}]
    assert bench.items["item_1"]["status"] == "completed"
    assert bench.run.output_tokens == 2


def test_a_function_call_has_the_captured_order() -> None:
    bench = Bench()
    bench.run.call_started("look", None)
    bench.run.call_arguments('{"at":')
    bench.run.call_arguments('"sky"}')
    bench.run.finish("completed", None, None)
    events = bench.events()
    assert types(events) == CALL_TURN
    begun, done = field(events[1], "item"), field(events[-2], "item")
    assert (begun["arguments"], begun["call_id"], begun["name"]) == ("", "call_1", "look")
    assert (done["arguments"], done["call_id"], done["status"]) == ('{"at":"sky"}', "call_1", "completed")
    assert (events[5]["name"], events[5]["arguments"]) == ("look", '{"at":"sky"}')
    assert field(events[-1], "response")["output"] == [done]


def test_a_message_and_two_calls_are_three_output_items() -> None:
    bench = Bench()
    bench.run.text("One moment.")
    bench.run.call_started("look", "call_a")
    bench.run.call_arguments("{}")
    bench.run.call_started("listen", "call_b")
    bench.run.call_arguments("{}")
    bench.run.finish("completed", None, None)
    events = bench.events()
    output = field(events[-1], "response")["output"]
    assert isinstance(output, list)
    assert [item["type"] for item in output if isinstance(item, dict)] == [
        "message",
        "function_call",
        "function_call",
    ]
    indexes = [e["output_index"] for e in events if e["type"] == "response.output_item.done"]
    assert indexes == [0, 1, 2]
    previous = [e["previous_item_id"] for e in events if e["type"] == "conversation.item.added"]
    assert previous == ["u1", "item_1", "item_2"]


def test_a_cancelled_message_is_told_with_its_partial_text() -> None:
    bench = Bench()
    bench.run.text("Hello")
    bench.run.finish("cancelled", {"type": "cancelled", "reason": "client_cancelled"}, None)
    events = bench.events()
    assert types(events)[-5:] == MESSAGE_TURN[-5:]
    assert field(events[-2], "item")["status"] == "incomplete"
    assert bench.items["item_1"]["status"] == "incomplete"


def test_a_cancelled_call_never_says_that_its_arguments_are_done() -> None:
    bench = Bench()
    bench.run.call_started("look", None)
    bench.run.call_arguments('{"at":')
    bench.run.finish("cancelled", {"type": "cancelled", "reason": "client_cancelled"}, None)
    events = bench.events()
    assert "response.function_call_arguments.done" not in types(events)
    assert field(events[-2], "item")["status"] == "incomplete"


def test_out_of_band_items_never_join_the_conversation() -> None:
    bench = Bench(conversation_id=None)
    bench.run.text("Hello")
    bench.run.finish("completed", None, None)
    events = bench.events()
    assert not [name for name in types(events) if name.startswith("conversation.")]
    assert field(events[-1], "response")["conversation_id"] is None
    assert [item["id"] for item in bench.items] == ["u1"]


def test_an_item_that_was_deleted_while_it_grew_is_not_brought_back() -> None:
    bench = Bench()
    bench.run.text("Hello")
    bench.items.delete("item_1")
    bench.run.finish("completed", None, None)
    events = bench.events()
    assert "conversation.item.done" not in types(events)
    assert types(events)[-2:] == ["response.output_item.done", "response.done"]
    assert [item["id"] for item in bench.items] == ["u1"]


def test_empty_words_and_stray_arguments_say_nothing() -> None:
    bench = Bench()
    bench.run.call_arguments("{}")
    bench.run.text("")
    bench.run.call_arguments("{}")
    bench.run.finish("completed", None, None)
    assert [name for name in types(bench.events()) if name.endswith("delta")] == []


SPOKEN_TURN = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio_transcript.delta",
    "response.output_audio.delta",
    "response.output_audio.delta",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
]


def test_a_spoken_turn_has_the_documented_order() -> None:
    bench = Bench(audio_format="audio/pcm")
    bench.run.text("Hello there")
    bench.run.sound(Speech(silence(300), (WordTime(0, 5, 0, 150), WordTime(6, 11, 150, 300))))
    bench.run.finish("completed", None, None)
    events = bench.events()
    assert types(events) == SPOKEN_TURN
    assert events[3]["part"] == {"type": "audio", "transcript": ""}
    assert [len(b64decode(str(event["delta"]))) for event in events[5:7]] == [9600, 4800]
    assert events[8]["transcript"] == "Hello there"
    assert events[9]["part"] == {"type": "audio", "transcript": "Hello there"}
    for event in (*events[3:10],):
        place = [event[name] for name in ("response_id", "item_id", "output_index", "content_index")]
        assert place == ["resp_1", "item_1", 0, 0]
    assert bench.items["item_1"]["content"] == [{"type": "output_audio", "transcript": "Hello there"}]
    assert (bench.run.sound_ms, bench.run.audio_tokens, bench.run.output_tokens) == (300, 6, 2)


def test_a_spoken_item_can_be_truncated_while_it_grows_and_stays_cut() -> None:
    bench = Bench(audio_format="audio/pcm")
    bench.run.text("Hello there")
    bench.run.sound(Speech(silence(300), (WordTime(0, 5, 0, 150), WordTime(6, 11, 150, 300))))
    bench.items.truncate("item_1", 0, 200)
    bench.run.sound(Speech(silence(100)))
    bench.run.finish("cancelled", {"type": "cancelled", "reason": "turn_detected"}, None)
    assert bench.items["item_1"]["content"] == [{"type": "output_audio", "transcript": "Hello"}]


def test_telephone_sound_is_counted_as_it_is_sent() -> None:
    bench = Bench(audio_format="audio/pcma")
    bench.run.text("Hello")
    bench.run.sound(Speech(silence(1000)))
    bench.run.call_started("look", None)
    sent = b"".join(
        b64decode(str(event["delta"]))
        for event in bench.events()
        if event["type"] == "response.output_audio.delta"
    )
    assert len(sent) == 8000
    assert bench.run.sound_ms == 1000


def test_sound_without_a_spoken_message_is_left_out() -> None:
    bench = Bench()
    bench.run.sound(Speech(silence(100)))
    bench.run.text("Hello")
    bench.run.sound(Speech(silence(100)))
    bench.run.finish("completed", None, None)
    assert types(bench.events()) == [*MESSAGE_TURN[:4], *MESSAGE_TURN[5:]]
