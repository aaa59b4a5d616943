"""Takes codes from `queue:otp` and sends them (it only logs). A lost connection costs a session, not the process."""

import asyncio
import json
import os
import signal
import sys

from redis import asyncio as redis

QUEUE = "queue:otp"
TAKEN = f"otp:taken:{os.environ.get('WORKER_ID', 'w1')}"
CHANNEL = "otp:events"

# The result is told and the item leaves the hand in one step.
FINISH = """
redis.call('PUBLISH', KEYS[2], ARGV[2])
return redis.call('LREM', KEYS[1], 1, ARGV[1])
"""


def say(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, **fields}), flush=True)


class Worker:
    """One process, many sessions."""

    def __init__(self) -> None:
        self.stopping = asyncio.Event()
        self.told_ready = False

    async def run(self) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.stopping.set)
        pause = 0.1
        while not self.stopping.is_set():
            try:
                await self.session()
            except (redis.ConnectionError, redis.TimeoutError) as error:
                print(f"lost Redis ({error}), next try in {pause:.1f} s", file=sys.stderr)
                await self.rest(pause)
                pause = min(2 * pause, 1.0)

    async def rest(self, seconds: float) -> None:
        """Waits, but no longer than until SIGTERM."""
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return

    async def session(self) -> None:
        """Works as long as the connection lives."""
        url = os.environ["REDIS_URL"]
        async with redis.Redis.from_url(url, decode_responses=True, encoding_errors="replace") as client:
            while await client.lmove(TAKEN, QUEUE, "LEFT", "RIGHT") is not None:
                pass
            if not self.told_ready:
                say("ready")
                self.told_ready = True
            finish = client.register_script(FINISH)
            while not self.stopping.is_set():
                raw = await client.blmove(QUEUE, TAKEN, 2, "RIGHT", "LEFT")
                if raw is None:
                    continue
                result = await self.handle(client, raw)
                if result is None:
                    await client.lrem(TAKEN, 1, raw)
                else:
                    await finish(keys=[TAKEN, CHANNEL], args=[raw, json.dumps(result)])

    async def handle(self, client: redis.Redis, raw: str) -> dict[str, str] | None:
        """Logs one item; gives what others may know about it."""
        try:
            match json.loads(raw):
                case {"email": str(email), "code": str(code)}:
                    pass
                case _:
                    raise ValueError("not an object with a text `email` and a text `code`")
        except ValueError as error:
            say("error", reason=str(error))
            return None
        if await client.get(f"otp:{email}") == code:
            say("otp.sent", email=email, code=code)
            return {"event": "otp.sent", "email": email}
        say("otp.expired", email=email)
        return {"event": "otp.expired", "email": email}


asyncio.run(Worker().run())
