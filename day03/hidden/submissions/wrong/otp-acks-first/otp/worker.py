"""Takes codes from the list `queue:otp` and sends them (it only logs). Survives its own death and that of Redis."""

import json
import os
import signal
import sys
import time

import redis

QUEUE = "queue:otp"
CHANNEL = "otp:events"
WORKER_ID = os.environ.get("WORKER_ID", "w1")
TAKEN = f"queue:otp:taken:{WORKER_ID}"  # what this worker has in its hands, kept in Redis
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
stopping = False


def say(event: str, **fields: object) -> None:
    """Prints one event."""
    print(json.dumps({"event": event, **fields}), flush=True)


def stop(_signal: int, _frame: object) -> None:
    """SIGTERM: the loop ends after the item in hand."""
    global stopping
    stopping = True


def take_back(client: redis.Redis) -> None:
    """Gives the unfinished items of an earlier life back to the right end of the queue, so that they are next."""
    while client.lmove(TAKEN, QUEUE, "LEFT", "RIGHT") is not None:
        pass


def parse(raw: bytes) -> tuple[str, str]:
    """Address and code of this item; ValueError if there are none."""
    item = json.loads(raw)  # bad JSON and bad UTF-8 are ValueErrors too
    if not isinstance(item, dict) or not all(isinstance(item.get(name), str) for name in ("email", "code")):
        raise ValueError("an item is an object with a text `email` and a text `code`")
    return item["email"], item["code"]


def handle(client: redis.Redis, raw: bytes) -> None:
    """Sends one code, if it is still the one that counts."""
    try:
        email, code = parse(raw)
    except ValueError as error:
        say("error", reason=str(error))
        return
    if client.get(f"otp:{email}") == code.encode():
        say("otp.sent", email=email, code=code)
        result = "otp.sent"
    else:
        say("otp.expired", email=email)
        result = "otp.expired"
    client.publish(CHANNEL, json.dumps({"event": result, "email": email}))


def main() -> None:
    signal.signal(signal.SIGTERM, stop)
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    connected = told_ready = False
    pause = FIRST_PAUSE
    while not stopping:
        try:
            if not connected:
                take_back(client)
                connected, pause = True, FIRST_PAUSE
                if not told_ready:
                    say("ready")
                    told_ready = True
            raw = client.blmove(QUEUE, TAKEN, 1, "RIGHT", "LEFT")  # taken and kept in one step
            if raw is not None:
                client.lrem(TAKEN, 1, raw)
                handle(client, raw)
        except (redis.ConnectionError, redis.TimeoutError) as error:
            print(f"Redis is away ({error}); again in {pause:.1f} s", file=sys.stderr)
            connected = False
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


main()
