"""Errors on their way to a person: a page that says what is wrong and what to do, instead of a document.

Paths of the interfaces, and clients that do not ask for a page, are answered with documents as ever.
"""

import re
from typing import Any, Final
from urllib.parse import quote

from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.response import Redirect, Response

from orchestrator.api.problems import Problem, problem_of, respond
from orchestrator.call import metrics
from orchestrator.web.rendering import NO_STORE, AnyRequest, page
from orchestrator.web.viewer import SignInNeededError

INTERFACES: Final = re.compile(r"/(v1|admin|schema|healthz|readyz|metrics|static)(/|$)")

HEADINGS: Final = {
    400: "That cannot be done",
    401: "Please sign in",
    403: "Not with this key",
    404: "There is nothing here",
    405: "That cannot be done",
    409: "Somebody was faster",
    429: "Too many attempts",
    500: "Something went wrong on our side",
    503: "The store is away",
}
"""What has happened, in a few words, by status."""


def tell(request: AnyRequest, error: Exception) -> Response[Any]:
    """Answer a request with the error that it met: Litestar's exception handler."""
    if INTERFACES.match(request.scope["path"]) or not _is_for_a_person(request):
        return respond(request, error)
    if isinstance(error, SignInNeededError):
        return _sign_in(request, error)
    if isinstance(error, PermissionDeniedException):
        problem = Problem(
            status=403,
            code="forbidden",
            detail="This form was made for another visit, or comes from elsewhere. "
            "Load the page again and repeat what you did.",
        )
    elif isinstance(error, NotFoundException):
        problem = Problem(status=404, code="not_found", detail="No page has this address.")
    else:
        problem = problem_of(error)
    metrics.refused("http", problem.code)
    return page(
        request,
        "error.html",
        status_code=problem.status,
        headers=problem.headers,
        heading=HEADINGS.get(problem.status, HEADINGS[500 if problem.status >= 500 else 400]),
        problem=problem,
    )


def _is_for_a_person(request: AnyRequest) -> bool:
    return "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers


def _sign_in(request: AnyRequest, error: SignInNeededError) -> Response[Any]:
    reading = request.method in {"GET", "HEAD"}
    if "hx-request" in request.headers:
        # The part of a page that was asked for is no place to come back to, but the page is.
        shown = request.headers.get("hx-current-url", "")
        back = "/" + shown.split("/", 3)[3] if shown.count("/") >= 3 else "/"
        return Response(
            None, status_code=error.status, headers={"hx-redirect": sign_in_address(back), **NO_STORE}
        )
    query = request.scope["query_string"].decode("latin-1")
    back = request.url.path + (f"?{query}" if query else "")
    return Redirect(sign_in_address(back if reading else "/"), status_code=303, headers=NO_STORE)


def sign_in_address(back: str) -> str:
    """Where to sign in, and go on from there to the page that was wanted."""
    return "/sign-in" if back == "/" else f"/sign-in?next={quote(back, safe='')}"
