"""The service of the benchmark of pages: the real one; it tells its address and a link that signs in."""

import sys
import tempfile
from pathlib import Path

import structlog
from pydantic import SecretStr

from orchestrator.call.loading import load
from orchestrator.serve import Started, serve
from orchestrator.settings import Settings


def main() -> None:
    """Serve until told to stop. Arguments: the database's URL, the admin key."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    database, key = sys.argv[1:3]
    with tempfile.TemporaryDirectory(prefix="orchestrator-bench-") as folder:
        settings = Settings(
            database_url=SecretStr(database), admin_key=SecretStr(key), data_dir=Path(folder), port=0
        )
        serve(settings, load(settings.agents, settings.default_agent), _tell)


def _tell(started: Started) -> None:
    print(started.address, started.sign_in, flush=True)


if __name__ == "__main__":
    main()
