"""The lab author's vocabulary. Runs in the pytest child, never in the learner's program.

from qlab.checkkit import Bench, expect

def test_fifo(bench: Bench) -> None:
    \"\"\"Jobs are done in the order they were put in.\"\"\"
    consumer = bench.start("consumer")
    consumer.wait_for("ready")
    ids = bench.fresh.ids(5)
    for id in ids:
        bench.redis.client.lpush("queue:jobs", json.dumps({"id": id}))
    consumer.wait_for("done", id=ids[-1])
    expect.equal([e["id"] for e in consumer.events("done")], ids, what="order of the jobs")
"""

from qlab.checkkit import expect
from qlab.checkkit.bench import Bench

__all__ = ["Bench", "expect"]
