import pytest

from orchestrator.realtime.serving.handshake import Offer, RejectedError, admitted_model

pytestmark = pytest.mark.unit

TARGET = "/v1/realtime?model=demo"


def test_the_model_of_the_url_is_admitted() -> None:
    assert admitted_model(Offer(TARGET), api_key=None, models=None) == "demo"
    assert admitted_model(Offer("/v1/realtime/?model=a%20b"), api_key=None, models=None) == "a b"


@pytest.mark.parametrize(
    ("target", "is_realtime"),
    [(TARGET, True), ("/v1/realtime/", True), ("/", False), ("/v1/realtime/calls", False)],
)
def test_only_the_realtime_path_is_served(target: str, is_realtime: bool) -> None:
    assert Offer(target).is_realtime is is_realtime


@pytest.mark.parametrize(
    "offer",
    [
        Offer(TARGET, authorization="Bearer secret"),
        Offer(TARGET, authorization="bearer secret "),
        Offer(TARGET, subprotocols=("realtime", "openai-insecure-api-key.secret")),
    ],
)
def test_the_key_comes_by_header_or_subprotocol(offer: Offer) -> None:
    assert admitted_model(offer, api_key="secret", models=None) == "demo"


@pytest.mark.parametrize(
    ("offer", "code", "close_code"),
    [
        (Offer(TARGET), "invalid_api_key", 3000),
        (Offer(TARGET, authorization="Bearer wrong"), "invalid_api_key", 3000),
        (Offer(TARGET, authorization="Basic secret"), "invalid_api_key", 3000),
        (Offer("/v1/realtime", authorization="Bearer secret"), "missing_model", 4000),
        (Offer("/v1/realtime?model=", authorization="Bearer secret"), "missing_model", 4000),
        (Offer("/v1/realtime?model=x", authorization="Bearer secret"), "invalid_model", 4000),
        (Offer("/v1/realtime?call_id=rtc_1", authorization="Bearer secret"), "invalid_value", 4000),
        (
            Offer("/v1/realtime?intent=transcription", authorization="Bearer secret"),
            "invalid_value",
            4000,
        ),
        (
            Offer(TARGET, authorization="Bearer secret", beta="realtime=v1"),
            "beta_api_shape_disabled",
            4000,
        ),
        (
            Offer(TARGET, authorization="Bearer secret", subprotocols=("openai-beta.realtime-v1",)),
            "beta_api_shape_disabled",
            4000,
        ),
    ],
)
def test_a_refused_handshake_has_its_code_and_close_code(offer: Offer, code: str, close_code: int) -> None:
    with pytest.raises(RejectedError) as rejected:
        admitted_model(offer, api_key="secret", models={"demo"})
    assert (rejected.value.wire_code, rejected.value.close_code) == (code, close_code)
    assert "secret" not in rejected.value.message
