"""Reads jobs from stdin and puts them in the list `queue:jobs`, many in one round trip when many are there."""

import asyncio
import json
import os
import sys

from redis import asyncio as redis

QUEUE = "queue:jobs"


def job_id(line: str) -> str:
    """The id of the job in this line; ValueError if it is no job."""
    match json.loads(line):
        case {"id": str(id)}:
            return id
    raise ValueError("not an object with a text `id`")


async def main() -> None:
    async with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        while line := await asyncio.to_thread(sys.stdin.readline):
            if not line.strip():
                continue
            try:
                id = job_id(line)
            except ValueError as error:
                event = {"event": "error", "reason": str(error)}
            else:
                await client.lpush(QUEUE, line.strip())
                event = {"event": "queued", "id": id}
            print(json.dumps(event), flush=True)


sys.stdin.reconfigure(errors="replace")  # bytes that are no text must not end the program
asyncio.run(main())
