"""Does the jobs of `queue:jobs`; removing a job from the hand and telling its result are one transaction."""

import asyncio
import contextlib
import json
import os
import signal

from redis import asyncio as redis

QUEUE = "queue:jobs"
CHANNEL = "results:jobs"
WORKER_ID = os.environ.get("WORKER_ID", "w1")
TAKEN = f"queue:jobs:taken:{WORKER_ID}"


def say(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, **fields}), flush=True)


async def handle(client: redis.Redis, raw: str) -> None:
    try:
        job = json.loads(raw)
        id, pause = job["id"], job.get("work_ms", 0) / 1000
        if not isinstance(id, str):
            raise TypeError("`id` is not text")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        say("error", reason=f"{type(error).__name__}: {error}")
        await client.lrem(TAKEN, 1, raw)
        return
    say("started", id=id)
    await asyncio.sleep(pause)
    async with client.pipeline(transaction=True) as steps:
        steps.lrem(TAKEN, 1, raw)
        steps.publish(CHANNEL, json.dumps({"id": id, "worker": WORKER_ID, "status": "done"}))
        await steps.execute()
    say("done", id=id, worker=WORKER_ID)


async def main() -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    url = os.environ["REDIS_URL"]
    async with redis.Redis.from_url(url, decode_responses=True, encoding_errors="replace") as client:
        while await client.lmove(TAKEN, QUEUE, "LEFT", "RIGHT") is not None:
            pass
        say("ready")
        while not stopping.is_set():
            raw = await client.blmove(QUEUE, TAKEN, 2, "RIGHT", "LEFT")
            if raw is not None:
                await handle(client, raw)


with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(main())
