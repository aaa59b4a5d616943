"""Prints what is published on `results:jobs`. SIGTERM cancels the listening."""

import asyncio
import json
import os
import signal

from redis import asyncio as redis

CHANNEL = "results:jobs"


def say(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, **fields}), flush=True)


def show(raw: str) -> None:
    try:
        match json.loads(raw):
            case {"id": str(id), **rest}:
                say("result", id=id, worker=rest.get("worker"))
            case other:
                say("error", reason=f"no text `id` in {other!r}")
    except ValueError as error:
        say("error", reason=str(error))


async def listen() -> None:
    url = os.environ["REDIS_URL"]
    async with (
        redis.Redis.from_url(url, decode_responses=True, encoding_errors="replace") as client,
        client.pubsub() as pubsub,
    ):
        await pubsub.subscribe(CHANNEL)
        async for message in pubsub.listen():
            if message["type"] == "subscribe":
                say("ready")
            elif message["type"] == "message":
                show(message["data"])


async def main() -> None:
    listening = asyncio.create_task(listen())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, listening.cancel)
    await asyncio.wait([listening])
    if not listening.cancelled():
        listening.result()  # an error of its own must be seen


asyncio.run(main())
