"""The kinds of values that settings have, each checked as it is read."""

import ipaddress
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import AfterValidator, Field, SecretStr

POSTGRES_SCHEMES = {"postgres", "postgresql", "postgresql+asyncpg"}


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
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
EngineName = Annotated[str, AfterValidator(_engine)]
Package = Annotated[str, AfterValidator(_package)]
ClusterUrl = Annotated[str, AfterValidator(_cluster_url)]
Origins = Annotated[str, AfterValidator(_origins)]
Address = Annotated[str, AfterValidator(_address)]
Port = Annotated[int, Field(ge=0, le=65535)]
Folder = Annotated[Path, AfterValidator(_folder)]
