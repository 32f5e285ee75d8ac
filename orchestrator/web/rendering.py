"""Makes a page of a template: what every page is told, and the headers that every page carries."""

import inspect
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from jinja2 import PackageLoader, StrictUndefined
from litestar import MediaType, Request
from litestar.datastructures import Cookie
from litestar.response import Response
from litestar.utils.empty import value_or_default
from litestar.utils.scope.state import ScopeState

from orchestrator.web.formats import FILTERS
from orchestrator.web.review.shown import REVIEW_FILTERS
from orchestrator.web.static_files import static
from orchestrator.web.translating import TranslatedEnvironment
from orchestrator.web.viewer import viewer_of
from orchestrator.web.wording import LANGUAGES, WORDINGS, Wording, language_of

POLICY: Final = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
"""Nothing from elsewhere, no script and no style within a page."""

NO_STORE: Final = {"cache-control": "no-store"}

HEADERS: Final = {
    **NO_STORE,
    "content-security-policy": POLICY,
    # Not `no-referrer`: browsers then send forms with `Origin: null`, as a page of a foreign site would.
    "referrer-policy": "same-origin",
}

HTMX: Final = {
    "allowEval": False,
    "allowScriptTags": False,
    "includeIndicatorStyles": False,
    "selfRequestsOnly": True,
    "historyCacheSize": 0,
    "refreshOnHistoryMiss": True,
    "timeout": 15_000,
    "defaultFocusScroll": False,
}
"""It evaluates nothing, brings no styles, and keeps no page in the browser's storage."""

NAVIGATION: Final = (
    ("/", "Overview", "reviewer"),
    ("/conversations", "Conversations", "reviewer"),
    ("/replays", "Replays", "reviewer"),
    ("/agents", "Agents", "reviewer"),
    ("/talk", "Talk", "caller"),
)

AnyRequest = Request[Any, Any, Any]


class Entry(NamedTuple):
    """A part of the pages that one can go to; `current` is the one that is shown."""

    address: str
    name: str
    current: bool


def _environment(language: str) -> TranslatedEnvironment:
    made = TranslatedEnvironment(
        WORDINGS[language],
        loader=PackageLoader("orchestrator.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name, function in (FILTERS | REVIEW_FILTERS).items():
        made.filters[name] = _in_language(function, language)
    made.globals.update(static=static, htmx_settings=json.dumps(HTMX))
    return made


def _in_language(function: Callable[..., Any], language: str) -> Callable[..., Any]:
    """A filter with its `language` or `word` given, where it takes one."""
    known = {"language": language, "word": WORDINGS[language]}
    given = {name: known[name] for name in inspect.signature(function).parameters if name in known}
    return partial(function, **given) if given else function


TEMPLATES: Final[Mapping[str, TranslatedEnvironment]] = {
    language: _environment(language) for language in LANGUAGES
}
"""Every template, by language."""


def readers_language(request: AnyRequest) -> str:
    """The language of ours that whoever asks reads best."""
    return language_of(request.headers.get("accept-language", ""))


def wording_of(request: AnyRequest) -> Wording:
    """The sentences of the reader's language."""
    return WORDINGS[readers_language(request)]


def page(
    request: AnyRequest,
    template: str,
    *,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
    cookies: list[Cookie] | None = None,
    **context: Any,
) -> Response[str]:
    """Answer a request with a page, or with a fragment of one, in the reader's language.

    Args:
        request: Which one.
        template: Its name below `templates/`.
        status_code: Of the response.
        headers: Beside those of every page.
        cookies: To be set.
        context: What the template shows. `viewer`, `here`, `navigation` and `csrf_token` are there already,
            and `word` in every template.
    """
    viewer, here = viewer_of(request), request.url.path
    shown = {
        "viewer": viewer,
        "here": here,
        "navigation": _navigation(here, viewer.may_review) if viewer else [],
        "csrf_token": value_or_default(ScopeState.from_scope(request.scope).csrf_token, ""),
        **context,
    }
    return Response(
        TEMPLATES[readers_language(request)].get_template(template).render(shown),
        status_code=status_code,
        headers={**HEADERS, **(headers or {})},
        cookies=cookies,
        media_type=MediaType.HTML,
    )


def _navigation(here: str, may_review: bool) -> list[Entry]:
    return [
        Entry(address, name, _is_part_of(here, address))
        for address, name, role in NAVIGATION
        if role == "caller" or may_review
    ]


def _is_part_of(here: str, address: str) -> bool:
    return here == address or (address != "/" and here.startswith(f"{address}/"))


def is_fragment(request: AnyRequest) -> bool:
    """Whether HTMX asks for a part of a page; going back in its history asks for the whole."""
    return "hx-request" in request.headers and "hx-history-restore-request" not in request.headers
