"""What hides in the background is found: by its mark, by its parents, and though it looks dead."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qlab.programs import sweep
from tests.desk import PATH

DAEMON = """
import os, signal, sys
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
os.close(0)
os.write(1, b"%d\\n" % os.getpid())
while True: signal.pause()
"""

HOLLOW = """
import ctypes, os, signal, sys, threading
def live():
    os.write(1, b"%d\\n" % os.getpid())
    while True: signal.sigwait([signal.SIGUSR1])
threading.Thread(target=live).start()
ctypes.CDLL(None).pthread_exit(None)
"""

CHAIN = """
import os, sys, time
os.write(1, b"%d\\n" % os.getpid())
os.close(1)
until = time.monotonic() + 20  # a test must not leave it running for ever, whatever fails
while time.monotonic() < until:
    if os.fork(): os._exit(0)
    if len(sys.argv) > 1: os.setsid()
    time.sleep(0.002)
"""


def start(code: str, run: str, *args: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start a program of this run; also the id it says it has."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *args],
        env={"PATH": PATH, sweep.MARK: run},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout
    return process, int(process.stdout.readline())


def lives(pid: int) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] not in "ZX" or int(fields[17]) > 1


def test_a_daemon_that_left_its_session_is_found_by_its_mark(run: str) -> None:
    process, pid = start(DAEMON, run)
    process.wait()
    assert lives(pid)
    assert run in sweep.marked_runs()
    assert sweep.end_marked(run) == 1
    assert not lives(pid)
    process.communicate()


def test_a_program_whose_first_thread_ended_is_not_taken_for_dead(run: str) -> None:
    process, pid = start(HOLLOW, run)
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        pass
    assert pid in sweep.descendants(os.getpid())
    os.kill(pid, signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("how", [(), ("sessions",)], ids=["one group", "a session each"])
def test_programs_that_only_fork_are_outrun(run: str, how: tuple[str, ...]) -> None:
    process, _ = start(CHAIN, run, *how)
    process.wait()
    assert sweep.end_marked(run) > 0
    for _ in range(20):
        assert sweep.marked(run) == set()
    process.communicate()


def test_without_its_mark_it_is_still_a_descendant_of_who_adopts_orphans(run: str) -> None:
    bare = f"import os, sys; os.execve(sys.executable, [sys.executable, '-c', {DAEMON!r}], {{}})"
    code = f"""
import os, subprocess, sys
from qlab.programs import kernel, sweep
assert kernel.adopt_orphans()
program = subprocess.Popen([sys.executable, "-c", {bare!r}], stdout=subprocess.PIPE, env={{}})
pid = int(program.stdout.readline())
program.wait()
assert pid in sweep.descendants(os.getpid())
assert sweep.end_descendants(os.getpid()) == 1
assert not os.path.exists(f"/proc/{{pid}}")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_what_is_spared_lives_and_so_does_what_it_started(run: str) -> None:
    family = "import os, signal\nif os.fork() == 0: os.write(1, b'%d\\n' % os.getpid())\nsignal.pause()"
    process, child = start(family, run)
    try:
        assert {process.pid, child} <= sweep.descendants(os.getpid())
        assert not {process.pid, child} & sweep.descendants(os.getpid(), spare=[process.pid])
    finally:
        sweep.end_marked(run)
        process.communicate()


def test_other_runs_are_left_alone(run: str) -> None:
    process, pid = start(DAEMON, run)
    process.wait()
    assert sweep.end_marked(run[:-1]) == 0
    assert sweep.end_marked(run + "0") == 0
    assert lives(pid)
    sweep.end_marked(run)
    process.communicate()


@pytest.mark.parametrize("unknown", [0x7FFFFFFF])
def test_nothing_is_below_a_process_that_is_not_there(unknown: int) -> None:
    assert sweep.descendants(unknown) == set()
    assert sweep.end_descendants(unknown) == 0
