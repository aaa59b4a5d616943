"""Checks of the practice "Results on a channel"."""

import json

from qlab.checkkit import Bench, expect

QUEUE = "queue:jobs"
CHANNEL = "results:jobs"


def put(bench: Bench, ids: list) -> None:
    """Jobs in the list, as a producer puts them."""
    for id in ids:
        bench.redis.client.lpush(QUEUE, json.dumps({"id": id}))
    bench.note("qlab", f"put {len(ids)} job(s) in {QUEUE}: {', '.join(ids[:3])}{' …' if len(ids) > 3 else ''}")


def subscribed(bench: Bench, count: int) -> None:
    """Waits until Redis itself counts so many subscribers. What `ready` is worth is the matter of one check only."""
    client = bench.redis.client
    found = bench.eventually(lambda: client.pubsub_numsub(CHANNEL)[0][1] >= count, within=3)
    expect.that(
        found,
        expected=f"{count} watcher(s) subscribed to {CHANNEL}",
        observed=f"Redis counts {client.pubsub_numsub(CHANNEL)[0][1]} subscribers of {CHANNEL}",
        next_step="Which channel does your watcher subscribe to? When?",
    )


def test_live(bench: Bench) -> None:
    """A watcher that is ready sees every result, in order"""
    heard = bench.redis.listen(CHANNEL)
    consumer = bench.start("results_consumer")
    consumer.wait_for("ready")
    watcher = bench.start("watcher")
    watcher.wait_for("ready")
    ids = bench.fresh.ids(20)
    put(bench, ids)
    consumer.wait_for("done", id=ids[-1])

    published = []
    for _, text in heard.wait(len(ids), within=3):
        try:
            published.append(json.loads(text)["id"])
        except (ValueError, KeyError, TypeError):
            expect.fail(
                expected=f'on {CHANNEL}: one JSON object for each job, such as {{"id": "{ids[0]}", "worker": "w1"}}',
                observed=f"this was published: {text!r}",
                next_step="What does your consumer give to PUBLISH?",
            )
    expect.equal(
        published,
        ids,
        what=f"ids published on {CHANNEL}",
        next_step=f"For each job that is done, what does your consumer tell the channel {CHANNEL}?",
    )
    bench.eventually(lambda: len(watcher.events("result")) >= len(ids), within=3, watching=[watcher])
    expect.equal(
        [e.get("id") for e in watcher.events("result")],
        ids,
        what="results the watcher printed",
        next_step="All results were published after the watcher said `ready`. In which moments was it not listening?",
    )


def test_done_last(bench: Bench) -> None:
    """`done` is printed when the result is out, not before"""
    client = bench.redis.client
    heard = bench.redis.listen(CHANNEL)
    consumer = bench.start("results_consumer")
    consumer.wait_for("ready")

    def blocked() -> bool:
        return client.info("clients")["blocked_clients"] > 0

    # Frozen while it waits inside Redis, it is given the job and can do nothing yet. Then the writes are held back, so
    # that it cannot have published when it prints `done` too early, however slow the machine is.
    for _ in range(20):
        waiting = bench.eventually(blocked, within=1, watching=[consumer])
        consumer.freeze()
        if blocked() or not waiting:
            break
        consumer.thaw()
    else:
        consumer.freeze()
    id = bench.fresh.id()
    put(bench, [id])
    client.execute_command("CLIENT", "PAUSE", 600_000, "WRITE")
    bench.note("qlab", "holds back every write in Redis, PUBLISH too")
    consumer.thaw()
    bench.eventually(lambda: blocked() or consumer.events("done", id=id), within=2, watching=[consumer])
    # A moment for its last line to arrive; not longer on a slow machine, for its own client does not wait for ever.
    early = bench.eventually(lambda: consumer.events("done", id=id), within=0.2 / bench.patience.factor)
    bench.note("qlab", "lets the writes go", decisive=True)
    client.execute_command("CLIENT", "UNPAUSE")
    expect.that(
        not early,
        expected=f"`done` is printed after the result was published on {CHANNEL}",
        observed=f"`done` of {id} was printed while Redis held back every PUBLISH: nobody could have heard the result",
        next_step="Somebody reads `done` and asks a watcher for the result. Is it out at this moment?",
    )
    consumer.wait_for("done", id=id)
    expect.equal(
        len(heard.wait(1, within=3)),
        1,
        what=f"results published on {CHANNEL} for one job",
        next_step=f"For each job that is done, what does your consumer tell the channel {CHANNEL}?",
    )


def test_late(bench: Bench) -> None:
    """A watcher that comes late is told nothing of the past"""
    consumer = bench.start("results_consumer")
    consumer.wait_for("ready")
    live = bench.start("watcher")
    live.wait_for("ready")
    subscribed(bench, 1)
    early = bench.fresh.ids(2)
    for id in early:
        put(bench, [id])
        live.wait_for("result", id=id)
    late = bench.start("watcher", worker_id="w2")
    late.wait_for("ready")
    subscribed(bench, 2)
    marker = bench.fresh.id()
    put(bench, [marker])
    late.wait_for("result", id=marker)
    expect.equal(
        [e.get("id") for e in late.events("result")],
        [marker],
        what="results the late watcher printed",
        next_step="Pub/Sub keeps nothing. From where does your late watcher know about the old results?",
    )


def test_bad_message(bench: Bench) -> None:
    """A broken message is reported, and the watcher goes on"""
    watcher = bench.start("watcher")
    watcher.wait_for("ready")
    subscribed(bench, 1)
    first, last = bench.fresh.ids(2)
    client = bench.redis.client
    client.publish(CHANNEL, json.dumps({"id": first, "worker": "w1"}))
    watcher.wait_for("result", id=first)
    broken = ['{"id": ' + bench.fresh.word(), '"only text"', '{"worker": "w1"}']
    for text in broken:
        client.publish(CHANNEL, text)
    bench.note("qlab", f"published 3 broken messages on {CHANNEL}, then a good one")
    client.publish(CHANNEL, json.dumps({"id": last, "worker": "w1"}))
    watcher.wait_for("result", id=last)
    expect.equal(
        len(watcher.events("error")),
        len(broken),
        what="error events for 3 broken messages (not JSON; only text; no id)",
        next_step="Which of the three messages gets no error event?",
    )
