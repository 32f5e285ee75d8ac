import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.store.agent_revisions import AgentRevision
from orchestrator.web.agents.differences import DifferentLine, changes_of
from orchestrator.web.wording import WORDINGS

pytestmark = pytest.mark.unit

CLASS: JsonObject = {"instructions": "one\ntwo\nthree", "voice": "marin", "turn_detection": None}


def revision(number: int, **overrides: object) -> AgentRevision:
    made: JsonObject = dict(overrides)  # type: ignore[arg-type]  # the tests' own values
    return AgentRevision(
        agent="desk", revision=number, overrides=made, author="admin", note="", created_at=0.0
    )


def test_each_revision_is_compared_with_the_one_before_and_the_first_with_the_class() -> None:
    first = revision(1, instructions="one\n2\nthree")
    second = revision(2, instructions="one\n2\nthree", turn_detection={"type": "none"})
    third = revision(3)
    newest, middle, oldest = changes_of(CLASS, [third, second, first], may_read_all=True)
    assert [difference.setting for difference in oldest.differences] == ["instructions"]
    assert oldest.differences[0].lines == (
        DifferentLine("same", "one"),
        DifferentLine("out", "two"),
        DifferentLine("in", "2"),
        DifferentLine("same", "three"),
    )
    assert [difference.setting for difference in middle.differences] == ["turn_detection"]
    assert DifferentLine("out", "not set") in middle.differences[0].lines
    assert [difference.setting for difference in newest.differences] == ["instructions", "turn_detection"]


def test_a_setting_that_is_not_set_is_called_so_in_the_language_of_the_page() -> None:
    made = revision(1, turn_detection={})
    (change,) = changes_of(CLASS, [made], may_read_all=True, word=WORDINGS["de"])
    assert DifferentLine("out", "nicht gesetzt") in change.differences[0].lines


def test_places_far_apart_have_a_gap_between_them() -> None:
    before: JsonObject = {"instructions": "\n".join(str(number) for number in range(40))}
    after = revision(
        1, instructions="\n".join("x" if number in {3, 30} else str(number) for number in range(40))
    )
    (change,) = changes_of(before, [after], may_read_all=True)
    assert [line.kind for line in change.differences[0].lines].count("gap") == 1


def test_instructions_are_hidden_from_who_may_not_read_them() -> None:
    (change,) = changes_of(CLASS, [revision(1, instructions="secret", voice="cedar")], may_read_all=False)
    hidden, voice = change.differences
    assert (hidden.setting, hidden.lines) == ("instructions", ())
    assert voice.lines
