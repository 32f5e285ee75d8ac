"""How long tests wait for what is sure to come.

However busy the machine is, such a wait meets its deadline only where something is broken. Where a deadline
is what a test is about, it is short, stands in that test, and bounds nothing else.
"""

from typing import Final

from orchestrator.speech.deadlines import Deadlines

PATIENCE: Final = 120.0
"""Seconds."""

PATIENT: Final = Deadlines(connect=PATIENCE, first=PATIENCE, next=PATIENCE, final=PATIENCE)
"""Of a voice or a recogniser that is sure to answer."""
