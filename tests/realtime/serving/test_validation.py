from typing import Annotated, Literal

import pytest
from pydantic import Field, TypeAdapter

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.realtime.serving.refusal import RefusedError
from orchestrator.realtime.serving.shapes import Shape
from orchestrator.realtime.serving.validation import (
    check,
    dump,
    only_keys,
    require_object,
    require_text,
    require_whole_number,
)

pytestmark = pytest.mark.unit


class Round(Shape):
    kind: Literal["round"]
    radius: float


class Square(Shape):
    echoes_defaults = False

    kind: Literal["square"]
    side: int = 1


class Drawing(Shape):
    parts: list[Annotated[Round | Square, Field(discriminator="kind")]]
    scale: Annotated[int, Field(le=10)] | Literal["auto"] = "auto"


DRAWING = TypeAdapter(Drawing)


@pytest.mark.parametrize(
    ("value", "code", "param"),
    [
        ({}, "missing_required_parameter", "drawing.parts"),
        ({"parts": [], "x": 1}, "unknown_parameter", "drawing.x"),
        ({"parts": [{"kind": "round"}]}, "missing_required_parameter", "drawing.parts[0].radius"),
        ({"parts": [{}]}, "missing_required_parameter", "drawing.parts[0].kind"),
        ({"parts": [{"kind": "oval"}]}, "invalid_value", "drawing.parts[0].kind"),
        ({"parts": [{"kind": "square", "side": "1"}]}, "invalid_value", "drawing.parts[0].side"),
        ({"parts": [], "scale": 11}, "invalid_value", "drawing.scale"),
        ({"parts": "none"}, "invalid_value", "drawing.parts"),
        ("none", "invalid_value", "drawing"),
    ],
)
def test_a_wrong_object_is_refused_with_the_protocols_code_and_path(
    value: JsonValue, code: str, param: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        check(DRAWING, value, "drawing")
    assert (refused.value.wire_code, refused.value.param) == (code, param)


def test_a_checked_object_is_written_with_or_without_defaults() -> None:
    drawing = check(DRAWING, {"parts": [{"kind": "square"}]}, "drawing")
    assert dump(drawing) == {"parts": [{"kind": "square", "side": 1}], "scale": "auto"}
    assert dump(drawing.parts[0]) == {"kind": "square"}


def test_required_fields_of_an_event_are_read() -> None:
    event: JsonObject = {"name": "a", "count": 0, "inner": {}, "truth": True}
    assert require_text(event, "name") == "a"
    assert require_whole_number(event, "count") == 0
    assert require_object(event, "inner") == {}
    for read, name in ((require_text, "count"), (require_object, "name"), (require_whole_number, "truth")):
        with pytest.raises(RefusedError, match="Invalid"):
            read(event, name)
        with pytest.raises(RefusedError, match="Missing"):
            read(event, "absent")


def test_a_key_that_is_not_allowed_is_named() -> None:
    only_keys({"a": 1}, frozenset({"a"}))
    with pytest.raises(RefusedError) as refused:
        only_keys({"a": 1, "b": 2}, frozenset({"a"}))
    assert (refused.value.wire_code, refused.value.param) == ("unknown_parameter", "b")
