"""Where the node listens, and who may come in."""

import ipaddress

from pydantic import Field, SecretStr

from orchestrator.settings.group import SettingsGroup
from orchestrator.settings.values import Address, Origins, Port, WebUrl


class ServerSettings(SettingsGroup):
    """Where the node listens, and who may come in."""

    host: str = Field(
        "127.0.0.1",
        min_length=1,
        description="Address to listen on. Any other than a loopback one needs `ORCHESTRATOR_ADMIN_KEY`.",
    )

    port: Port = Field(8000, description="TCP port to listen on; 0 takes a free one.")

    udp_port: Port = Field(
        0, description="UDP port for the media of all calls; 0 takes the same number as the TCP port."
    )

    announced_ip: Address | None = Field(
        None,
        description="IP address that callers send media to, where it differs from the machine's own.",
    )

    public_url: WebUrl | None = Field(
        None,
        description="Address that reaches this server from outside, such as `https://voice.example.com`. "
        "Unset: host and port.",
    )

    allowed_origins: Origins | None = Field(
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

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the address we listen on."""
        return _is_loopback(self.host)

    @property
    def media_port(self) -> int:
        """The UDP port for media; 0 takes a free one."""
        return self.udp_port or self.port


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
