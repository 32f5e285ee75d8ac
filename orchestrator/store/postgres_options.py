"""The words that Postgres programs are started with: what an embedded server is set to, and why."""

from pathlib import Path

from orchestrator.store.postgres_folder import major_version

USER = "orchestrator"

# The log must not hold what callers said, so Postgres copies neither rows nor statements into it.
SERVER_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "jit": "off",
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
FAST_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def server_command(binaries: Path, data: Path, *, port: int, socket_folder: Path, fast: bool) -> list[str]:
    """Return the command that serves a data folder on a port of 127.0.0.1 and on a Unix socket."""
    options = SERVER_OPTIONS | {"port": str(port), "unix_socket_directories": str(socket_folder)}
    options |= FAST_OPTIONS if fast else {}
    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    return [str(binaries / "postgres"), "-D", str(data), *words]


def initdb_command(binaries: Path, data: Path, *, password: Path, fast: bool) -> list[str]:
    """Return the command that makes a data folder whose one user needs the password in a file.

    Text is UTF-8 and sorts by code point; from Postgres 17 on, upper and lower case follow Unicode. Either is
    the same on every operating system, so a folder may move.
    """
    unicode = (
        ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major_version(binaries) >= 17 else []
    )
    # A password of ours is random, so that nobody guesses it, however cheap a guess is made.
    cheap = ["--set", "scram_iterations=1"] if fast and major_version(binaries) >= 16 else []
    return [
        str(binaries / "initdb"),
        *("-D", str(data)),
        f"--username={USER}",
        f"--pwfile={password}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        *unicode,
        "--no-instructions",
        *(["--no-sync"] if fast else []),
        *cheap,
    ]
