"""Where the service is, in the ways that people write it."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from orchestrator.core.errors import SettingsError

SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


@dataclass(frozen=True, slots=True)
class Address:
    """A service.

    Attributes:
        secure: Whether by TLS.
        netloc: Host and port.
        prefix: Path before `/v1`, for a service behind a proxy.
    """

    secure: bool
    netloc: str
    prefix: str = ""

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Read `http://host:port`, `ws://host:port/v1`, `host:port` and what lies between.

        Raises:
            SettingsError: It is no such address.
        """
        parts = urlsplit(url if "://" in url else f"http://{url}")
        try:
            usable = parts.scheme in SCHEMES and parts.hostname and (parts.port or True)
        except ValueError:
            usable = False
        if not usable:
            raise SettingsError(f"--url {url}: write it as http://127.0.0.1:8000.", param="--url")
        path = parts.path.rstrip("/")
        for ending in ("/realtime", "/v1"):
            path = path.removesuffix(ending)
        return cls(SCHEMES[parts.scheme] == "wss", parts.netloc, path)

    @property
    def web(self) -> str:
        """For requests: `http://host:port`."""
        return f"{'https' if self.secure else 'http'}://{self.netloc}{self.prefix}"

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine, so that no proxy leads there."""
        host = urlsplit(f"//{self.netloc}").hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")

    def door(self, **query: str | None) -> str:
        """The door's URL, with those parameters that are given."""
        given = urlencode({name: value for name, value in query.items() if value is not None})
        scheme = "wss" if self.secure else "ws"
        return f"{scheme}://{self.netloc}{self.prefix}/v1/realtime?{given}"
