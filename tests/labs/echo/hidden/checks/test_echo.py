"""The checks of the step `echo`."""

from qlab.checkkit import Bench, expect


def test_ready(bench: Bench) -> None:
    """The program says that it is ready, with the greeting it was given."""
    greeting = bench.fresh.word()
    echo = bench.start("echo", env={"GREETING": greeting})
    ready = echo.wait_for("ready", within=2)
    expect.equal(ready.get("greeting"), greeting, what="greeting", next_step="Where does the greeting come from?")


def test_all(bench: Bench) -> None:
    """Every id is said back."""
    echo = bench.start("echo")
    ids = bench.fresh.ids(20)
    echo.feed({"id": id} for id in ids)
    echo.close_input()
    for id in ids:
        echo.wait_for("said", within=2, id=id)
    expect.equal(echo.wait_exit(2), 0, what="exit status")


def test_order(bench: Bench) -> None:
    """Ids are said back in the order they came."""
    echo = bench.start("echo")
    ids = bench.fresh.ids(5)
    echo.feed({"id": id} for id in ids)
    echo.close_input()
    echo.wait_exit(2)
    expect.equal(
        [e["id"] for e in echo.events("said")], ids, what="order of the ids", next_step="When do you print each line?"
    )
