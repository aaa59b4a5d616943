"""verify EMAIL CODE: exits 0 if the code is right, 1 if it is not."""

import os
import sys

import redis


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: verify EMAIL CODE")
    email, code = sys.argv[1:]
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.ping()
    # TODO: is `code` the one kept for `email`? Works once, five wrong tries lock it.
    print("cannot verify yet:", email, f"({len(code)} characters)", file=sys.stderr)
    sys.exit(1)


main()
