"""Reads jobs from stdin and puts them in the list `queue:jobs`."""

import json
import os
import sys

import redis


def say(event: str, **fields: object) -> None:
    """Prints one event."""
    print(json.dumps({"event": event, **fields}), flush=True)


def main() -> None:
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.ping()
    for line in sys.stdin.buffer:
        # TODO: is this line a job? Put it in the list, then say "queued". If not: say "error", go on.
        print("not queued yet:", line.decode(errors="replace").strip(), file=sys.stderr)


main()
