"""Checks of the practice "A queue in a list"."""

from collections import Counter

from qlab.checkkit import Bench, expect

QUEUE = "queue:jobs"
IDLE_SECONDS = 6
MOST_COMMANDS = 15
NOT_WORK = {"info", "hello", "client|setinfo", "client|setname", "client|maint_notifications", "auth", "select"}


def put(bench: Bench, jobs: list) -> None:
    """The learner's producer puts these jobs."""
    producer = bench.run("producer", stdin=jobs)
    expect.equal(
        [e.get("id") for e in producer.events("queued")],
        [job["id"] for job in jobs],
        what="ids of the `queued` events",
        next_step="The producer says `queued` once for each job, after it has put it in the list.",
    )


def test_fifo(bench: Bench) -> None:
    """Jobs are done in the order they were put in"""
    ids = bench.fresh.ids(6)
    put(bench, [{"id": id} for id in ids])
    expect.equal(
        bench.redis.client.llen(QUEUE),
        len(ids),
        what=f"jobs in the list {QUEUE} before any consumer runs",
        next_step=f"Which Redis command puts a job at the left end of {QUEUE}?",
    )
    consumer = bench.start("consumer")
    consumer.wait_for("ready")
    for id in ids:
        consumer.wait_for("done", id=id)
    expect.equal(
        [e["id"] for e in consumer.events("done")],
        ids,
        what="order of the done jobs",
        next_step="New jobs come in at the left end. At which end is the oldest one?",
    )
    expect.equal(
        [e.get("id") for e in consumer.events("started")],
        ids,
        what="order of the started jobs",
        next_step="Say `started` before the work of each job, with its id.",
    )


def test_bad_json(bench: Bench) -> None:
    """A broken line or a broken item is reported, and the next jobs are still done"""
    client = bench.redis.client
    first, second, third = bench.fresh.ids(3)
    garbage = ['{"id": ' + bench.fresh.word(), '["a", "list"]', '{"work_ms": 1}']

    producer = bench.run("producer", stdin=[{"id": first}, *garbage, {"id": second}])
    expect.equal(
        producer.status,
        0,
        what="exit status of the producer after 3 broken lines among 5",
        next_step="What does your producer do when json.loads raises an error?",
    )
    expect.equal(
        [e.get("id") for e in producer.events("queued")],
        [first, second],
        what="jobs the producer queued (3 broken lines stood between them)",
        next_step="A broken line is answered by an error event. What happens to the lines after it?",
    )
    expect.equal(
        len(producer.events("error")),
        len(garbage),
        what="error events of the producer for 3 broken lines (not JSON; a list; no id)",
        next_step="Which of the three lines gets no error event?",
    )

    consumer = bench.start("consumer")
    consumer.wait_for("ready")
    consumer.wait_for("done", id=second)
    for item in garbage:
        client.lpush(QUEUE, item)
    bench.note("qlab", "put 3 broken items in the list itself, then a good job")
    put(bench, [{"id": third}])
    consumer.wait_for("done", id=third)
    expect.equal(
        len(consumer.events("error")),
        len(garbage),
        what="error events of the consumer for 3 broken items (not JSON; a list; no id)",
        next_step="Which of the three items gets no error event?",
    )
    left = bench.eventually(lambda: client.llen(QUEUE) == 0, within=2)
    expect.that(
        left,
        expected="the broken items are gone from the list",
        observed=f"still in {QUEUE}: {client.lrange(QUEUE, 0, -1)}",
        next_step="Who takes a broken item out of the list?",
    )


def test_waits(bench: Bench) -> None:
    """With nothing to do the consumer waits inside Redis, and takes the next job whenever it comes"""
    redis = bench.redis
    first, late = bench.fresh.ids(2)
    consumer = bench.start("consumer")
    consumer.wait_for("ready")
    put(bench, [{"id": first}])
    consumer.wait_for("done", id=first)

    blocked = bench.eventually(
        lambda: redis.client.info("clients")["blocked_clients"] > 0, within=2, watching=[consumer]
    )
    expect.that(
        blocked,
        expected="the consumer waits inside Redis (Redis counts it as a blocked client)",
        observed="Redis has no blocked client: the consumer does not wait there",
        next_step="Which command takes a job and, if there is none, waits for one?",
    )
    bench.note("qlab", f"gives the consumer nothing to do for {IDLE_SECONDS} s and counts its commands")
    before = Counter(redis.calls())
    clock = f"clock:{bench.fresh.word()}"
    ticks = IDLE_SECONDS // 2
    for _ in range(ticks):
        redis.client.blpop(
            [clock], timeout=2
        )  # nobody ever pushes here: this waits two seconds on the server's own clock
    spent = Counter(redis.calls())
    spent.subtract(before)
    spent["blpop"] -= ticks
    spent = {name: count for name, count in spent.items() if count > 0 and name not in NOT_WORK}
    expect.that(
        sum(spent.values()) <= MOST_COMMANDS,
        expected=f"at most {MOST_COMMANDS} commands in {IDLE_SECONDS} idle seconds",
        observed=f"{sum(spent.values())} commands: " + ", ".join(f"{name} ×{n}" for name, n in spent.items()),
        next_step="How does your consumer find out that there is a job: does it ask, or is it told?",
    )
    bench.note("qlab", "puts a job after the idle time")
    put(bench, [{"id": late}])
    consumer.wait_for("done", id=late)


def test_share(bench: Bench) -> None:
    """Two consumers share the work, and no job is done twice"""
    ids = bench.fresh.ids(30)
    consumers = [bench.start("consumer", worker_id=name) for name in ("w1", "w2")]
    for consumer in consumers:
        consumer.wait_for("ready")
    put(bench, [{"id": id, "work_ms": 20} for id in ids])

    def done() -> Counter:
        return Counter(e.get("id") for consumer in consumers for e in consumer.events("done"))

    def wait_for(wanted: list, within: float) -> None:
        bench.eventually(lambda: set(wanted) <= set(done()), within=within, watching=consumers)
        missing = [id for id in wanted if id not in done()]
        for consumer in consumers:
            expect.that(
                consumer.alive,
                expected="both consumers run on",
                observed=f"{consumer.label} ended, {consumer.how_it_ended() if not consumer.alive else ''}",
                next_step="What made it end?",
            )
        expect.that(
            not missing,
            expected=f"all {len(wanted)} jobs are done by one of two consumers",
            observed=f"{len(missing)} jobs are not done, such as {missing[:3]}",
            next_step="Where are the missing jobs now: in the list, or in somebody's memory?",
        )

    wait_for(ids, 6)
    markers = bench.fresh.ids(4)
    put(bench, [{"id": id} for id in markers])
    wait_for(markers, 5)

    twice = sorted(id for id, count in done().items() if count > 1)
    expect.that(
        not twice,
        expected="each of the jobs is done by exactly one consumer",
        observed=f"{len(twice)} jobs were done twice, such as {twice[:3]}",
        next_step="Look at the moment a consumer has seen a job. Can the other one still see it?",
    )
    for consumer in consumers:
        mine = consumer.events("done")
        expect.that(
            mine,
            expected="both consumers get work",
            observed=f"{consumer.label} did none of {len(ids)} jobs of 20 ms each",
            next_step="How many jobs does one consumer take at once?",
        )
        expect.equal(
            sorted({str(e.get("worker")) for e in mine}),
            [consumer.worker_id],
            what="`worker` in the done events of one consumer",
            next_step="The name of this process is in the environment variable WORKER_ID.",
        )


def test_stops(bench: Bench) -> None:
    """SIGTERM: the job in hand is finished, the rest stays in the queue"""
    client = bench.redis.client
    slow, rest = bench.fresh.ids(2)
    consumer = bench.start("consumer")
    consumer.wait_for("ready")
    put(bench, [{"id": slow, "work_ms": 800}, {"id": rest}])
    consumer.wait_for("started", id=slow)
    consumer.terminate()
    status = consumer.wait_exit(5)
    expect.that(
        consumer.events("done", id=slow),
        expected="the job in hand is finished before the consumer ends",
        observed=f"the consumer ended, {consumer.how_it_ended()}; job {slow} was started and is not done",
        next_step="What does Python do on SIGTERM if the program does not say what it wants?",
    )
    expect.equal(
        status,
        0,
        what="exit status after SIGTERM",
        next_step="How does your main loop learn that it should stop? What happens then?",
    )
    expect.that(
        not consumer.events("started", id=rest),
        expected="no other job is started after SIGTERM",
        observed=f"job {rest} was started",
        next_step="At which place of your loop do you look whether you should stop?",
    )
    expect.equal(
        client.llen(QUEUE),
        1,
        what=f"jobs left in {QUEUE}",
        next_step="The job that was not started: who has it now?",
    )
    other = bench.start("consumer", worker_id="w2")
    other.wait_for("done", id=rest)
