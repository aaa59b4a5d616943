"""Listens on the channel `results:jobs` and prints every result it hears."""

import json
import os
import signal
import time

import redis

stopping = False


def say(event: str, **fields: object) -> None:
    """Prints one event."""
    print(json.dumps({"event": event, **fields}), flush=True)


def stop(_signal: int, _frame: object) -> None:
    """SIGTERM: the loop ends."""
    global stopping
    stopping = True


def main() -> None:
    signal.signal(signal.SIGTERM, stop)
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.ping()
    # TODO: subscribe, and say "ready" only when Redis has confirmed it.
    say("ready")
    while not stopping:
        # TODO: wait for the next message and say "result".
        time.sleep(1)


main()
