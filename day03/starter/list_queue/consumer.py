"""Takes jobs from the list `queue:jobs`, oldest first, and does them."""

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
    """SIGTERM: the loop ends after the job in hand."""
    global stopping
    stopping = True


def main() -> None:
    signal.signal(signal.SIGTERM, stop)
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.ping()
    say("ready")
    while not stopping:
        # TODO: wait for a job inside Redis, say "started", do the work, say "done".
        time.sleep(1)


main()
