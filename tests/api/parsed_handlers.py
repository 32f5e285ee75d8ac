"""What the service's handlers take, read once for all applications that are built after this was imported.

An application copies its handlers with what is known of them; to read their signatures anew is a third of
the time in which it is built.
"""

from litestar.handlers import HTTPRouteHandler

from orchestrator.api.application import ADMIN, COMPATIBLE
from orchestrator.web.pages import PAGES

for handler in (*COMPATIBLE, *ADMIN, *PAGES):
    assert isinstance(handler, HTTPRouteHandler)
    _ = handler.parsed_fn_signature
