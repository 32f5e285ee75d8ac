"""Two agents for the media benchmark, which speak with the engine's own voice from first to last."""

from orchestrator import Agent, Handoff


class First(Agent, entry=True):
    """Takes the call."""

    instructions = "You take calls. FIRST"
    voice = "marin"
    reload = "native"
    handoffs = [Handoff("second", when="anything else")]


class Second(Agent):
    """Takes over."""

    instructions = "You take over. SECOND"
    voice = "cedar"
    reload = "native"
