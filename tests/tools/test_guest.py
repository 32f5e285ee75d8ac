import pytest

from orchestrator import ToolError
from tests.tools.running import Caller
from tools.guest import Guest, refuse_card_numbers

pytestmark = pytest.mark.unit


def test_what_is_new_is_learnt_and_what_is_known_stays() -> None:
    guest = Guest(name="Anna")
    guest.learn(None, "555 0123")
    assert guest == Guest(name="Anna", phone="555 0123")
    guest.learn("Bert", None)
    assert guest == Guest(name="Bert", phone="555 0123")


def test_a_missing_name_is_asked_for() -> None:
    assert Guest(name="Anna").require_name("Who?") == "Anna"
    with pytest.raises(ToolError, match=r"Who\?"):
        Guest().require_name("Who?")


@pytest.mark.parametrize(
    "text", ["4111111111111111", "my card is 4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005"]
)
def test_a_card_number_is_refused_wherever_text_is_stored(text: str) -> None:
    with pytest.raises(ToolError, match="Never take one"):
        refuse_card_numbers(None, "harmless", text)
    with pytest.raises(ToolError):
        Guest().learn(text, None)


@pytest.mark.parametrize(
    "text", [None, "", "Anna", "555 0123", "+49 (0)30 1234567", "two at 7:30", "2026-11-20"]
)
def test_other_numbers_are_no_card_numbers(text: str | None) -> None:
    refuse_card_numbers(text)


@pytest.mark.parametrize("phone", ["555 0123", "+1 (555) 010-0123", "0049301234567", "030/1234567"])
def test_phone_numbers_are_taken_as_they_are_said(phone: str) -> None:
    assert Caller("human").violations("take_message", message="m", phone=phone) == []


@pytest.mark.parametrize("phone", ["call me", "12", "4111 1111 1111 1111 111", "5550123x"])
def test_what_is_no_phone_number_is_refused(phone: str) -> None:
    assert Caller("human").violations("take_message", message="m", phone=phone)
