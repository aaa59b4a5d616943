"""signup EMAIL [EMAIL ...]: makes a one-time code for each address, keeps it and queues it."""

import json
import os
import secrets
import sys

import redis

QUEUE = "queue:otp"
TTL_SECONDS = int(os.environ.get("OTP_TTL_SECONDS", "300"))


def say(event: str, **fields: object) -> None:
    """Prints one event. Never a code."""
    print(json.dumps({"event": event, **fields}), flush=True)


def new_code() -> str:
    """Six digits nobody can guess; `004217` keeps its zeros."""
    return f"{secrets.randbelow(1_000_000):06d}"


def sign_up(client: redis.Redis, email: str) -> None:
    """Code, fresh tries and queued item become visible in one step."""
    code = new_code()
    with client.pipeline(transaction=True) as steps:
        steps.set(f"otp:{email}", code, ex=TTL_SECONDS)  # the value and its end in one command
        steps.delete(f"tries:{email}")
        steps.lpush(QUEUE, json.dumps({"email": email, "code": code}))
        steps.execute()
    say("otp.queued", email=email, code=code)


def main() -> None:
    emails = sys.argv[1:]
    if not emails:
        sys.exit("usage: signup EMAIL [EMAIL ...]")
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    for email in emails:
        sign_up(client, email)


main()
