"""Pages in German: each sentence by its English, `{}` for a name or a number; a module for each page."""

from collections.abc import Mapping
from typing import Final

from orchestrator.web.german.agents import AGENTS
from orchestrator.web.german.client import CLIENT
from orchestrator.web.german.conversations import CONVERSATIONS
from orchestrator.web.german.errors import ERRORS
from orchestrator.web.german.frame import FRAME
from orchestrator.web.german.overview import OVERVIEW
from orchestrator.web.german.replays import REPLAYS
from orchestrator.web.german.review import REVIEW, REVIEW_SCRIPTS
from orchestrator.web.german.sign_in import SIGN_IN
from orchestrator.web.german.talk import TALK

PAGES: Final[Mapping[str, Mapping[str, str]]] = {
    "frame": FRAME,
    "sign in": SIGN_IN,
    "talk": TALK,
    "client": CLIENT,
    "overview": OVERVIEW,
    "conversations": CONVERSATIONS,
    "review": REVIEW,
    "review scripts": REVIEW_SCRIPTS,
    "agents": AGENTS,
    "replays": REPLAYS,
    "errors": ERRORS,
}
"""The sentences of each page; one that several pages have stands with each of them, or with one."""
