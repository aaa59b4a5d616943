import json
import os
import sys

print(json.dumps({"event": "ready", "greeting": os.environ["GREETING"]}), flush=True)
for line in reversed(sys.stdin.readlines()):
    print(json.dumps({"event": "said", "id": json.loads(line)["id"]}), flush=True)
