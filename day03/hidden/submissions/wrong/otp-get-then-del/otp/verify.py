"""verify EMAIL CODE: exits 0 if the code is right, 1 if it is not."""

import json
import os
import sys

import redis

MAX_TRIES = 5

def check(client: redis.Redis, email: str, code: str) -> bool:
    kept = client.get(f"otp:{email}")
    if kept is None:
        return False
    if kept.decode() == code:
        client.delete(f"otp:{email}", f"tries:{email}")
        return True
    if client.incr(f"tries:{email}") >= MAX_TRIES:
        client.delete(f"otp:{email}", f"tries:{email}")
    return False


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: verify EMAIL CODE")
    email, code = sys.argv[1:]
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    right = check(client, email, code)
    print(json.dumps({"event": "verified" if right else "refused", "email": email}), flush=True)
    sys.exit(0 if right else 1)


main()
