"""verify EMAIL CODE: exits 0 if the code is right, 1 if it is not."""

import json
import os
import sys

import redis

MAX_TRIES = 5

# Redis runs a script from its first to its last line without anybody in between: look, compare, delete are one step.
CHECK = """
local code = redis.call('GET', KEYS[1])
if not code then
    return 0
end
if code == ARGV[1] then
    redis.call('DEL', KEYS[2])
    return 1
end
local tries = redis.call('INCR', KEYS[2])
redis.call('PEXPIRE', KEYS[2], redis.call('PTTL', KEYS[1]))
if tries >= tonumber(ARGV[2]) then
    redis.call('DEL', KEYS[1], KEYS[2])
end
return 0
"""


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: verify EMAIL CODE")
    email, code = sys.argv[1:]
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    right = client.eval(CHECK, 2, f"otp:{email}", f"tries:{email}", code, MAX_TRIES) == 1
    print(json.dumps({"event": "verified" if right else "refused", "email": email}), flush=True)
    sys.exit(0 if right else 1)


main()
