"""signup EMAIL [EMAIL ...]: makes a one-time code for each address, keeps it and queues it."""

import json
import os
import sys

import redis

TTL_SECONDS = int(os.environ.get("OTP_TTL_SECONDS", "300"))


def say(event: str, **fields: object) -> None:
    """Prints one event. Never a code."""
    print(json.dumps({"event": event, **fields}), flush=True)


def sign_up(client: redis.Redis, email: str) -> None:
    """One address."""
    # TODO: make a code, keep it at otp:{email} with its time to live, queue it, then say "otp.queued".
    print("no code yet for", email, file=sys.stderr)


def main() -> None:
    emails = sys.argv[1:]
    if not emails:
        sys.exit("usage: signup EMAIL [EMAIL ...]")
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.ping()
    for email in emails:
        sign_up(client, email)


main()
