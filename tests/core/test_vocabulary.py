"""Events, commands and notices: what goes in and out of the machine is data, and all of it is handled."""

import dataclasses
import typing

import pytest

from orchestrator.core import commands, conversation, engine_events, events, notices

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "union", [events.Event, engine_events.EngineEvent, commands.Command, notices.Notice], ids=str
)
def test_what_goes_in_and_out_is_immutable_data_with_a_docstring(union: object) -> None:
    kinds: tuple[type[object], ...] = typing.get_args(union)
    for kind in kinds:
        assert dataclasses.is_dataclass(kind)
        assert vars(kind)["__dataclass_params__"].frozen
        assert not (kind.__doc__ or "").startswith(f"{kind.__name__}(")


def test_every_event_has_one_handler() -> None:
    ours, theirs = set(conversation._FROM_ELSEWHERE), set(conversation._FROM_ENGINE)
    assert theirs == set(typing.get_args(engine_events.EngineEvent))
    assert ours == set(typing.get_args(events.CallerEvent)) | set(typing.get_args(events.ServiceEvent))
