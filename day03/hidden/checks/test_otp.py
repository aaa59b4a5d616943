"""Checks of the project "Redis Queue OTP Service"."""

import json
import re
from collections import Counter

from qlab.checkkit import Bench, expect
from qlab.checkkit.program import Program

QUEUE = "queue:otp"
CHANNEL = "otp:events"
TTL = 300
SHORT_TTL = 2
SIX_DIGITS = re.compile(r"[0-9]{6}")


def kept(bench: Bench, email: str) -> str | None:
    """The code kept for this address now, None if there is no key."""
    client, key = bench.redis.client, f"otp:{email}"
    kind = client.type(key)
    if kind == "none":
        return None
    expect.equal(kind, "string", what=f"kind of the key {key}", next_step="Which command stores a plain string?")
    return client.get(key)


def sign_up(bench: Bench, *emails: str) -> list:
    """The learner's signup runs to its end; the codes it keeps now."""
    signup = bench.run("signup", *emails)
    expect.equal(
        signup.status, 0, what="exit status of signup", next_step=f"Its last words: {signup.err[-200:] or '(nothing)'}"
    )
    codes = []
    for email in emails:
        code = kept(bench, email)
        expect.that(
            code,
            expected=f"after signup a code is kept at otp:{email}",
            observed="there is no such key",
            next_step="Which command of yours writes this key? Did it run?",
        )
        codes.append(code)
    return codes


def wrong_code(bench: Bench, code: str) -> str:
    """Six digits that are not the code."""
    while (other := f"{bench.fresh.random.randrange(1_000_000):06d}") == code:
        pass
    return other


def verify(bench: Bench, email: str, code: str) -> int:
    """Exit status of the learner's verify."""
    return bench.run("verify", email, code).status


def accepted(bench: Bench, email: str, code: str, *, when: str, next_step: str) -> None:
    """verify must exit 0."""
    expect.equal(
        verify(bench, email, code), 0, what=f"exit status of verify with the right code {when}", next_step=next_step
    )


def refused(bench: Bench, email: str, code: str, *, when: str, next_step: str) -> None:
    """verify must exit 1."""
    expect.equal(verify(bench, email, code), 1, what=f"exit status of verify {when}", next_step=next_step)


def blocked(bench: Bench) -> bool:
    """True while somebody waits inside Redis."""
    return bench.redis.client.info("clients")["blocked_clients"] > 0


def sent(*workers: Program) -> Counter:
    """How often each address was sent a code."""
    return Counter(e.get("email") for worker in workers for e in worker.events("otp.sent"))


QUIET = 5
"""Seconds without a new code after which no more are waited for. As long as codes keep coming, no worker is too slow."""


def unsent(bench: Bench, emails: list, *workers: Program) -> list:
    """Those of the addresses that were sent no code when no new one came for QUIET seconds, or a worker died."""

    def left() -> list:
        counts = sent(*workers)
        return [email for email in emails if not counts[email]]

    def progress(before: int) -> bool:
        return bench.eventually(lambda: len(left()) < before, within=QUIET, watching=workers)

    while missing := left():
        if not progress(len(missing)):
            break
    return missing


def fate(bench: Bench, email: str, worker: Program) -> str:
    """Where the code of this address is, for a worker that does not send it."""
    if not worker.alive:
        return f"{worker.label} ended, {worker.how_it_ended()}"
    client = bench.redis.client
    where = [key for key in client.scan_iter(_type="list") if any(email in item for item in client.lrange(key, 0, -1))]
    waited = f"{worker.label} runs, and no new code came for {bench.patience.seconds(QUIET):.0f} s"
    return f"{waited}; its item is in " + (f"the list {where[0]}" if where else "no list of Redis")


def take_from_queue(bench: Bench, emails: list) -> list:
    """The items the learner's signup made for these addresses, oldest first, no longer in the queue."""
    sign_up(bench, *emails)
    client = bench.redis.client
    items = client.lrange(QUEUE, 0, -1)[::-1]
    client.delete(QUEUE)
    expect.equal(len(items), len(emails), what=f"items in {QUEUE}", next_step="Where does signup put its items?")
    return items


def freeze_waiting(bench: Bench, worker: Program) -> bool:
    """Freeze the worker while it waits inside Redis; False if it was never found there, and then it is frozen too.

    Redis gives the next item to such a worker at once, and the worker cannot do anything with it.
    """
    for _ in range(20):
        waiting = bench.eventually(lambda: blocked(bench), within=1, watching=[worker])
        worker.freeze()
        if blocked(bench):
            return True
        if not waiting:
            return False
        worker.thaw()
    worker.freeze()
    return False


def test_queued(bench: Bench) -> None:
    """signup keeps the code and queues it for the worker"""
    emails = [bench.fresh.email() for _ in range(3)]
    signup = bench.run("signup", *emails)
    expect.equal(signup.status, 0, what="exit status of signup", next_step="Read its last words. Which line is it?")
    expect.equal(
        [e.get("email") for e in signup.events("otp.queued")],
        emails,
        what="addresses of the otp.queued events",
        next_step="signup takes one or more addresses. Does it say otp.queued for each?",
    )
    client = bench.redis.client
    expect.equal(client.type(QUEUE), "list", what=f"kind of the key {QUEUE}", next_step="Where does the item go?")
    raw = client.lrange(QUEUE, 0, -1)[::-1]
    expect.equal(len(raw), len(emails), what=f"items in {QUEUE}", next_step="One signup, one item.")
    wanted = [{"email": email, "code": kept(bench, email)} for email in emails]
    found = []
    for text in raw:
        try:
            item = json.loads(text)
            found.append({"email": item["email"], "code": item["code"]})
        except (ValueError, KeyError, TypeError):
            expect.fail(
                expected=f"each item in {QUEUE} is JSON with `email` and `code`",
                observed=f"this item: {text!r}",
                next_step="A worker in another language must understand the item too. Compare it with the task, letter by letter.",
            )
    expect.equal(
        found,
        wanted,
        what=f"items of {QUEUE}, oldest (right end) first, against the codes kept at otp:{{email}}",
        next_step="Same code in both places? New items at the left end?",
    )


def test_digits(bench: Bench) -> None:
    """Codes are six random digits, zeros kept"""
    groups = [[bench.fresh.email() for _ in range(100)] for _ in range(3)]
    signups = [bench.start("signup", *emails) for emails in groups]
    for signup in signups:
        expect.equal(
            signup.wait_exit(10), 0, what="exit status of signup for 100 addresses", next_step="Read its last words."
        )
    codes = []
    for emails in groups:
        mine = [kept(bench, email) for email in emails]
        for email, code in zip(emails, mine, strict=True):
            expect.that(
                code,
                expected=f"a code at otp:{email}",
                observed="no such key",
                next_step="signup takes one or more addresses. Does each get its code?",
            )
            expect.that(
                SIX_DIGITS.fullmatch(code or ""),
                expected="six digits, leading zeros kept",
                observed=f"the code {code!r}, {len(code or '')} characters long",
                next_step="What does your program make of the number 4217?",
            )
        expect.that(
            sorted(mine) != mine and sorted(mine, reverse=True) != mine,
            expected="codes nobody can foretell",
            observed=f"each code is greater than the one before it: {', '.join(mine[:4])} …",
            next_step="Who knows one code, what else does he know?",
        )
        codes += mine
    repeated = len(codes) - len(set(codes))
    expect.that(
        repeated <= 10,
        expected="300 signups in three runs get different codes (a few may be equal by chance)",
        observed=f"{repeated} of 300 codes repeat an earlier one",
        next_step="Start your program twice. Does it make the same codes again? Where does its randomness come from?",
    )


def test_silent(bench: Bench) -> None:
    """signup never prints a code"""
    emails = [bench.fresh.email() for _ in range(3)]
    signup = bench.run("signup", *emails)
    expect.equal(signup.status, 0, what="exit status of signup", next_step="Read its last words.")
    expect.equal(
        len(signup.events("otp.queued")), 3, what="otp.queued events", next_step="Say otp.queued for each address."
    )
    for email in emails:
        code = kept(bench, email)
        expect.that(
            code, expected=f"a code at otp:{email}", observed="no such key", next_step="Where is the code kept?"
        )
        expect.that(
            str(code) not in signup.all_text(),
            expected="the code appears nowhere in what signup prints",
            observed=f"signup printed the code of {email}",
            next_step="Who can read the log of a web service? Should they be able to log in as Ann?",
        )


WRITES_A_STRING = {"SET", "SETNX", "GETSET", "MSET", "MSETNX", "APPEND", "SETRANGE", "INCR", "INCRBY", "RENAME", "COPY"}
ENDS = {"EX", "PX", "EXAT", "PXAT"}


def test_ttl(bench: Bench) -> None:
    """A code lives 300 seconds, and has its end from the first moment"""
    emails = [bench.fresh.email() for _ in range(2)]
    client = bench.redis.client
    with bench.redis.record() as recording:
        sign_up(bench, *emails)
        left = {email: client.ttl(f"otp:{email}") for email in emails}
    for email in emails:
        key = f"otp:{email}"
        expect.that(
            TTL - 60 < left[email] <= TTL,
            expected=f"TTL {key} is {TTL} seconds right after signup",
            observed=f"TTL is {left[email]}" + (" (-1 means: lives for ever)" if left[email] == -1 else ""),
            next_step="Which of your commands gives the key its end, and in which unit?",
        )
        in_transaction = set()
        for seen in recording.commands:
            if seen.name == "MULTI":
                in_transaction.add(seen.client)
            elif seen.name in ("EXEC", "DISCARD"):
                in_transaction.discard(seen.client)
            bare = seen.name in WRITES_A_STRING and not ENDS & {word.upper() for word in seen.argv[3:]}
            if key in seen.argv and bare and seen.client != "lua" and seen.client not in in_transaction:
                bench.note("redis", f"{seen.name} {key} … without a time to live", decisive=True)
                expect.fail(
                    expected=f"there is no moment in which {key} has no end",
                    observed=f"{seen.name} wrote the key without a time to live; the end came with a later command",
                    next_step="Imagine the power goes between these two commands. How long does this code live?",
                )


def test_once(bench: Bench) -> None:
    """A code works once, also when several people try at the same moment"""
    email, raced = bench.fresh.email(), bench.fresh.email()
    code, raced_code = sign_up(bench, email, raced)
    accepted(
        bench, email, code, when="the first time", next_step="What does verify compare with what? Text with bytes?"
    )
    refused(
        bench, email, code, when="with the same code again", next_step="What is left in Redis after a code was used?"
    )

    client = bench.redis.client
    client.execute_command("CLIENT", "PAUSE", 20_000, "WRITE")
    bench.note("qlab", "holds back every write in Redis; reads are answered")
    racers = [bench.start("verify", raced, raced_code) for _ in range(4)]
    bench.eventually(
        lambda: client.info("clients")["blocked_clients"] >= len(racers) or not any(r.alive for r in racers), within=2
    )
    bench.note("qlab", "lets the writes go, all at once", decisive=True)
    client.execute_command("CLIENT", "UNPAUSE")
    statuses = [racer.wait_exit(5) for racer in racers]
    expect.equal(
        statuses.count(0),
        1,
        what="how many of 4 verify with the same right code exited 0",
        next_step="Between reading the code and deleting it: who else can read it?",
    )
    expect.equal(
        statuses.count(1), 3, what="how many of the 4 exited 1", next_step="What does the loser of the race do?"
    )


def test_tries(bench: Bench) -> None:
    """Five wrong tries lock an address until the next signup"""
    careful, guesser = bench.fresh.email(), bench.fresh.email()
    code, guessed = sign_up(bench, careful, guesser)
    for n in range(4):
        refused(
            bench,
            careful,
            wrong_code(bench, code),
            when=f"with a wrong code (try {n + 1})",
            next_step="What do you compare?",
        )
    accepted(
        bench,
        careful,
        code,
        when="after four wrong tries",
        next_step="What does a wrong try change in Redis? What must it not change?",
    )
    for n in range(5):
        refused(
            bench,
            guesser,
            wrong_code(bench, guessed),
            when=f"with a wrong code (try {n + 1})",
            next_step="What do you compare?",
        )
    refused(
        bench,
        guesser,
        guessed,
        when="with the right code after five wrong tries",
        next_step="There are a million codes. How many may one person try? Where do you count?",
    )
    (new,) = sign_up(bench, guesser)
    accepted(
        bench,
        guesser,
        new,
        when="after a lock and a new signup",
        next_step="What does signup do with the count of wrong tries?",
    )


def test_expires(bench: Bench) -> None:
    """An expired code is refused and never sent"""
    email, marker = bench.fresh.email(), bench.fresh.email()
    (live,) = sign_up(bench, marker)
    accepted(bench, marker, live, when="that has not expired", next_step="What does verify compare?")

    signup = bench.start("signup", email, env={"OTP_TTL_SECONDS": str(SHORT_TTL)})
    code = bench.eventually(lambda: kept(bench, email), within=5, watching=[signup])
    expect.that(
        code, expected=f"a code at otp:{email}", observed="no such key", next_step="Where does signup keep the code?"
    )
    expect.equal(signup.wait_exit(), 0, what="exit status of signup", next_step="Read its last words.")
    gone = bench.eventually(lambda: kept(bench, email) is None, within=SHORT_TTL + 1)
    expect.that(
        gone,
        expected=f"with OTP_TTL_SECONDS={SHORT_TTL} the code is gone after {SHORT_TTL} seconds",
        observed=f"otp:{email} is still there, its TTL is {bench.redis.client.ttl(f'otp:{email}')}",
        next_step="Where does your program get the number of seconds from?",
    )
    bench.note("redis", f"otp:{email} has expired")
    refused(bench, email, code, when="with an expired code", next_step="What does GET give for a key that is gone?")

    worker = bench.start("worker")
    worker.wait_for("otp.expired", email=email)
    sign_up(bench, marker)
    worker.wait_for("otp.sent", email=marker)
    expect.that(
        not worker.events("otp.sent", email=email),
        expected="an expired code is not sent",
        observed=f"otp.sent for {email}",
        next_step="What does the worker look at before it sends?",
    )


def test_replaced(bench: Bench) -> None:
    """A new signup replaces the old code, also in the queue"""
    email, other, decoy, marker = (bench.fresh.email() for _ in range(4))
    _, old, _ = sign_up(bench, decoy, email, other)
    new, other_new = sign_up(bench, email, other)
    expect.that(
        old != new,
        expected=f"a second signup keeps a new code at otp:{email}",
        observed="the old code is still there",
        next_step="What does your SET do when the key exists?",
    )
    worker = bench.start("worker")
    worker.wait_for("otp.sent", email=decoy)
    sign_up(bench, marker)
    worker.wait_for("otp.sent", email=marker)
    told = [(e["event"], e.get("code")) for e in worker.events() if e.get("email") == email]
    expect.that(
        ("otp.sent", old) not in told,
        expected="the replaced code is not sent",
        observed=f"otp.sent with the old code {old}; the code that counts is {new}",
        next_step="The item in the queue carries a code. Is it still the one that counts?",
    )
    expect.equal(
        [name for name, _ in told],
        ["otp.expired", "otp.sent"],
        what="what the worker said about an address that signed up twice",
        next_step="Two items are in the queue. What should be said about the first, what about the second?",
    )
    expect.equal(told[-1][1], new, what="code that was sent", next_step="Which code does the person need now?")
    refused(bench, email, old, when="with the replaced code", next_step="Which code does verify compare with?")
    accepted(bench, other, other_new, when="of the second signup", next_step="Which code does verify compare with?")


def test_events(bench: Bench) -> None:
    """Each result is told on the channel otp:events, without the code"""
    heard = bench.redis.listen(CHANNEL)
    fine, gone, marker = (bench.fresh.email() for _ in range(3))
    codes = sign_up(bench, fine, gone)
    bench.redis.client.delete(f"otp:{gone}")
    bench.note("qlab", f"took otp:{gone} away, as if its time were over")
    worker = bench.start("worker")
    worker.wait_for("otp.sent", email=fine)
    codes += sign_up(bench, marker)
    worker.wait_for("otp.sent", email=marker)
    said = [[e["event"], e.get("email")] for e in worker.events() if e["event"].startswith("otp.")]
    told = []
    for _, text in heard.wait(len(said), within=3):
        try:
            message = json.loads(text)
            told.append([message["event"], message["email"]])
        except (ValueError, KeyError, TypeError):
            expect.fail(
                expected=f"on {CHANNEL}: JSON objects with `event` and `email`",
                observed=f"this was published: {text!r}",
                next_step="What does the worker give to PUBLISH?",
            )
        expect.that(
            not any(str(code) in text for code in codes),
            expected=f"no code on {CHANNEL}",
            observed=f"a code was published: {text}",
            next_step="Who may subscribe to this channel?",
        )
    expect.equal(
        told,
        said,
        what=f"results heard on {CHANNEL}, against what the worker printed",
        next_step="A list keeps, a channel tells. Which command did you use, and for which results?",
    )


def test_bad_json(bench: Bench) -> None:
    """A broken item in the queue is reported, and the next codes are still sent"""
    first, last = bench.fresh.email(), bench.fresh.email()
    worker = bench.start("worker")
    worker.wait_for("ready")
    sign_up(bench, first)
    worker.wait_for("otp.sent", email=first)
    broken = ['{"email": ' + bench.fresh.word(), "[]", json.dumps({"email": bench.fresh.email()})]
    for item in broken:
        bench.redis.client.lpush(QUEUE, item)
    bench.note("qlab", f"put 3 broken items in {QUEUE}")
    sign_up(bench, last)
    worker.wait_for("otp.sent", email=last)
    expect.equal(
        len(worker.events("error")),
        len(broken),
        what="error events for 3 broken items (not JSON; a list; no code)",
        next_step="Which of the three items gets no error event?",
    )


def test_two_workers(bench: Bench) -> None:
    """Two workers handle each code exactly once"""
    workers = [bench.start("worker", worker_id=name) for name in ("w1", "w2")]
    for worker in workers:
        worker.wait_for("ready")
    emails = [bench.fresh.email() for _ in range(40)]
    sign_up(bench, *emails)
    missing = unsent(bench, emails, *workers)
    marker = bench.fresh.email()
    if not missing:
        sign_up(bench, marker)
        missing = unsent(bench, [marker], *workers)
    ended = [worker for worker in workers if not worker.alive]
    if missing:
        expect.fail(
            expected="every code is sent by one of two workers",
            observed=f"{len(missing)} of {len(emails) + 1} were not sent; the one for {missing[0]}: "
            + fate(bench, missing[0], (ended or workers)[0]),
            next_step="Do both workers still run? Where are the missing items now?",
        )
    twice = [email for email, count in sent(*workers).items() if count > 1]
    expect.that(
        not twice,
        expected="each code is sent exactly once",
        observed=f"{len(twice)} of {len(emails) + 1} codes were sent twice, such as the one for {twice[:1]}",
        next_step="Look at the moment a worker has seen an item. Can the other one still see it?",
    )


def waits_inside_redis(bench: Bench, worker: Program) -> None:
    """The worker has nothing to do: Redis must count it as a blocked client."""
    before = Counter(bench.redis.calls())
    if bench.eventually(lambda: blocked(bench), within=2, watching=[worker]):
        return
    asked = Counter(bench.redis.calls()) - before
    told = [f"{name} ×{n}" for name, n in asked.most_common() if not name.startswith(("info", "hello", "client|"))]
    expect.fail(
        expected="while the queue is empty the worker waits inside Redis (Redis counts it as a blocked client)",
        observed=f"Redis had no blocked client in {bench.patience.seconds(2):.0f} s; in this time it was sent: "
        + (", ".join(told) or "no command"),
        next_step="Which command takes an item, keeps it in a second list and, if there is none, waits for one?",
    )


def test_killed(bench: Bench) -> None:
    """A worker killed with a code in its hands loses nothing"""
    client = bench.redis.client
    first, taken, begun = bench.fresh.email(), bench.fresh.email(), bench.fresh.email()
    items = take_from_queue(bench, [taken, begun])
    worker = bench.start("worker")
    worker.wait_for("ready")
    sign_up(bench, first)
    worker.wait_for("otp.sent", email=first)
    waits_inside_redis(bench, worker)

    def wait_and_freeze() -> None:
        expect.that(
            freeze_waiting(bench, worker),
            expected="while the queue is empty the worker waits inside Redis",
            observed="it was stopped again and again, and never while it waited there",
            next_step="How long does your blocking command wait? Some milliseconds are asking again and again.",
        )

    def after_restart(held: str, died: str, next_step: str) -> None:
        starts = len(worker.events("ready"))
        worker.kill()
        worker.restart()
        worker.wait_for("ready", count=starts + 1)
        marker = bench.fresh.email()
        sign_up(bench, marker)
        if held in (missing := unsent(bench, [held, marker], worker)):
            expect.fail(
                expected="after its restart the worker sends the code it held when it was killed",
                observed=f"the code for {held} was never sent. The worker was killed {died}; after its restart "
                + ("it sent nothing" if marker in missing else "it sent a later code")
                + f"; {fate(bench, held, worker)}",
                next_step=next_step,
            )

    # Given the item while frozen, killed now: dead after the take and before everything else, every time.
    wait_and_freeze()
    client.lpush(QUEUE, items[0])
    bench.note("qlab", f"put the item of {taken} in {QUEUE}")
    bench.note("redis", f"{client.llen(QUEUE)} item(s) left in {QUEUE}", decisive=True)
    after_restart(
        taken,
        "right after Redis gave it the item",
        "Look at the moment the item leaves queue:otp. Who still has it if the worker dies now?",
    )

    # With the writes held back it goes on to its first command that changes something or tells somebody. Frozen there,
    # then the write let go: it is dead right after this command, whichever it is, and has not learned its answer.
    wait_and_freeze()
    client.lpush(QUEUE, items[1])
    client.execute_command("CLIENT", "PAUSE", 600_000, "WRITE")
    bench.note("qlab", f"put the item of {begun} in {QUEUE}, and holds back every write after that")
    worker.thaw()
    bench.eventually(lambda: blocked(bench), within=2, watching=[worker])
    worker.freeze()
    seen = next((c["cmd"] for c in client.client_list() if "b" in c["flags"]), "")
    client.execute_command("CLIENT", "UNPAUSE")
    bench.eventually(lambda: not blocked(bench), within=1)
    bench.note("redis", f"did the command of the frozen worker: {seen or 'there was none'}", decisive=True)
    after_restart(
        begun,
        f"right after its command {seen.upper()}" if seen else "with the item in its hands",
        "Which comes first in your program: that the item is done with in Redis, or that it is done?",
    )


def test_reconnects(bench: Bench) -> None:
    """Redis goes away and comes back: the worker goes on"""
    before, after = bench.fresh.email(), bench.fresh.email()
    worker = bench.start("worker")
    worker.wait_for("ready")
    sign_up(bench, before)
    worker.wait_for("otp.sent", email=before)
    # Between the log line and the end of an item a lost connection makes a right worker send it again.
    bench.eventually(lambda: blocked(bench), within=2, watching=[worker])
    bench.redis.kill()
    bench.eventually(lambda: not worker.alive, within=2.5)  # a worker that gives up ends the wait early
    expect.that(
        worker.alive,
        expected="the worker stays alive while Redis is away",
        observed=f"it ended, {worker.how_it_ended() if not worker.alive else ''}",
        next_step="Which exception ended it? What should a worker do when its broker is away for a moment?",
    )
    bench.redis.restart()
    sign_up(bench, after)
    worker.wait_for("otp.sent", email=after, within=6)
    expect.equal(
        sorted(sent(worker).items()),
        sorted([(before, 1), (after, 1)]),
        what="codes sent",
        next_step="Was something done again after the new connection?",
    )


def test_stops(bench: Bench) -> None:
    """SIGTERM: exit 0, nothing lost, nothing sent twice"""
    first, emails = bench.fresh.email(), [bench.fresh.email() for _ in range(8)]
    items = take_from_queue(bench, emails)
    worker = bench.start("worker")
    worker.wait_for("ready")
    sign_up(bench, first)
    worker.wait_for("otp.sent", email=first)
    freeze_waiting(bench, worker)  # so that the signal finds it with an item in its hands and more in the queue
    bench.redis.client.lpush(QUEUE, *items)
    bench.note("qlab", f"put {len(items)} items in {QUEUE}")
    worker.terminate()
    worker.thaw()
    stop = "How does your main loop learn that it should stop? What if it is waiting inside Redis just then?"
    expect.equal(worker.wait_exit(5), 0, what="exit status after SIGTERM", next_step=stop)
    worker.restart()
    worker.wait_for("ready", count=2)
    missing = unsent(bench, emails, worker)
    twice = [email for email, count in sent(worker).items() if count > 1]
    codes = f"all {len(emails)} codes are sent exactly once, by the worker before SIGTERM or by the one after it"
    step = "What is in the hands of your worker when the signal comes, and what becomes of it?"
    if missing:
        expect.fail(
            expected=codes,
            observed=f"{len(emails) - len(missing)} were sent; not the one for {missing[0]}: "
            + fate(bench, missing[0], worker),
            next_step=step,
        )
    expect.that(
        not twice,
        expected=codes,
        observed=f"{len(twice)} were sent twice, such as the one for {twice[:1]}",
        next_step=step,
    )
    worker.terminate()
    expect.equal(worker.wait_exit(5), 0, what="exit status after SIGTERM while idle", next_step=stop)
