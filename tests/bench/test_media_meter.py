"""How busy a core was."""

from typing import NamedTuple

import pytest

from bench.media_meter import busy_share

pytestmark = pytest.mark.unit


class Times(NamedTuple):
    """Of a core, as psutil tells them."""

    user: float
    idle: float
    iowait: float


def test_a_core_is_busy_unless_it_idles_or_waits_for_a_disk() -> None:
    assert busy_share(Times(1.0, 10.0, 0.0), Times(2.0, 12.0, 1.0)) == 25.0


def test_no_time_has_no_busy_part() -> None:
    assert busy_share(Times(1.0, 10.0, 0.0), Times(1.0, 10.0, 0.0)) == 0.0
