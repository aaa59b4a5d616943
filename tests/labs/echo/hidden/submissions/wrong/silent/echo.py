import json
import sys

for line in sys.stdin:
    print(json.dumps({"event": "said", "id": json.loads(line)["id"]}), flush=True)
