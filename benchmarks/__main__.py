"""`python -m benchmarks [ROUNDS]`: prints the tables as Markdown."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.paint import hello, painted
from benchmarks.timing import command, environment, interleaved

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def main() -> int:
    """Run everything in a workspace of its own and leave nothing."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory(prefix="qlab-bench-") as folder:
        env = environment(QLAB_HOME=f"{folder}/work", QLAB_CACHE=f"{folder}/cache", QLAB_LABS=str(ROOT / "tests/labs"))
        qlab = str(BIN / "qlab")
        print(
            f"{platform.system()}, {os.cpu_count()} processors, Python {platform.python_version()}, {rounds} rounds in turn"
        )
        try:
            commands(rounds, qlab, env)
            starts(rounds, qlab, env, folder)
            paints(rounds, qlab, env)
        finally:
            subprocess.run([qlab, "stop"], env=env, capture_output=True)
    return 0


def table(title: str) -> None:
    """The head of a table."""
    print(f"\n| {title} | median | range | ratio |\n|---|---|---|---|")


def commands(rounds: int, qlab: str, env: dict[str, str]) -> None:
    """The everyday commands beside check50's help, and beside its three checks where it can run them."""
    subprocess.run([qlab, "start", "echo", "--plain"], env=env, capture_output=True)
    correct = ROOT / "tests/labs/echo/hidden/submissions/correct/plain"
    timed = interleaved(
        rounds,
        {
            "check50 --help": command([str(BIN / "check50"), "--help"], env),
            "qlab --help": command([qlab, "--help"], env),
            "qlab list": command([qlab, "list"], env),
            "qlab status": command([qlab, "status"], env),
            "qlab check (3 checks, no service)": command([qlab, "check", str(correct), "--lab", "echo"], env),
        },
    )
    table("command, against check50 --help")
    for one in timed.values():
        print(one.row(timed["check50 --help"]))


def starts(rounds: int, qlab: str, env: dict[str, str], folder: str) -> None:
    """Day 3 from nothing, and again when its Redis runs already."""
    cold = command([qlab, "start", "day3", "--plain"], env)
    stop = command([qlab, "stop"], env)

    def from_nothing() -> float:
        stop()
        shutil.rmtree(f"{folder}/work", ignore_errors=True)
        return cold()

    timed = interleaved(
        rounds,
        {
            "check50 --help": command([str(BIN / "check50"), "--help"], env),
            "qlab start day3, cold": from_nothing,
            "qlab start day3, attached": cold,
            "qlab stop": stop,
        },
    )
    table("start, against check50 --help")
    for one in timed.values():
        print(one.row(timed["check50 --help"]))


def paints(rounds: int, qlab: str, env: dict[str, str]) -> None:
    """First frame of home beside the smallest Textual program."""
    env = {name: value for name, value in env.items() if name not in ("CI", "QLAB_PLAIN", "NO_COLOR")}
    hello_name, home = "hello, Textual", "qlab, home"
    timed = interleaved(rounds, {hello_name: hello(env), home: painted([qlab], "Redis as a queue", env)})
    table("first frame, against the smallest Textual program")
    for one in timed.values():
        print(one.row(timed[hello_name]))


if __name__ == "__main__":
    raise SystemExit(main())
