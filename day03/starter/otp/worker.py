"""Takes codes from the list `queue:otp` and sends them (it only logs)."""

import json
import os
import signal
import time

import redis

WORKER_ID = os.environ.get("WORKER_ID", "w1")
stopping = False


def say(event: str, **fields: object) -> None:
    """Prints one event."""
    print(json.dumps({"event": event, **fields}), flush=True)


def stop(_signal: int, _frame: object) -> None:
    """SIGTERM: the loop ends after the item in hand."""
    global stopping
    stopping = True


def main() -> None:
    signal.signal(signal.SIGTERM, stop)
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.ping()
    # TODO: take back what an earlier life of this WORKER_ID left unfinished.
    say("ready")
    while not stopping:
        # TODO: take an item (and keep it), say "otp.sent" or "otp.expired", publish it, then let the item go.
        # TODO: what if Redis goes away here?
        time.sleep(1)


main()
