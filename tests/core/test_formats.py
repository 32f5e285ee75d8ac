import pytest

from orchestrator.core.formats import FORMATS

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("name", "value", "sound"),
    [
        ("date", "2026-11-20", True),
        ("date", "2026-13-20", False),
        ("date", "20261120", False),
        ("date", "tomorrow", False),
        ("time", "18:30", True),
        ("time", "18:30:15+01:00", True),
        ("time", "half past six", False),
        ("date-time", "2026-11-20T18:30:00Z", True),
        ("date-time", "2026-11-20T18:30:00", True),
        ("date-time", "1732123456", False),
        ("date-time", "1732123456.5", False),
        ("duration", "PT30M", True),
        ("duration", "a while", False),
        ("uri", "https://example.test/a", True),
        ("uri", "example", False),
        ("email", "anna@example.test", True),
        ("email", "anna", False),
        ("uuid", "0b0e43a2-4b38-4c0a-8b0b-4e8f5f3e6f6a", True),
        ("uuid", "0b0e", False),
        ("ipv4", "127.0.0.1", True),
        ("ipv4", "127.0.0.256", False),
        ("regex", "a+", True),
        ("regex", "(", False),
        ("unheard-of", "anything", True),
        ("date", 20261120, True),
    ],
)
def test_a_format_is_checked_for_texts(name: str, value: object, sound: bool) -> None:
    assert FORMATS.conforms(value, name) is sound
