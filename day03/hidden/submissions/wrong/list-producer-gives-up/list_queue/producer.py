"""Reads jobs from stdin and puts them in the list `queue:jobs`."""

import json
import os
import sys

import redis

QUEUE = "queue:jobs"


def say(event: str, **fields: object) -> None:
    """Prints one event."""
    print(json.dumps({"event": event, **fields}), flush=True)


def parse(line: bytes) -> dict:
    """The job in this line; ValueError if there is none."""
    job = json.loads(line)  # bad JSON and bad UTF-8 are ValueErrors too
    if not isinstance(job, dict) or not isinstance(job.get("id"), str):
        raise ValueError("a job is an object with a text `id`")
    return job


def main() -> None:
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        try:
            job = parse(line)
        except ValueError as error:
            say("error", reason=str(error))
            break
        client.lpush(QUEUE, json.dumps(job))
        say("queued", id=job["id"])


main()
