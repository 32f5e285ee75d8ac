"""What tools work with is shown without personal data, and stored with it."""

from dataclasses import replace

import pytest

from orchestrator.core.items import Item
from orchestrator.core.records import RevisionRow
from orchestrator.core.redaction import Redaction
from orchestrator.store.conversations import ConversationSummary
from orchestrator.store.details import ConversationDetails
from orchestrator.store.masking import mask_item, mask_json, mask_states, masked
from orchestrator.store.reading import StoredRecord
from tests.call.test_metrics import RUN

pytestmark = pytest.mark.unit

REDACTION = Redaction(kinds=frozenset({"phones", "cards"}), fields=frozenset({"name"}))
PHONE = "(212) 555-0123"
CALL = Item(
    id="item_1", kind="function_call", name="order", arguments=f'{{"name": "Ada", "n": 2, "to": "{PHONE}"}}'
)
DETAILS = ConversationDetails(
    summary=ConversationSummary(
        id="conv_1",
        agent="desk",
        entry_agent="desk",
        status="idle",
        ended_by=None,
        metadata={},
        labels=[],
        verdict=None,
        created_by=None,
        created_at=1.0,
        updated_at=2.0,
        last_sequence=1,
        turns=0,
        tool_errors=0,
        interruptions=0,
        agents=["desk"],
        has_error=False,
        slowest_turn_ms=None,
    ),
    items=(CALL,),
    sessions=(),
    responses=(),
    tool_runs=(replace(RUN, arguments=f'"{PHONE}"', error=f"no {PHONE}", violations=(f"bad {PHONE}",)),),
    handoffs=(),
    calls=(),
    revisions=(
        RevisionRow(
            state="guest",
            revision=1,
            value={"name": "Ada"},
            item_id="item_2",
            sequence=2,
            tool_call_id=None,
            created_at=1.0,
        ),
    ),
    records=(
        StoredRecord(
            number=1,
            kind="order",
            conversation_id="conv_1",
            tool_call_id="call_1",
            data={"name": "Ada", "phone": PHONE},
            created_at=1.0,
        ),
    ),
    notes=(),
    recordings=(),
)


def test_everything_that_tools_work_with_is_masked() -> None:
    found = masked(DETAILS, REDACTION)
    assert found.items[0].arguments == '{"name": "[field]", "n": 2, "to": "[phone]"}'
    (run,) = found.tool_runs
    assert (run.arguments, run.error, run.violations) == ('"[phone]"', "no [phone]", ("bad [phone]",))
    assert found.revisions[0].value == {"name": "[field]"}
    assert found.records[0].data == {"name": "[field]", "phone": "[phone]"}


def test_without_a_wish_nothing_is_masked() -> None:
    assert masked(DETAILS, Redaction()) is DETAILS


def test_an_output_may_be_prose() -> None:
    output = Item(id="item_2", kind="function_call_output", output=f"Placed for {PHONE}.")
    assert mask_item(output, REDACTION).output == "Placed for [phone]."


def test_messages_were_redacted_when_they_were_stored() -> None:
    message = Item(id="item_3", kind="message", role="user")
    assert mask_item(message, REDACTION) is message


@pytest.mark.parametrize("text", ['{"n":  2}', "[1,2]", "2", "not json", ""])
def test_what_holds_nothing_personal_stays_to_the_letter(text: str) -> None:
    assert mask_json(text, REDACTION) == text


def test_states_are_masked_by_field() -> None:
    assert mask_states({"guest": {"name": "Ada", "seats": 2}}, REDACTION) == {
        "guest": {"name": "[field]", "seats": 2}
    }
