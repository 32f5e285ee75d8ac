"""`/`: what happens now."""

from typing import Any, Final

from litestar import get
from litestar.di import NamedDependency
from litestar.response import Redirect, Response

from orchestrator.api.services import Services
from orchestrator.web.rendering import AnyRequest, page
from orchestrator.web.viewer import SignInNeededError, Viewer


@get("/", opt={"role": "caller"})
async def overview(
    request: AnyRequest, services: NamedDependency[Services], viewer: NamedDependency[Viewer]
) -> Response[Any]:
    """What happens now."""
    if not viewer.may_review and viewer.signed_in:
        return Redirect("/talk", status_code=303)
    if not viewer.may_review:
        raise SignInNeededError("Sign in to see what happens here.")
    return page(request, "overview.html", live=len(services.switchboard.conversations))


HANDLERS: Final = (overview,)
