from typing import Any

import pytest
from litestar import Litestar, get
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.testing import AsyncTestClient

from orchestrator.api.section import Section

pytestmark = pytest.mark.unit


@get("/word")
async def word() -> str:
    return "hello"


def open_to_all(_connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    pass


def open_to_nobody(_connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    raise NotAuthorizedException


def test_an_application_takes_a_section_as_it_is() -> None:
    section = Section("/part", route_handlers=[word])
    assert section.owner is None
    application = Litestar([section], openapi_config=None)
    assert section.owner is application


async def test_applications_of_the_same_handlers_have_guards_of_their_own() -> None:
    guarded = [
        Litestar([Section("/part", route_handlers=[word], guards=[guard])], openapi_config=None)
        for guard in (open_to_all, open_to_nobody)
    ]
    statuses = []
    for application in guarded:
        async with AsyncTestClient(application) as client:
            statuses.append((await client.get("/part/word")).status_code)
    assert statuses == [200, 401]
