"""Does the jobs of `queue:jobs` and publishes each result on the channel `results:jobs`."""

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
        # TODO: start from your own consumer. After the work: publish the result, then say "done".
        time.sleep(1)


main()
