"""The reference of settings says what the code does."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from orchestrator.settings import Settings, environment_name

pytestmark = pytest.mark.unit

REFERENCE = Path(__file__).parents[1] / "docs" / "reference" / "settings.md"


def default_of(field: FieldInfo) -> str:
    return "" if field.default is None else f"`{field.default}`"


def row(name: str, field: FieldInfo) -> str:
    return f"| `{environment_name(name)}` | {default_of(field)} | {field.description} |"


def test_the_reference_lists_every_setting_with_its_default_in_the_order_of_the_code() -> None:
    expected = [row(name, field) for name, field in Settings.model_fields.items()]
    written = [line for line in REFERENCE.read_text().splitlines() if line.startswith("| `")]
    assert written == expected, "the table that docs/reference/settings.md should have:\n" + "\n".join(
        expected
    )


def test_no_default_is_a_secret() -> None:
    assert not any(isinstance(field.default, SecretStr) for field in Settings.model_fields.values())
