import json
import os
import sys


def tell(event: str, **fields: object) -> None:
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


tell("ready", greeting=os.environ["GREETING"])
while line := sys.stdin.readline():
    tell("said", id=json.loads(line)["id"])
