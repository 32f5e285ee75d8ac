import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.realtime.serving.client_events import CLIENT_EVENTS, checked_event_type, client_event_id
from orchestrator.realtime.serving.refusal import RefusedError

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("name", list(CLIENT_EVENTS))
def test_each_client_event_is_known(name: str) -> None:
    assert checked_event_type({"type": name, "event_id": "e"}) == name


@pytest.mark.parametrize(
    ("event", "code", "param"),
    [
        ({}, "missing_required_parameter", "type"),
        ({"type": "session.destroy"}, "invalid_value", "type"),
        ({"type": 7}, "invalid_value", "type"),
        ({"type": "response.cancel", "surprise": 1}, "unknown_parameter", "surprise"),
        ({"type": "response.cancel", "event_id": 7}, "invalid_value", "event_id"),
        ({"type": "response.cancel", "event_id": "e" * 513}, "invalid_value", "event_id"),
    ],
)
def test_a_malformed_event_is_refused(event: JsonObject, code: str, param: str) -> None:
    with pytest.raises(RefusedError) as refused:
        checked_event_type(event)
    assert (refused.value.wire_code, refused.value.param) == (code, param)


def test_an_unknown_type_is_answered_with_the_known_names() -> None:
    with pytest.raises(RefusedError) as refused:
        checked_event_type({"type": "session.destroy"})
    for name in CLIENT_EVENTS:
        assert f"'{name}'" in refused.value.message


def test_an_event_id_that_fits_is_echoed() -> None:
    assert client_event_id({"event_id": "e" * 512}) == "e" * 512
    assert client_event_id({"event_id": "e" * 513}) is None
    assert client_event_id({"event_id": 7}) is None
    assert client_event_id({}) is None
