"""Vocabularies of recognisers, from what sessions offer and expect: built once, beside the event loop."""

import asyncio
from functools import lru_cache
from typing import Final

import msgspec

from orchestrator.core.json_value import JsonValue
from orchestrator.engine.session.commands import Listen
from orchestrator.speech.protocol import Vocabulary
from orchestrator.speech.questions import Answer
from orchestrator.speech.vocabulary import ToolText, build_vocabulary

_REMEMBERED: Final = 64
"""Vocabularies that are kept: one for each agent, each state of its tools, each sort of answer."""


async def vocabulary_of(listen: Listen) -> Vocabulary:
    """Answer what a session's caller is likely to say; a big menu takes a tenth of a second, once."""
    tools = [(tool.get("name"), tool.get("description"), tool.get("parameters")) for tool in listen.tools]
    phrases = (*listen.hints, *listen.keywords)
    return await asyncio.to_thread(
        _built, msgspec.json.encode(tools), phrases, listen.language, listen.wanted
    )


@lru_cache(_REMEMBERED)
def _built(encoded: bytes, phrases: tuple[str, ...], language: str, wanted: Answer) -> Vocabulary:
    declared: list[tuple[str, str | None, JsonValue]] = msgspec.json.decode(encoded)
    tools = [ToolText(name, description or "", parameters) for name, description, parameters in declared]
    return build_vocabulary(tools, phrases, language, wanted)
