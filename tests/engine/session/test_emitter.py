import pytest

from orchestrator.engine.session.emitter import Emitter

pytestmark = pytest.mark.unit


def test_events_come_out_once_in_order_with_their_type_first() -> None:
    emitter = Emitter(lambda prefix: f"{prefix}_x")
    emitter.emit("first", value=1)
    emitter.emit("second")
    assert emitter.take() == [
        {"type": "first", "event_id": "event_x", "value": 1},
        {"type": "second", "event_id": "event_x"},
    ]
    assert emitter.take() == []
    emitter.emit("third", value=None)
    assert list(emitter.take()[0]) == ["type", "event_id", "value"]
