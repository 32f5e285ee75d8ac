import pytest

from tests.core.driving import Drive


@pytest.fixture
def drive() -> Drive:
    """A conversation that a caller has just joined, its session ready."""
    drive = Drive()
    drive.join()
    return drive
