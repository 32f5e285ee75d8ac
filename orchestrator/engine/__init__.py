"""The embedded engine: a Realtime server of our own, offline.

What other packages use: `EmbeddedEngine` (in process), `serve` (stand-alone), the `Faculties` and brains
behind them, and the `Limits` of a connection.
"""

from orchestrator.engine.brain import Brain, BrainContext, BrainError
from orchestrator.engine.chat.chat_brain import ChatBrain, ChatDeadlines, ChatEndpoint
from orchestrator.engine.demo.demo_brain import DemoBrain
from orchestrator.engine.embedded import EmbeddedEngine, serve
from orchestrator.engine.faculties import Faculties
from orchestrator.engine.server.connection import Limits

__all__ = [
    "Brain",
    "BrainContext",
    "BrainError",
    "ChatBrain",
    "ChatDeadlines",
    "ChatEndpoint",
    "DemoBrain",
    "EmbeddedEngine",
    "Faculties",
    "Limits",
    "serve",
]
