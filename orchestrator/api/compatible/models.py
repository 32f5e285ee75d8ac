"""`/v1/models`: the agents, for clients that ask what there is before they connect."""

from typing import Annotated, Final, Literal

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta

from orchestrator.api.services import Services
from orchestrator.api.shapes import Shown
from orchestrator.core.errors import NotFoundError

TAG: Final = ["door"]


class Model(Shown):
    """An agent, in the shape of a model."""

    id: Annotated[str, Meta(examples=["triage"])]
    created: int = 0
    object: Literal["model"] = "model"
    owned_by: str = "orchestrator"


class ModelList(Shown):
    """The agents that take part."""

    data: list[Model]
    object: Literal["list"] = "list"


@get("/models", tags=TAG, summary="List agents as models")
async def list_models(services: NamedDependency[Services]) -> ModelList:
    """List the agents that take calls; `model` of a connection names one."""
    agents = services.switchboard.definition.agents.values()
    return ModelList(data=[Model(id=agent.name) for agent in agents if agent.enabled])


@get("/models/{model:str}", tags=TAG, summary="Show an agent as a model")
async def show_model(model: FromPath[str], services: NamedDependency[Services]) -> Model:
    """Show one agent as a model."""
    agent = services.switchboard.definition.agents.get(model)
    if agent is None or not agent.enabled:
        raise NotFoundError(f"There is no agent {model!r} that takes calls.", param="model")
    return Model(id=agent.name)


HANDLERS: Final = (list_models, show_model)
