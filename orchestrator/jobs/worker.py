"""The worker: does what is due every hour, through SAQ with its queue in Postgres (extra `jobs`).

Several workers may run, on several machines: what is due is done by one of them. The queue's tables are in a
schema of their own, beside the service's.
"""

import asyncio
import time
from dataclasses import asdict
from typing import Any, Final, cast

import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from saq import CronJob, Worker
from saq.queue.postgres import PostgresQueue
from saq.types import Context

from orchestrator.jobs.erasure import Erased, Eraser, Forget
from orchestrator.store.database import Database, driver_address

SCHEMA: Final = "orchestrator_jobs"
QUEUE: Final = "orchestrator"
HOURLY: Final = "7 * * * *"
RETENTION_SECONDS: Final = 1800
CONNECT_SECONDS: Final = 10.0
CONNECTIONS: Final = 4
WHO: Final = "retention"
"""Who did it, in the audit."""

_log: Final = structlog.get_logger(__name__)


async def retention(context: Context) -> dict[str, Any]:
    """The job: erase conversations and recordings that were kept long enough."""
    given = cast("dict[str, Any]", context)
    days: int | None = given["days"]
    eraser: Eraser = given["eraser"]
    now = time.time()
    erased = Erased() if days is None else await eraser.expired(days, now)
    erased.recordings += await eraser.recordings(now)
    _log.info("retention", conversations=len(erased.conversations), recordings=erased.recordings, days=days)
    return asdict(erased)


async def work(database_url: str, *, days: int | None, forget: Forget, once: bool = False) -> None:
    """Work until SIGTERM or SIGINT.

    Args:
        database_url: Where the queue and the conversations are.
        days: How long conversations are kept, None for ever; recordings say so themselves.
        forget: Erases recordings.
        once: Do what is due now, and return.
    """
    address = driver_address(database_url)
    async with asyncio.timeout(CONNECT_SECONDS), await AsyncConnection.connect(address) as connection:
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    options = {"options": f"-c search_path={SCHEMA}"}
    pool = AsyncConnectionPool(address, min_size=1, max_size=CONNECTIONS, open=False, kwargs=options)
    queue = PostgresQueue(pool=pool, name=QUEUE, min_size=1, max_size=CONNECTIONS, manage_pool_lifecycle=True)
    database = Database(database_url, pool_size=2)
    worker: Worker[Context] = Worker(
        queue,
        [retention],
        concurrency=1,
        cron_jobs=[CronJob(retention, cron=HOURLY, timeout=RETENTION_SECONDS)],
        burst=once,
        max_burst_jobs=1 if once else None,
        dequeue_timeout=CONNECT_SECONDS if once else 0,
    )
    eraser = Eraser(database=database, forget=forget, by=WHO)
    worker.context = cast("Context", {**worker.context, "days": days, "eraser": eraser})
    try:
        await queue.connect()
        if once:
            await queue.enqueue(retention.__qualname__, timeout=RETENTION_SECONDS)
        await worker.start()
    finally:
        await queue.disconnect()
        await database.close()
