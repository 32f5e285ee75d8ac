import pytest

from orchestrator.media.handlers import LinkState, MediaHandlers, link_state

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("silent", "sounding", "state"),
    [
        (0.0, True, LinkState.CONNECTED),
        (1.9, True, LinkState.CONNECTED),
        (2.0, True, LinkState.QUIET),
        (7.9, True, LinkState.QUIET),
        (8.0, True, LinkState.SUSPENDED),
        (3.9, False, LinkState.CONNECTED),
        (4.0, False, LinkState.QUIET),
        (16.0, False, LinkState.SUSPENDED),
    ],
)
def test_silence_of_the_client_is_judged_by_whether_it_sends_sound(
    silent: float, sounding: bool, state: LinkState
) -> None:
    assert link_state(silent, sounding=sounding) is state


def test_a_driver_may_leave_every_callback_out() -> None:
    handlers = MediaHandlers()
    handlers.on_connected()
    handlers.on_audio(b"", 0)
    handlers.on_link(LinkState.QUIET)
