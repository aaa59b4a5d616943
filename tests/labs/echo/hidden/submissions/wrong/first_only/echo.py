import json
import os
import sys

print(json.dumps({"event": "ready", "greeting": os.environ["GREETING"]}), flush=True)
print(json.dumps({"event": "said", "id": json.loads(sys.stdin.readline())["id"]}), flush=True)
