from typing import Any

import pytest

from orchestrator.core.errors import SettingsError
from orchestrator.realtime.dialects import CAPABILITIES, Capabilities, EngineEndpoint

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("kind", "url", "expected"),
    [
        ("openai", "https://api.openai.com/v1", "wss://api.openai.com/v1/realtime?model=m"),
        ("openai", "https://api.openai.com/v1/", "wss://api.openai.com/v1/realtime?model=m"),
        ("openai", "https://proxy.example", "wss://proxy.example/v1/realtime?model=m"),
        ("openai", "http://127.0.0.1:9/eu/v1", "ws://127.0.0.1:9/eu/v1/realtime?model=m"),
        ("azure", "https://name.openai.azure.com", "wss://name.openai.azure.com/openai/v1/realtime?model=m"),
        (
            "azure",
            "https://name.openai.azure.com/openai/v1/",
            "wss://name.openai.azure.com/openai/v1/realtime?model=m",
        ),
        ("compatible", "ws://host:1", "ws://host:1/v1/realtime?model=m"),
        ("compatible", "ws://host:1/v1/", "ws://host:1/v1/realtime?model=m"),
        ("compatible", "wss://host/speak", "wss://host/speak?model=m"),
        ("compatible", "wss://host/speak?model=own&x=a%20b", "wss://host/speak?model=own&x=a%20b"),
        ("compatible", "wss://host/speak?x=1", "wss://host/speak?x=1&model=m"),
        ("embedded", "ws://127.0.0.1:8001", "ws://127.0.0.1:8001/v1/realtime?model=m"),
    ],
)
def test_each_dialect_is_reached_at_its_own_path(kind: Any, url: str, expected: Any) -> None:
    assert EngineEndpoint(kind=kind, url=url).websocket_url("m") == expected


def test_a_model_name_is_quoted() -> None:
    url = EngineEndpoint(kind="compatible", url="ws://host").websocket_url("a b&c")
    assert url == "ws://host/v1/realtime?model=a%20b%26c"


def test_the_model_is_the_sessions_then_the_endpoints_then_the_dialects() -> None:
    endpoint = EngineEndpoint(kind="openai", model="mine")
    assert endpoint.model_for("wanted") == "wanted"
    assert endpoint.model_for(None) == "mine"
    assert EngineEndpoint(kind="openai").model_for(None) == CAPABILITIES["openai"].default_model
    nameless = EngineEndpoint(kind="compatible", url="ws://host", own_capabilities=Capabilities())
    assert nameless.websocket_url() == "ws://host/v1/realtime"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("openai", {"Authorization": "Bearer k"}),
        ("azure", {"api-key": "k"}),
        ("compatible", {"Authorization": "Bearer k"}),
        ("embedded", {"Authorization": "Bearer k"}),
    ],
)
def test_each_dialect_greets_with_its_own_header(kind: Any, expected: Any) -> None:
    assert EngineEndpoint(kind=kind, api_key="k").headers() == expected
    assert EngineEndpoint(kind=kind).headers() == {}


@pytest.mark.parametrize("url", ["", "host", "ftp://host", "wss://", "https:///path"])
def test_a_url_that_cannot_be_one_is_refused_with_its_field(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        EngineEndpoint(kind="compatible", url=url)
    assert caught.value.param == "url"


def test_neither_key_nor_password_is_ever_shown() -> None:
    endpoint = EngineEndpoint(
        kind="compatible", url="wss://user:hunter2@host/v1?token=hush", api_key="sk-secret"
    )
    assert "sk-secret" not in repr(endpoint)
    assert endpoint.shown_url == "wss://host/v1"
    assert endpoint.redact("Incorrect key sk-secret.") == "Incorrect key ***."
    assert EngineEndpoint(kind="openai").redact("as it was") == "as it was"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("ws://127.0.0.1:1", True),
        ("ws://localhost", True),
        ("ws://[::1]:1", True),
        ("wss://api.example", False),
    ],
)
def test_an_engine_on_this_machine_is_known_as_such(url: str, expected: Any) -> None:
    assert EngineEndpoint(kind="compatible", url=url).is_loopback is expected


def test_a_server_may_differ_from_what_its_kind_can_do() -> None:
    own = Capabilities(audio_out=False)
    assert EngineEndpoint(kind="compatible", url="ws://host", own_capabilities=own).capabilities is own
    assert EngineEndpoint(kind="openai").capabilities is CAPABILITIES["openai"]


def test_only_the_embedded_engine_accepts_hints() -> None:
    assert [kind for kind, able in CAPABILITIES.items() if able.accepts_hints] == ["embedded"]


def test_the_transcriber_is_the_endpoints_then_the_dialects() -> None:
    assert EngineEndpoint(kind="azure", transcription_model="mine").transcription == "mine"
    assert EngineEndpoint(kind="azure").transcription == "whisper-1"
