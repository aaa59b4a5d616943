"""The limits of the tier every system has, each reached by a real program."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qlab.programs.sandbox.session import SessionTier
from qlab.programs.sandbox.tier import Limits
from tests.desk import PATH


def run(code: str, folder: Path, limits: Limits) -> subprocess.CompletedProcess[str]:
    """Run Python code inside the tier."""
    confined = SessionTier().confine([sys.executable, "-c", code], {"PATH": PATH}, folder, limits)
    return subprocess.run(
        confined.argv,
        env=dict(confined.env),
        cwd=confined.cwd,
        preexec_fn=confined.preexec,
        capture_output=True,
        text=True,
    )


def test_a_file_grows_to_its_limit_and_no_further(tmp_path: Path) -> None:
    done = run("open('big', 'wb').write(b'x' * 2_000_000)", tmp_path, Limits(file_size=1_000_000))
    assert "File too large" in done.stderr
    assert (tmp_path / "big").stat().st_size == 1_000_000


def test_a_crash_leaves_no_core_file(tmp_path: Path) -> None:
    done = run(
        "import os, resource; print(resource.getrlimit(resource.RLIMIT_CORE), flush=True); os.abort()",
        tmp_path,
        Limits(),
    )
    assert done.stdout == "(0, 0)\n"
    assert done.returncode == -signal.SIGABRT
    assert list(tmp_path.iterdir()) == []


def test_a_loop_that_never_ends_dies_of_a_signal_that_says_why(tmp_path: Path) -> None:
    assert run("while True: pass", tmp_path, Limits(cpu_seconds=1)).returncode == -signal.SIGXCPU


def test_a_loop_that_ignores_that_signal_dies_too(tmp_path: Path) -> None:
    code = "import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"
    assert run(code, tmp_path, Limits(cpu_seconds=1)).returncode == -signal.SIGKILL


def test_memory_has_an_end(tmp_path: Path) -> None:
    assert "MemoryError" in run("x = b'x' * 500_000_000", tmp_path, Limits(memory=300_000_000)).stderr


def test_open_files_have_an_end(tmp_path: Path) -> None:
    assert (
        "Too many open files"
        in run("x = [open('/dev/null') for _ in range(50)]", tmp_path, Limits(open_files=20)).stderr
    )


def test_no_rights_come_from_setuid_programs_and_none_to_look_into_others(tmp_path: Path) -> None:
    status = dict(
        line.split(":\t", 1)
        for line in run("print(open('/proc/self/status').read())", tmp_path, Limits()).stdout.splitlines()
        if ":\t" in line
    )
    assert status["NoNewPrivs"] == "1"
    for right in (16, 17, 19, 21):
        assert not int(status["CapEff"], 16) >> right & 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent")
def test_a_program_dies_with_who_started_it(tmp_path: Path) -> None:
    code = f"""
import os, subprocess, sys
from pathlib import Path
from qlab.programs.sandbox.session import SessionTier
from qlab.programs.sandbox.tier import Limits
confined = SessionTier().confine([sys.executable, "-c", "import os, signal; os.write(1, b'up'); signal.pause()"], {{}}, Path({str(tmp_path)!r}), Limits())
subprocess.Popen(confined.argv, env={{}}, preexec_fn=confined.preexec, start_new_session=True)
os.read(0, 1)
os.kill(os.getpid(), 9)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdin
    assert parent.stdout
    assert parent.stdout.read(2) == b"up"
    parent.stdin.write(b"x")
    parent.stdin.close()
    # The program holds the other end: the end of the stream is its death.
    assert parent.stdout.read() == b""
    parent.wait()
    parent.stdout.close()


def test_the_promises_are_in_words_for_the_learner() -> None:
    isolation = SessionTier().isolation()
    assert isolation.tier == "session"
    assert isolation.kept
    assert isolation.not_kept
