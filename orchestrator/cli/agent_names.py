"""Whether the service has an agent of a name, before it is called: the door takes any name."""

from http import HTTPStatus
from typing import Final

import httpx
import msgspec
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from orchestrator.cli.address import Address
from orchestrator.cli.door_client import nothing_there
from orchestrator.cli.exits import UnreachableError
from orchestrator.core.errors import NotFoundError

SECONDS: Final = 10.0
NEAR: Final = 0.8


async def check_agent(address: Address, agent: str | None, key: str | None) -> None:
    """See that the agent exists; a service that does not tell its agents is taken at its word.

    Raises:
        NotFoundError: There is none of this name; says which there are.
        UnreachableError: Nothing answers.
    """
    names = await _names(address, key)
    if agent is None or not names or agent in names:
        return
    nearest = process.extractOne(agent, names, scorer=JaroWinkler.similarity, score_cutoff=NEAR)
    meant = f"Did you mean {nearest[0]}? " if nearest else ""
    raise NotFoundError(f"There is no agent {agent!r}. {meant}There are: {', '.join(names)}.", param="agent")


async def _names(address: Address, key: str | None) -> list[str]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        async with httpx.AsyncClient(timeout=SECONDS, trust_env=not address.is_local) as client:
            answer = await client.get(f"{address.web}/v1/models", headers=headers)
    except httpx.TransportError as error:
        raise UnreachableError(nothing_there(address)) from error
    if answer.status_code != HTTPStatus.OK:
        return []
    try:
        listed = msgspec.json.decode(answer.content, type=dict[str, msgspec.Raw])
        models = msgspec.json.decode(listed.get("data", msgspec.Raw(b"[]")), type=list[dict[str, object]])
    except msgspec.DecodeError:
        return []
    return [str(model["id"]) for model in models if "id" in model]
