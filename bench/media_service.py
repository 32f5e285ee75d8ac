"""The service of the media benchmark: the real one, whose ports are told on standard output."""

import sys
import tempfile
from pathlib import Path

import structlog

from orchestrator.call.loading import load
from orchestrator.serve import serve
from orchestrator.settings import Settings


def main() -> None:
    """Serve until told to stop. Arguments: the engine's URL, the database's URL."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    engine, database = sys.argv[1:3]
    with tempfile.TemporaryDirectory(prefix="orchestrator-bench-") as folder:
        settings = Settings(
            agents="bench.media_agents",
            engine=engine,
            database_url=database,
            data_dir=Path(folder),
            port=0,
            max_calls=2000,
            drain_seconds=0,
        )
        declared = load(settings.agents, settings.default_agent)
        serve(settings, declared, lambda started: print(started.address.rpartition(":")[2], flush=True))


if __name__ == "__main__":
    main()
