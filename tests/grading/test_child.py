"""The report pipe: a line counts only if it is the next one and carries the nonce; a stopped child is no reason to wait."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qlab.checkkit.order import Order
from qlab.grading.child import Cancel, Child, environment
from qlab.model.errors import GraderFault, Interrupted
from qlab.programs import sweep
from tests.desk import GOOD, LABS, Desk


class Wire:
    """A child whose pipe is written by the test: everything of Child but the process behind it."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        order = Order("n0nce", "run", str(LABS / "echo"), "", "", "", "", ("echo.ready",), "seed", os.defpath)
        # A child that is ordered nothing sensible ends at once; only its pipe is of interest.
        self.child = Child(order, {}, tmp_path)
        self.child._process.wait()
        os.close(self.child._pipe)
        self.child._pipe, self.writer = os.pipe()

    def hear(self, *lines: bytes) -> list[dict[str, object]]:
        for line in lines:
            os.write(self.writer, line)
        os.close(self.writer)
        return list(self.child.entries(Cancel()))


@pytest.fixture
def wire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wire:
    return Wire(tmp_path, monkeypatch)


def line(seq: int, nonce: str = "n0nce", **entry: object) -> bytes:
    return json.dumps({"nonce": nonce, "seq": seq, "event": "started", "id": "echo.ready", **entry}).encode() + b"\n"


def test_lines_in_order_count(wire: Wire) -> None:
    assert [entry["seq"] for entry in wire.hear(line(0), line(1), line(2))] == [0, 1, 2]


def test_a_line_may_come_in_pieces(wire: Wire) -> None:
    assert len(wire.hear(*(bytes([byte]) for byte in line(0)))) == 1


def test_half_a_line_at_the_end_counts_as_nothing(wire: Wire) -> None:
    assert len(wire.hear(line(0), line(1)[:-9])) == 1


@pytest.mark.parametrize(
    "forged",
    [
        line(0, "guess"),
        line(1),
        line(0) + line(0),
        line(0) + line(2),
        b"5 passed\n",
        b"null\n",
        b"[]\n",
        b"\xff\xfe\n",
        b"\n",
        b"{}\n",
        json.dumps({"nonce": "n0nce", "seq": 0}).encode() + b"\n",
        line(0, event=7),
        line(0, id=["echo.ready"]),
        b"[" * 30_000 + b"\n",
    ],
)
def test_a_line_that_is_forged_repeated_or_malformed_ends_the_report(wire: Wire, forged: bytes) -> None:
    with pytest.raises(GraderFault):
        wire.hear(forged)


def test_a_line_without_end_is_not_kept(wire: Wire) -> None:
    reader = wire.child
    writer = subprocess.Popen(
        [sys.executable, "-c", f"import os\nwhile True: os.write({wire.writer}, b'x' * 65536)"],
        pass_fds=(wire.writer,),
        stderr=subprocess.DEVNULL,
    )
    os.close(wire.writer)
    try:
        with pytest.raises(GraderFault, match="larger than it can be"):
            list(reader.entries(Cancel()))
    finally:
        writer.kill()
        writer.wait()


def test_a_stop_from_another_thread_ends_the_reading(wire: Wire) -> None:
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Interrupted):
        list(wire.child.entries(cancel))
    os.close(wire.writer)


def test_the_childs_environment_is_made_from_nothing() -> None:
    user = {
        "PATH": "/bin",
        "HOME": "/home/me",
        "PYTEST_ADDOPTS": "-k no",
        "PYTHONPATH": "/evil",
        "DOCKER_HOST": "unix:///d",
    }
    assert environment(user) == {
        "PATH": "/bin",
        "HOME": "/home/me",
        "DOCKER_HOST": "unix:///d",
        "LANG": "C.UTF-8",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }


def test_a_program_that_stops_the_grader_gets_an_error_and_holds_nobody_up(desk: Desk) -> None:
    # The parent of the program is its check; that one's parent runs all checks.
    desk.write(
        "import os, signal\n"
        "parent = int(open(f'/proc/{os.getppid()}/stat').read().rpartition(')')[2].split()[1])\n"
        "os.kill(parent, signal.SIGSTOP)\n" + GOOD
    )
    graded = desk.graded()
    assert set(graded.outcomes.values()) == {"error"}
    assert "stopped the process that runs the checks" in graded.results["echo.ready"].observed
    assert desk.left_behind() == []


def test_what_hid_without_its_mark_is_ended_with_the_child(desk: Desk) -> None:
    desk.write(
        "import os, signal, sys\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork(): os._exit(0)\n"
        "    os.execve(sys.executable, [sys.executable, '-c', 'import signal; signal.pause()', 'unmarked-survivor'], {})\n"
        "parent = int(open(f'/proc/{os.getppid()}/stat').read().rpartition(')')[2].split()[1])\n"
        "os.wait()\n"
        "os.kill(parent, signal.SIGSTOP)\n"
        "signal.pause()\n"
    )
    desk.graded()
    for pid in sweep._parents():
        try:
            assert b"unmarked-survivor" not in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue


def test_ending_twice_is_ending_once(wire: Wire) -> None:
    os.close(wire.writer)
    wire.child.end()
    wire.child.end()
    assert wire.child._process.returncode is not None
    assert signal.SIGKILL  # the process was gone before
