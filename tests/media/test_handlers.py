import pytest

from orchestrator.media.handlers import LinkState, LinkWatch, MediaHandlers, link_state

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


def test_a_client_that_sends_nothing_is_given_up_after_eight_seconds_of_listening() -> None:
    watch = LinkWatch()
    states = [watch.judge(float(now), float(now), 0.0, sounding=True) for now in range(10)]
    assert states == [LinkState.CONNECTED] * 2 + [LinkState.QUIET] * 6 + [LinkState.SUSPENDED] * 2


def test_a_stall_of_our_own_is_no_silence_of_the_client() -> None:
    watch = LinkWatch()
    watch.judge(1.0, 1.0, 0.9, sounding=True)
    assert watch.judge(62.0, 2.0, 0.9, sounding=True) is LinkState.CONNECTED
    assert watch.judge(63.0, 63.0, 62.5, sounding=True) is LinkState.CONNECTED
    assert watch.judge(69.0, 69.0, 62.5, sounding=True) is LinkState.QUIET


def test_a_client_that_went_during_a_stall_is_given_up_eight_seconds_later() -> None:
    watch = LinkWatch()
    watch.judge(1.0, 1.0, 1.0, sounding=True)
    states = [watch.judge(now, 2.0 if now == 62.0 else now, 1.0, sounding=True) for now in (62.0, 68.0, 69.0)]
    assert states == [LinkState.CONNECTED, LinkState.QUIET, LinkState.SUSPENDED]


def test_a_driver_may_leave_every_callback_out() -> None:
    handlers = MediaHandlers()
    handlers.on_connected()
    handlers.on_audio(b"", 0)
    handlers.on_link(LinkState.QUIET)
