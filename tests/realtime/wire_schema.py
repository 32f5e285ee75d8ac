"""Checks wire events against the published types: nothing missing, nothing that no schema knows."""

from typing import Any

from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent
from pydantic import BaseModel, TypeAdapter

SERVED_WITH_SESSIONS = {".session.id", ".session.object", ".session.expires_at"}
"""Every server sends these (protocol reference, section 3); the published type of the event lacks them."""

_client = TypeAdapter(RealtimeClientEvent)
_server = TypeAdapter(RealtimeServerEvent)


def unknown_fields(value: Any, path: str = "") -> list[str]:
    """Name the fields that the schema does not have."""
    if isinstance(value, BaseModel):
        found = [f"{path}.{name}" for name in (value.model_extra or {})]
        for name in type(value).model_fields:
            found += unknown_fields(getattr(value, name), f"{path}.{name}")
        return found
    if isinstance(value, list):
        return [name for entry in value for name in unknown_fields(entry, f"{path}[]")]
    return []


def check_client_event(event: dict[str, Any]) -> None:
    """Fail unless the event is one that a client may send."""
    assert unknown_fields(_client.validate_python(event)) == []


def check_server_event(event: dict[str, Any]) -> None:
    """Fail unless the event is one that a server may send."""
    unknown = set(unknown_fields(_server.validate_python(event)))
    assert unknown - SERVED_WITH_SESSIONS == set()
