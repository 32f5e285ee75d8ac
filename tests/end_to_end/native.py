"""Two agents that speak with the engine's own voice, after a handoff too."""

from orchestrator import Agent, Handoff


class Counter(Agent, entry=True):
    """Sells bread."""

    instructions = "You sell bread."
    voice = "marin"
    reload = "native"
    handoffs = [Handoff("kitchen", when="anything about cakes")]


class Kitchen(Agent):
    """Bakes cakes."""

    instructions = "You bake cakes."
    voice = "cedar"
    reload = "native"
