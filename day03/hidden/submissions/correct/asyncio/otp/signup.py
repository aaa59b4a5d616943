"""signup EMAIL [EMAIL ...]: one Lua script per address keeps the code, unlocks the address and queues the item."""

import asyncio
import json
import os
import secrets
import sys

from redis import asyncio as redis

SIGN_UP = """
redis.call('SETEX', KEYS[1], ARGV[1], ARGV[2])
redis.call('DEL', KEYS[2])
redis.call('LPUSH', KEYS[3], cjson.encode({email = ARGV[3], code = ARGV[2]}))
"""


async def main(emails: list[str]) -> None:
    ttl = os.environ.get("OTP_TTL_SECONDS", "300")
    async with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        sign_up = client.register_script(SIGN_UP)
        for email in emails:
            code = "".join(secrets.choice("0123456789") for _ in range(6))
            await sign_up(keys=[f"otp:{email}", f"wrong:{email}", "queue:otp"], args=[ttl, code, email])
            print(json.dumps({"event": "otp.queued", "email": email}), flush=True)


if len(sys.argv) < 2:
    sys.exit("usage: signup EMAIL [EMAIL ...]")
asyncio.run(main(sys.argv[1:]))
