"""Programs that would rather win than work: none passes a check it did not earn, each gets a full report, none stays behind.

Each solves nothing and attacks the grader in one way that fooled some grader before. They are held by the weakest tier,
which promises only that no verdict is forged and that what hides is ended.
"""

import os
from pathlib import Path

import pytest

from qlab.model.report import Outcome
from tests.desk import GOOD, Desk

PARENTS = """
import os
def parent(pid):
    return int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
CHECK = os.getppid()
RUNNER = parent(CHECK)
QLAB = parent(RUNNER)
def tried(path, data):
    try:
        with open(path, "wb", buffering=0) as file:
            file.write(data)
    except OSError:
        pass
"""

FORGED = """
import json
def lines(nonce):
    seq = 0
    for id in ("echo.ready", "echo.all", "echo.order"):
        for entry in ({"event": "started"}, {"event": "finished", "seconds": 0.1, "outcome": "pass"}):
            yield json.dumps({"nonce": nonce, "seq": seq, "id": id, **entry}).encode() + b"\\n"
            seq += 1
"""

CHEATS: dict[str, dict[str, str]] = {
    "os_exit": {"echo.py": "import os\nos._exit(0)"},
    "sys_exit_in_atexit": {"echo.py": "import atexit, os\natexit.register(os._exit, 0)"},
    "conftest": {
        "echo.py": "",
        "conftest.py": "import pytest\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n"
        "    outcome = yield\n    outcome.get_result().outcome = 'passed'\n",
    },
    "pytest_ini": {
        "echo.py": "",
        "pytest.ini": "[pytest]\naddopts = --collect-only -p evil\n",
        "tox.ini": "[pytest]\naddopts = -k nothing\n",
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--co'\n",
        "evil.py": "def pytest_runtest_protocol(item): return True\n",
    },
    "sitecustomize": {
        "echo.py": "",
        "sitecustomize.py": "import os\nos._exit(0)\n",
        "usercustomize.py": "import os\nos._exit(0)\n",
    },
    "shadow_modules": {
        "echo.py": "",
        **{
            f"{name}.py": "import os\nos._exit(0)\n"
            for name in ("pytest", "json", "redis", "_pytest", "qlab", "selectors")
        },
    },
    "own_tests": {
        "echo.py": "",
        "test_echo.py": "def test_ready(): pass\ndef test_all(): pass\ndef test_order(): pass\n",
    },
    "fake_output": {
        "echo.py": "print('5 passed in 0.01s')\nprint('PASS  echo.ready')\n"
        "for name in ('results.json', 'report.xml', 'child.log', '../report.json', '../../report.json'):\n"
        "    open(name, 'w').write('{\"outcome\": \"pass\"}')\n",
    },
    "terminal_words": {
        "echo.py": "import sys\nsys.stdout.write('\\x1b[2J\\x1b[HPASS echo.ready\\r3 passed\\n\\x1b]52;c;ZXZpbA==\\x07')\n"
    },
    "dotenv": {"echo.py": "", ".env": "PYTEST_ADDOPTS=--collect-only\nPYTEST_PLUGINS=evil\n"},
    "write_to_the_report_pipe": {
        "echo.py": PARENTS + FORGED + "data = b''.join(lines('guess'))\n"
        "for pid in (CHECK, RUNNER, QLAB):\n"
        "    for number in range(64):\n"
        "        tried(f'/proc/{pid}/fd/{number}', data)\n",
    },
    "read_the_nonce_from_memory": {
        "echo.py": PARENTS + FORGED + "import re\nfound = set()\n"
        "for pid in (CHECK, RUNNER):\n"
        "    for name in ('cmdline', 'environ'):\n"
        "        try: found |= set(re.findall(rb'[0-9a-f]{32}', open(f'/proc/{pid}/{name}', 'rb').read()))\n"
        "        except OSError: pass\n"
        "    try:\n"
        "        memory = open(f'/proc/{pid}/mem', 'rb', 0)\n"
        "        for line in open(f'/proc/{pid}/maps'):\n"
        "            if 'rw-p' not in line: continue\n"
        "            begin, end = (int(x, 16) for x in line.split()[0].split('-'))\n"
        "            try:\n"
        "                memory.seek(begin)\n"
        '                found |= set(re.findall(rb\'"nonce": "([0-9a-f]{32})\', memory.read(end - begin)))\n'
        "            except OSError: pass\n"
        "    except OSError: pass\n"
        "for nonce in found:\n"
        "    for number in range(64):\n"
        "        tried(f'/proc/{RUNNER}/fd/{number}', b''.join(lines(nonce.decode())))\n"
        "import sys\nprint('read', len(found), 'nonces')\n",
    },
    "kill_the_check": {"echo.py": PARENTS + "import signal\nos.kill(CHECK, signal.SIGKILL)\n"},
    "kill_the_grader": {"echo.py": PARENTS + "import signal\nos.kill(RUNNER, signal.SIGKILL)\n"},
    "stop_the_check": {"echo.py": PARENTS + "import signal\nos.kill(RUNNER, signal.SIGSTOP)\n"},
    "links": {
        "echo.py": "print(open('secret').read())",
        "secret": "-> /etc/passwd",
        "checks": "-> /",
    },
    "huge_output": {"echo.py": "import os\nwhile True: os.write(1, b'x' * 65536); os.write(2, b'y' * 65536)"},
    "endless_line": {
        "echo.py": "import os\nos.write(1, b'{\"event\": \"ready\"')\nwhile True: os.write(1, b' ' * 65536)"
    },
    "deep_json": {"echo.py": "print('{\"event\": \"ready\", \"greeting\": ' + '[' * 900 + ']' * 900 + '}')\n"},
    "daemon": {
        "echo.py": "import os, signal\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork(): os._exit(0)\n"
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "    while True: signal.pause()\n",
    },
    "daemon_without_its_mark": {
        "echo.py": "import os, sys\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork(): os._exit(0)\n"
        "    os.execve(sys.executable, [sys.executable, '-c', 'import signal; signal.pause()', 'cheat-' + os.getcwd()], {})\n"
        "os.wait()\n",
    },
    "hollow_process": {
        "echo.py": "import ctypes, signal, threading\n"
        "threading.Thread(target=signal.sigwait, args=([signal.SIGUSR1],)).start()\n"
        "ctypes.CDLL(None).pthread_exit(None)\n",
    },
    "forks": {"echo.py": "import os, signal\nfor _ in range(5): os.fork()\nsignal.pause()\n"},
    "hard_coded": {
        "echo.py": "import json\nprint(json.dumps({'event': 'ready', 'greeting': 'hello'}))\n"
        "for id in ('j-1', 'j-2'): print(json.dumps({'event': 'said', 'id': id}))\n"
    },
    "equal_to_everything": {
        "echo.py": 'import json\nprint(json.dumps({"event": "ready", "greeting": {"__eq__": True}}))\n'
        'print(json.dumps({"event": "ready", "outcome": "pass", "nonce": "", "seq": 0}))\n'
    },
}


def lay(desk: Desk, files: dict[str, str]) -> None:
    for name, text in files.items():
        if text.startswith("-> "):
            (desk.home / "echo" / name).symlink_to(text[3:])
        else:
            desk.write(text, name)


def survivors(words: bytes) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if words in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_passes_nothing_gets_a_full_report_and_leaves_nothing(desk: Desk, name: str) -> None:
    desk.write("", "echo.py")
    lay(desk, CHEATS[name])
    graded = desk.graded()
    assert list(graded.outcomes) == ["echo.ready", "echo.all", "echo.order"], "a line for every check"
    assert Outcome.PASS not in graded.outcomes.values()
    assert graded.report.points == 0
    assert graded.report.exit_code != 0
    assert desk.left_behind() == []
    assert survivors(b"cheat-" + str(desk.folder).encode()) == []
    assert sorted(path.name for path in (desk.home / "echo").iterdir()) == sorted({"echo.py", *CHEATS[name]})


def test_the_nonce_cannot_be_read(desk: Desk) -> None:
    desk.write("")
    lay(desk, CHEATS["read_the_nonce_from_memory"])
    assert "read 0 nonces" in desk.graded().results["echo.ready"].observed


def test_a_good_program_with_a_folder_full_of_traps_still_passes(desk: Desk) -> None:
    for name in ("conftest", "pytest_ini", "own_tests", "dotenv", "links"):
        lay(desk, {file: text for file, text in CHEATS[name].items() if file != "echo.py"})
    desk.write(GOOD)
    assert set(desk.graded().outcomes.values()) == {"pass"}


def test_variables_of_the_user_change_nothing(desk: Desk) -> None:
    evil = desk.folder / "evil"
    evil.mkdir()
    (evil / "sitecustomize.py").write_text("raise SystemExit(0)")
    (evil / "evil.py").write_text("def pytest_runtest_protocol(item): return True\n")
    desk.write("")
    done = desk.qlab(
        "check",
        "echo",
        env={"PYTEST_ADDOPTS": "--collect-only", "PYTEST_PLUGINS": "evil", "GREETING": "x", "QLAB_RUN": "mine"},
    )
    assert done.returncode == 1, done.stderr
    assert "0 of 4 points" in done.stdout
    assert os.listdir(desk.tmp) == []  # noqa: PTH208 - names


def test_what_a_cheat_prints_is_shown_without_its_controls(desk: Desk) -> None:
    desk.write("")
    lay(desk, CHEATS["terminal_words"])
    done = desk.qlab("check", "echo")
    assert done.returncode == 1
    assert "\x1b" not in done.stdout + done.stderr
    assert not [line for line in done.stdout.splitlines() if line.startswith("PASS")]
