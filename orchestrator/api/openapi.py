"""The description of the interfaces at `/schema`: Litestar's, completed by what holds for all handlers."""

from typing import Any, Final

from litestar import Request
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Tag

from orchestrator.api.problems import COMPATIBLE, MEDIA_TYPE
from orchestrator.api.shapes import Body

DESCRIPTION: Final = """
What OpenAI's SDKs call is below `/v1`; what administrators and reviewers call is below `/admin`.
Times are seconds since the Unix epoch. Errors of `/v1` have OpenAI's shape, all others are problem documents
(RFC 9457) with a stable `code`. Lists are paged by key: give `next` of a page as `after` for the next one.
"""

ALWAYS: Final = {"400": "The request is not as it should be", "500": "An error of ours; the log has it"}
KEYED: Final = {
    "401": "No key, or one that is not known",
    "403": "The key's role does not allow this",
    "503": "Postgres cannot be used now",
}
NAMED: Final = {"404": "There is no such thing"}
CHANGING: Final = {"409": "Its present state refuses this", "413": "The body is too large"}

PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "retryable"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was wrong, and the mend"},
        "code": {"type": "string", "description": "Stable; for programs"},
        "retryable": {"type": "boolean", "description": "Whether the same request can succeed later"},
        "param": {"type": "string", "description": "The field at fault"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["source", "field", "message"],
                "properties": {name: {"type": "string"} for name in ("source", "field", "message")},
            },
        },
    },
    "examples": [
        {
            "type": "urn:orchestrator:problem:not_found",
            "title": "Not Found",
            "status": 404,
            "detail": "There is no conversation conv_1.",
            "code": "not_found",
            "retryable": False,
            "param": "conversation",
        }
    ],
}
API_ERROR: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What went wrong, as OpenAI's SDKs read it.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": "string"},
            },
        }
    },
}


EXPORT: Final = "/admin/conversations/{conversation_id}/export"
EXPORTED: Final = ("application/json", "application/jsonl", "text/plain", "text/vtt")
"""What the one handler answers with whose media type depends on the query."""


def openapi_config(version: str, *, open_door: bool) -> OpenAPIConfig:
    """How it is described: in JSON and YAML alone, since stock pages load scripts from elsewhere.

    Args:
        version: Of the service.
        open_door: Whether callers need no key here.
    """
    return OpenAPIConfig(
        title="Orchestrator",
        version=version,
        description=DESCRIPTION.strip(),
        path="/schema",
        render_plugins=[
            CompletedJson(path=["/", "/openapi.json"], open_door=open_door),
            CompletedYaml(path=["/openapi.yaml", "/openapi.yml"], open_door=open_door),
        ],
        components=Components(
            security_schemes={
                "key": SecurityScheme(
                    type="http", scheme="bearer", description="An API key `ok_…`, or the admin key"
                )
            }
        ),
        security=[{"key": []}],
        tags=[Tag(name=name, description=text) for name, text in TAGS.items()],
    )


TAGS: Final = {
    "door": "Calls: the Realtime protocol's HTTP side",
    "conversations": "OpenAI's Conversations API",
    "agents": "Agents and their revisions",
    "tools": "Tools, and trying them out",
    "conversations (admin)": "Conversations found, shown whole, judged, exported, erased",
    "live calls": "What is live on this node, and what operators do to it",
    "replays": "Stored conversations lived again, beside what they were",
    "money": "Tokens, prices and cost",
    "keys": "API keys",
    "audit": "Who did what",
    "records": "What tools left behind",
    "service": "Health and figures",
}


class CompletedJson(JsonRenderPlugin):
    """The completed description as JSON."""

    def __init__(self, *, path: list[str], open_door: bool) -> None:
        super().__init__(path=path)
        self._open_door = open_door

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Write it."""
        return super().render(request, completed(openapi_schema, open_door=self._open_door))


class CompletedYaml(YamlRenderPlugin):
    """The completed description as YAML."""

    def __init__(self, *, path: list[str], open_door: bool) -> None:
        super().__init__(path=path)
        self._open_door = open_door

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Write it."""
        return super().render(request, completed(openapi_schema, open_door=self._open_door))


def completed(schema: dict[str, Any], *, open_door: bool) -> dict[str, Any]:
    """Add the problems that every handler may answer with, and that bodies take no unknown field.

    Args:
        schema: As Litestar made it.
        open_door: Whether callers need no key here.
    """
    components = schema["components"]
    schemas = dict(components["schemas"]) | {"Problem": PROBLEM, "ApiError": API_ERROR}
    for body in Body.__subclasses__():
        if body.__name__ in schemas:
            schemas[body.__name__] = {**schemas[body.__name__], "additionalProperties": False}
    paths = {
        path: {method: _completed(path, method, operation, open_door) for method, operation in item.items()}
        for path, item in schema["paths"].items()
    }
    return {**schema, "paths": paths, "components": {**components, "schemas": schemas}}


def _completed(path: str, method: str, operation: dict[str, Any], open_door: bool) -> dict[str, Any]:
    """An operation with its problems in place of Litestar's own shape of errors."""
    problems = dict(ALWAYS)
    if operation.get("security") != [{}]:
        problems |= KEYED
    if "{" in path or method != "get":
        problems |= NAMED
    if method != "get":
        problems |= CHANGING
    responses = {status: told for status, told in operation["responses"].items() if status != "400"}
    for status, description in problems.items():
        responses.setdefault(status, _response(path, description))
    if path == EXPORT:
        content: dict[str, Any] = {media_type: {"schema": {}} for media_type in EXPORTED}
        responses["200"] = {**responses["200"], "content": content}
    keyless: dict[str, Any] = (
        {"security": [{"key": []}, {}]} if open_door and not path.startswith("/admin") else {}
    )
    optional = _without_need_of_a_body(operation) if _may_be_null(operation) else {}
    return {
        **operation,
        **optional,
        "responses": responses,
        **(keyless if "security" not in operation else {}),
    }


def _may_be_null(operation: dict[str, Any]) -> bool:
    content = operation.get("requestBody", {}).get("content", {})
    schemas = [told.get("schema", {}) for told in content.values()]
    return any({"type": "null"} in schema.get("oneOf", []) for schema in schemas)


def _without_need_of_a_body(operation: dict[str, Any]) -> dict[str, Any]:
    """A body that may be null may be left out; Litestar describes every body as needed."""
    return {"requestBody": {**operation["requestBody"], "required": False}}


def _response(path: str, description: str) -> dict[str, Any]:
    compatible = path.startswith(COMPATIBLE)
    name = "ApiError" if compatible else "Problem"
    media_type = "application/json" if compatible else MEDIA_TYPE
    content = {media_type: {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    return {"description": description, "content": content}
