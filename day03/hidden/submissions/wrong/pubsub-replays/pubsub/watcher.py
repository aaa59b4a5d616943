"""Listens on the channel `results:jobs` and prints every result it hears."""

import json
import os
import signal

import redis

CHANNEL = "results:jobs"
stopping = False


def say(event: str, **fields: object) -> None:
    """Prints one event."""
    print(json.dumps({"event": event, **fields}), flush=True)


def stop(_signal: int, _frame: object) -> None:
    """SIGTERM: the loop ends."""
    global stopping
    stopping = True


def show(raw: bytes) -> None:
    """Prints one result, or says why it cannot be one."""
    try:
        result = json.loads(raw)
        if not isinstance(result, dict) or not isinstance(result.get("id"), str):
            raise ValueError("a result is an object with a text `id`")
    except ValueError as error:
        say("error", reason=str(error))
        return
    say("result", id=result["id"], worker=result.get("worker"))


def main() -> None:
    signal.signal(signal.SIGTERM, stop)
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    pubsub = client.pubsub()
    pubsub.subscribe(CHANNEL)
    while not stopping:
        message = pubsub.get_message(timeout=1)
        if message is None:
            continue
        if message["type"] == "subscribe":  # Redis confirms: from now on nothing is missed
            history = client.lrange("results:history", 0, -1)
            say("ready")
            for old in history:
                show(old)
        elif message["type"] == "message":
            show(message["data"])


main()
