"""The kinds of values that settings have, each checked as it is read."""

import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import AfterValidator, Field, SecretStr

from orchestrator.core.attributes import SPEECH_TO_TEXT, TEXT_TO_SPEECH

REMOTE_VOICES = tuple(name for name in TEXT_TO_SPEECH if name not in {"embedded", "tone"})
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


def _socket_url(value: str) -> str:
    return _checked_url(value, ("ws", "wss")).rstrip("/")


def _one_of(*choices: str) -> Callable[[str], str]:
    def checked(value: str) -> str:
        if value not in choices:
            raise ValueError(f"must be {', '.join(choices[:-1])} or {choices[-1]}")
        return value

    return checked


def _azure_region(value: str) -> str:
    if "://" in value:
        return _checked_url(value, ("http", "https")).rstrip("/")
    if not value.isalnum():
        raise ValueError("must be the name of a region such as westeurope, or the URL of an endpoint")
    return value.lower()


def voice_table(value: str) -> dict[str, dict[str, str]]:
    """Names of voices at each text-to-speech, by the names that agents use, in lower case.

    Raises:
        ValueError: An entry is not written `provider:name=voice`, or its provider has no names of voices.
    """
    table: dict[str, dict[str, str]] = {}
    for entry in filter(None, map(str.strip, value.split(","))):
        ours, _, theirs = map(str.strip, entry.partition("="))
        provider, _, name = map(str.strip, ours.partition(":"))
        if not (provider in REMOTE_VOICES and name and theirs):
            providers = ", ".join(REMOTE_VOICES)
            raise ValueError(f"must list voices as provider:name=voice, of the providers {providers}")
        table.setdefault(provider, {})[name.lower()] = theirs
    return table


def _voice_table(value: str) -> str:
    voice_table(value)
    return value


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
SocketUrl = Annotated[str, AfterValidator(_socket_url)]
VoiceName = Annotated[str, AfterValidator(_one_of(*TEXT_TO_SPEECH))]
RecogniserName = Annotated[str, AfterValidator(_one_of(*SPEECH_TO_TEXT))]
VoiceTable = Annotated[str, AfterValidator(_voice_table)]
AzureRegion = Annotated[str, AfterValidator(_azure_region)]
Port = Annotated[int, Field(ge=0, le=65535)]
Folder = Annotated[Path, AfterValidator(_folder)]
