"""verify EMAIL CODE, with WATCH: if the code changed since it was read, the whole decision is made again."""

import asyncio
import json
import os
import secrets
import sys

from redis import asyncio as redis

MAX_TRIES = 5


async def decide(steps: redis.client.Pipeline, email: str, code: str) -> bool:
    """One attempt to decide; WatchError if somebody else decided in between."""
    kept, wrong = f"otp:{email}", f"wrong:{email}"
    await steps.watch(kept, wrong)
    real, tries = await steps.get(kept), int(await steps.get(wrong) or 0)
    if real is None:
        return False
    right = secrets.compare_digest(real.encode(), code.encode())
    steps.multi()
    if right or tries + 1 >= MAX_TRIES:
        steps.delete(kept, wrong)  # used, or locked: no code is kept, so none is sent or accepted
    else:
        steps.incr(wrong)
        steps.expire(wrong, 24 * 3600)  # a new signup clears it anyway; this keeps Redis tidy
    await steps.execute()
    return right


async def verify(email: str, code: str) -> bool:
    async with redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True) as client:
        while True:
            async with client.pipeline() as steps:
                try:
                    return await decide(steps, email, code)
                except redis.WatchError:
                    continue


if len(sys.argv) != 3:
    sys.exit("usage: verify EMAIL CODE")
right = asyncio.run(verify(sys.argv[1], sys.argv[2]))
print(json.dumps({"event": "verified" if right else "refused"}), flush=True)
sys.exit(not right)
