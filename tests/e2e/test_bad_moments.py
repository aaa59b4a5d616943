"""Cut off at the worst moment, on a machine that is not ready, with files that are wrong: a clear line, the right code, nothing left."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from qlab.brokers.redis.spec import Redis
from tests.desk import GOOD, Desk

REDIS = (
    'format = 1\nid = "stored"\ntitle = "Stored"\nabout = "Needs Redis."\npart = "Proofs"\nminutes = 1\nreference = "plain"\n'
    'services = ["redis"]\nlibraries = []\n[programs.main]\nabout = "x"\npython.run = ["python", "main.py"]\n'
    '[[steps]]\nid = "work"\nkind = "practice"\ntitle = "Work"\npage = "lesson/work.md"\nprograms = ["main"]\n'
    '[[checks]]\nid = "work.pings"\n'
)


@pytest.fixture
def stored(desk: Desk) -> Desk:
    """A desk with a lab that needs Redis."""
    desk.lab(
        'from qlab.checkkit import Bench\ndef test_pings(bench: Bench) -> None:\n    """Redis answers."""\n'
        "    assert bench.redis.client.ping()\n",
        id="stored",
    )
    (desk.labs / "stored/lab.toml").write_text(REDIS)
    return desk


def meeting(desk: Desk) -> Path:
    """A named pipe where a program and a test wait for each other."""
    path = desk.folder / "meet"
    os.mkfifo(path)
    return path


# cut off


@pytest.mark.parametrize("rude", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_during_a_check_leaves_nothing(desk: Desk, rude: signal.Signals) -> None:
    meet = meeting(desk)
    desk.write(
        f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nopen({str(meet)!r}, 'w').close()\nsignal.pause()"
    )
    with desk.begin("check", "echo") as begun:
        meet.open().close()  # the program runs now
        os.killpg(begun.process.pid, rude)
        _, err = begun.process.communicate(timeout=30)
        assert begun.process.returncode == 130
        assert b"stopped" in err
        assert b"Traceback" not in err
    assert desk.left_behind() == []
    assert not (desk.home / ".qlab/journal.jsonl").exists(), "there is no verdict to remember"


def test_ctrl_c_during_run_ends_the_program_kindly(desk: Desk) -> None:
    desk.qlab("start", "echo")
    desk.write(
        "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: (print('goodbye', flush=True), sys.exit(0)))\n"
        f"print('up', flush=True)\nopen({str(desk.folder / 'state')!r}, 'w').close()\nwhile True: signal.pause()"
    )
    with desk.begin("run", "echo") as begun:
        begun.says(b"up", "stdout")
        assert begun.interrupt()[0] == 130
    assert desk.left_behind() == []


def test_ctrl_c_during_run_ends_who_ignores_it_too(desk: Desk) -> None:
    desk.qlab("start", "echo")
    desk.write(
        "import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "if os.fork() == 0: os.setsid()\nprint('up', flush=True)\nwhile True: signal.pause()"
    )
    with desk.begin("run", "echo") as begun:
        begun.says(b"up\nup\n", "stdout")
        assert begun.interrupt()[0] == 130
    assert desk.left_behind() == []


def test_ctrl_c_during_start_keeps_the_files_and_starts_nothing(stored: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        with stored.begin("start", "stored", env={"QLAB_REDIS_URL": url}) as begun:
            connection, _ = silent.accept()  # it asks, and is not answered
            code, err = begun.interrupt()
            connection.close()
    assert code == 130
    assert "Traceback" not in err
    assert (stored.home / "stored/main.py").exists()
    assert "nothing of ours was running" in stored.qlab("stop").stdout
    assert stored.left_behind() == []


def test_a_killed_qlab_is_cleared_up_after_by_stop(desk: Desk) -> None:
    meet = meeting(desk)
    desk.write(
        "import os, signal\nif os.fork() == 0:\n    os.setsid()\n    if os.fork(): os._exit(0)\n"
        f"    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    open({str(meet)!r}, 'w').close()\n"
        "    while True: signal.pause()\nsignal.pause()\n"
    )
    with desk.begin("check", "echo", "--only", "ready") as begun:
        meet.open().close()
        begun.process.kill()
        begun.process.wait()
    assert "1 check run was cut off: `qlab stop` clears" in desk.qlab("status").stdout
    assert desk.left_behind() != []
    assert "cleared what 1 cut-off check run left" in desk.qlab("stop").stdout
    assert desk.left_behind() == []


def test_a_killed_check_of_a_folder_without_a_workspace_is_cleared_up_too(desk: Desk, tmp_path: Path) -> None:
    meet = meeting(desk)
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "echo.py").write_text(f"import signal\nopen({str(meet)!r}, 'w').close()\nsignal.pause()")
    env = {"QLAB_CACHE": str(tmp_path / "cache")}
    with desk.begin("check", str(folder), "--lab", "echo", env=env) as begun:
        meet.open().close()
        begun.process.kill()
        begun.process.wait()
    assert "cleared what 1 cut-off check run left" in desk.qlab("stop", env=env).stdout


@pytest.mark.needs("redis-server")
def test_a_killed_start_leaves_nothing_that_stop_cannot_find(stored: Desk) -> None:
    with stored.begin("start", "stored", "--runner", "native") as begun:
        begun.says(b"redis: native")
        begun.process.kill()
        begun.process.wait()
    stored.qlab("stop")
    assert '"state": "up"' not in stored.qlab("services", "--json").stdout
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes()
                assert not (b"redis-server" in line and (entry / "cwd").readlink().is_relative_to(stored.folder))
            except OSError:
                continue


# a disk, a folder, a lab that is wrong


def test_a_full_disk_costs_the_record_and_not_the_verdict(desk: Desk) -> None:
    desk.write(GOOD)
    (desk.home / ".qlab/journal.jsonl").symlink_to("/dev/full")
    done = desk.qlab("check", "echo")
    assert done.returncode == 3
    assert "3 passed" in done.stdout
    assert "the verdict above is right" in done.stderr
    assert "No space left on device" in done.stderr
    assert desk.left_behind() == []


def test_a_hint_and_a_page_are_shown_though_they_cannot_be_recorded(desk: Desk) -> None:
    desk.write(GOOD)
    line = f"ulimit -f 0; exec {sys.executable} -m qlab "
    for words, code, shown in (("hint ready --lab echo", 3, "hint 1 of 4"), ("read echo", 0, "One JSON object")):
        done = subprocess.run(["sh", "-c", line + words], cwd=desk.folder, env=desk.env, capture_output=True)
        assert done.returncode == code, done.stderr
        assert shown in done.stdout.decode()


@pytest.mark.parametrize("place", ["/proc/qlab", "/dev/null/qlab"])
def test_a_workspace_that_cannot_be_made_names_the_way_out(desk: Desk, place: str) -> None:
    done = desk.qlab("start", "echo", env={"QLAB_HOME": place})
    assert done.returncode == 3
    assert "QLAB_HOME" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_workspace_that_may_not_be_written_says_which_right_is_missing(desk: Desk) -> None:
    desk.write(GOOD)
    (desk.home / ".qlab").chmod(0o500)
    try:
        done = desk.qlab("check", "echo", ordinary=True)
    finally:
        (desk.home / ".qlab").chmod(0o700)
    assert done.returncode == 3, done.stderr
    assert "Permission denied" in done.stderr
    assert "chmod u+rwx" in done.stderr


def test_a_cache_that_may_not_be_written_names_the_way_out(desk: Desk) -> None:
    desk.write(GOOD)
    done = desk.qlab("check", "echo", env={"QLAB_CACHE": "/proc/qlab"})
    assert done.returncode == 3, done.stderr
    assert "QLAB_CACHE" in done.stderr
    assert desk.left_behind() == []


def test_a_folder_that_was_removed_under_ones_feet(desk: Desk) -> None:
    gone = desk.folder / "gone"
    for words in ("status", "check . --lab echo", "init"):
        line = f"mkdir {gone} && cd {gone} && rmdir {gone} && exec {sys.executable} -m qlab {words}"
        done = subprocess.run(["sh", "-c", line], env=desk.env, capture_output=True, text=True)
        assert done.returncode == 2, done.stderr
        assert "was removed" in done.stderr


def test_a_manifest_that_is_no_toml_stops_its_lab_alone(desk: Desk) -> None:
    (desk.labs / "bad").mkdir()
    (desk.labs / "bad/lab.toml").write_text("id = \n")
    done = desk.qlab("start", "bad")
    assert done.returncode == 4
    assert "lab.toml" in done.stderr
    listed = desk.qlab("list")
    assert listed.returncode == 0
    assert "echo" in listed.stdout
    assert "broken" in listed.stderr
    desk.write(GOOD)
    assert desk.qlab("check", "echo").returncode == 0


def test_a_lab_that_breaks_after_it_was_started_does_not_hide_what_runs(desk: Desk) -> None:
    desk.lab('def test_x(bench):\n    """X."""\n', 'id = "work.x"')
    assert desk.qlab("start", "small").returncode == 0
    (desk.labs / "small/lab.toml").write_text("id = \n")
    status = desk.qlab("status")
    assert status.returncode == 0, status.stderr
    assert "lab: small" in status.stdout


# the learner's program


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (None, "nothing there"),
        ("folder", "a folder"),
        (b"print('caf\xe9')", "Non-UTF-8 code"),
        (b"import os\nfor _ in range(16384): os.write(1, b'y\\n' * 32768)", "prints without end"),
        (b"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nsignal.pause()", "printed no event"),
        (b"import os\nfor _ in range(4): os.fork()\nraise SystemExit(9)", "with exit status 9"),
        (b"def broken(:\n", "SyntaxError"),
        (b"import redis", "No module named 'redis'"),
        (b"import sys; sys.exit('my last words')", "my last words"),
    ],
    ids=["missing", "folder", "not UTF-8", "a gigabyte", "never ready", "forks", "grammar", "library", "words"],
)
def test_a_program_that_is_wrong_fails_in_words_that_help(desk: Desk, program: bytes | str | None, words: str) -> None:
    desk.write(b"")
    path = desk.home / "echo/echo.py"
    path.unlink()
    if program == "folder":
        path.mkdir()
    elif isinstance(program, bytes):
        path.write_bytes(program)
    done = desk.qlab("check", "echo", "--only", "ready")
    assert done.returncode == 1, done.stdout + done.stderr
    assert words in done.stdout
    assert "next step" in done.stdout
    assert desk.left_behind() == []


def test_a_fault_of_the_grader_is_never_the_learners(desk: Desk) -> None:
    desk.write("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)")
    done = desk.qlab("check", "echo", "--only", "ready")
    assert done.returncode == 70
    assert "ERROR echo.ready" in done.stdout
    assert desk.left_behind() == []


def test_a_fault_of_the_lab_is_never_the_learners(desk: Desk) -> None:
    desk.lab('def test_x(bench):\n    """X."""\n    1 / 0\n', 'id = "work.x"')
    assert desk.qlab("check", "small").returncode == 4


# the machine


def hidden(desk: Desk, *words: str) -> subprocess.CompletedProcess[str]:
    """The command on a machine whose Redis servers are gone and whose Docker engine does not answer."""
    broker = Redis()
    servers = {str(path.resolve()) for path in broker.programs() if path.exists()}
    servers |= {str(path) for path in [broker.embedded_program()] if path}
    line = "".join(f"mount --bind /dev/null {server} && " for server in servers) + 'exec "$@"'
    return subprocess.run(
        ["unshare", "-rm", "sh", "-c", line, "sh", sys.executable, "-m", "qlab", *words],
        cwd=desk.folder,
        env={**desk.env, "DOCKER_HOST": "unix:///nonexistent/docker.sock"},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.skipif(
    subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode != 0, reason="no mount namespace here"
)
@pytest.mark.parametrize("words", [["start", "stored"], ["services", "up", "redis"], ["check", "stored"]])
def test_a_machine_with_nothing_gets_three_ways_out(stored: Desk, words: list[str]) -> None:
    done = hidden(stored, *words)
    assert done.returncode == 3, done.stdout + done.stderr
    said = done.stdout + done.stderr
    assert "no way to run Redis" in said
    for way in ("docker", "redis", "QLAB_REDIS_URL"):
        assert way in said
    assert stored.left_behind() == []


def test_an_engine_one_may_not_speak_to_gets_the_exact_command(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.folder / "docker.sock"
    monkeypatch.chdir(desk.folder)  # the address of a socket may be shorter than the path of a test
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("docker.sock")
        listener.listen()
        path.chmod(0)
        env = {"DOCKER_HOST": f"unix://{path}"}
        done = desk.qlab("services", "up", "redis", "--runner", "container", env=env, ordinary=True)
        doctor = desk.qlab("doctor", env=env, ordinary=True)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "may not speak to it" in done.stderr
    assert "sudo usermod -aG docker $USER" in doctor.stdout
    for text in (done.stdout + done.stderr, doctor.stdout + doctor.stderr):
        assert "sudo qlab" not in text
