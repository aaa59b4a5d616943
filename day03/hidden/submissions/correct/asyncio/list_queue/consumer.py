"""Takes jobs from `queue:jobs`, oldest first. One task waits for jobs, and SIGTERM ends the waiting, never the work."""

import asyncio
import contextlib
import json
import os
import signal

from redis import asyncio as redis

QUEUE = "queue:jobs"
TAKEN = f"queue:jobs:taken:{os.environ.get('WORKER_ID', 'w1')}"


def say(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, **fields}), flush=True)


async def handle(raw: str) -> None:
    try:
        job = json.loads(raw)
        id, pause = job["id"], job.get("work_ms", 0) / 1000
        if not isinstance(id, str):
            raise TypeError("`id` is not text")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        say("error", reason=f"{type(error).__name__}: {error}")
        return
    say("started", id=id)
    await asyncio.sleep(pause)
    say("done", id=id, worker=os.environ.get("WORKER_ID", "w1"))


async def consume(client: redis.Redis, stopping: asyncio.Event) -> None:
    while await client.lmove(TAKEN, QUEUE, "LEFT", "RIGHT") is not None:
        pass
    say("ready")
    while not stopping.is_set():
        raw = await client.blmove(QUEUE, TAKEN, 2, "RIGHT", "LEFT")
        if raw is not None:
            await handle(raw)
            await client.lrem(TAKEN, 1, raw)


async def main() -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    url = os.environ["REDIS_URL"]
    async with redis.Redis.from_url(url, decode_responses=True, encoding_errors="replace") as client:
        await consume(client, stopping)


with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(main())
