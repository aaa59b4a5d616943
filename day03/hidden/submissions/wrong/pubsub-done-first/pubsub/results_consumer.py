"""Does the jobs of `queue:jobs` and publishes each result on the channel `results:jobs`."""

import json
import os
import signal
import time

import redis

QUEUE = "queue:jobs"
CHANNEL = "results:jobs"
WORKER_ID = os.environ.get("WORKER_ID", "w1")
stopping = False


def say(event: str, **fields: object) -> None:
    """Prints one event."""
    print(json.dumps({"event": event, **fields}), flush=True)


def stop(_signal: int, _frame: object) -> None:
    """SIGTERM: the loop ends after the job in hand."""
    global stopping
    stopping = True


def parse(raw: bytes) -> dict:
    """The job in this item; ValueError if there is none."""
    job = json.loads(raw)  # bad JSON and bad UTF-8 are ValueErrors too
    if not isinstance(job, dict) or not isinstance(job.get("id"), str):
        raise ValueError("a job is an object with a text `id`")
    return job


def handle(client: redis.Redis, raw: bytes) -> None:
    """Does one job and tells everybody who listens, or says why it cannot be one."""
    try:
        job = parse(raw)
    except ValueError as error:
        say("error", reason=str(error))
        return
    say("started", id=job["id"])
    time.sleep(job.get("work_ms", 0) / 1000)
    say("done", id=job["id"], worker=WORKER_ID)
    client.publish(CHANNEL, json.dumps({"id": job["id"], "worker": WORKER_ID}))


def main() -> None:
    signal.signal(signal.SIGTERM, stop)
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.ping()
    say("ready")
    while not stopping:
        # Waits inside Redis for one second at most, so that SIGTERM is seen soon. This is shorter than the client's
        # own socket timeout: with 0 (for ever) redis-py 8 would raise TimeoutError after 5 idle seconds.
        taken = client.brpop([QUEUE], timeout=1)
        if taken is not None:
            handle(client, taken[1])


main()
