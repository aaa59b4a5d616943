"""A learner's desk: a workspace, a cache and labs of its own, the real command, and a look at what is left behind."""

import ctypes
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from qlab.flows.check import check
from qlab.flows.world import World
from qlab.model.events import CheckCompleted, CheckFinished, CheckStarted, Event
from qlab.model.report import Report
from qlab.programs import sweep

LABS = Path(__file__).parent / "labs"
PATH = os.environ.get("PATH", os.defpath)

GOOD = (LABS / "echo/hidden/submissions/correct/plain/echo.py").read_text()
"""A program that solves the lab echo."""


_PR_CAPBSET_DROP = 24
_LIBC = ctypes.CDLL(None)


def without_rights() -> None:
    """What this process becomes by exec has no more rights than any user, so that permissions hold for root too."""
    for right in range(41):
        _LIBC.prctl(_PR_CAPBSET_DROP, right, 0, 0, 0)


class Desk:
    """Everything one test may touch."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self.home = folder / "work"
        self.cache = cache
        self.labs = folder / "labs"
        self.labs.mkdir()
        self.tmp = folder / "tmp"
        self.tmp.mkdir()
        self.env = {
            "PATH": PATH,
            "HOME": str(folder),
            "TMPDIR": str(self.tmp),
            "LANG": "C.UTF-8",
            "QLAB_HOME": str(self.home),
            "QLAB_CACHE": str(cache),
            "QLAB_LABS": f"{LABS}:{self.labs}",
        }

    # the command

    def qlab(
        self,
        *words: str,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
        ordinary: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """Run `qlab WORDS` to its end; `ordinary` without the rights of root that open what permissions close."""
        return subprocess.run(
            [sys.executable, "-m", "qlab", *words],
            cwd=cwd or self.folder,
            env={**self.env, **(env or {})},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            preexec_fn=without_rights if ordinary else None,
            errors="replace",
        )

    @contextmanager
    def begin(self, *words: str, env: Mapping[str, str] | None = None) -> Iterator["Begun"]:
        """Start `qlab WORDS` in a process group of its own, as a shell does; killed at the end if it still runs."""
        process = subprocess.Popen(
            [sys.executable, "-m", "qlab", *words],
            cwd=self.folder,
            env={**self.env, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
        )
        try:
            yield Begun(process)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    # the learner's work

    def write(self, text: str | bytes, file: str = "echo.py", lab: str = "echo") -> Path:
        """Write one of the learner's files; the workspace is made when it is not there."""
        (self.home / ".qlab").mkdir(parents=True, exist_ok=True)
        path = self.home / lab / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def lab(self, checks: str, *manifest: str, id: str = "small", program: str = "") -> None:
        """Make a lab with one step `work`, one program `main.py`, these checks; `manifest` is one text for each check."""
        folder = self.labs / id
        for name in ("lesson", "starter", "hidden/checks"):
            (folder / name).mkdir(parents=True)
        (folder / "lab.toml").write_text(
            f'format = 1\nid = "{id}"\ntitle = "Small"\nabout = "A lab made by a test."\npart = "Proofs"\nminutes = 1\n'
            'reference = "plain"\n[programs.main]\nabout = "the program"\npython.run = ["python", "main.py"]\n'
            '[[steps]]\nid = "work"\nkind = "practice"\ntitle = "Work"\npage = "lesson/work.md"\nprograms = ["main"]\n'
            + "".join(f"[[checks]]\n{check}\n" for check in manifest)
        )
        (folder / "lesson/work.md").write_text("# Work\n")
        (folder / "hints.md").write_text("# Hints\n")
        (folder / "starter/main.py").write_text(program)
        (folder / "hidden/checks/test_work.py").write_text(checks)
        self.write(program, "main.py", id)

    # grading without the command

    @property
    def world(self) -> World:
        """What the flows look at."""
        return World(self.env, self.folder)

    def graded(self, lab: str = "echo", folder: Path | None = None, seed: str | None = None) -> "Graded":
        """Check the learner's work in this process."""
        return Graded(list(check(self.world, lab, folder=folder, seed=seed)))

    def left_behind(self) -> list[str]:
        """Every process of a run of qlab below this desk, and every file of one."""
        found = []
        for run in sweep.marked_runs():
            for pid in sweep.marked(run):
                try:
                    environment = Path(f"/proc/{pid}/environ").read_bytes()
                    line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                except OSError:
                    continue
                if str(self.folder).encode() in environment:
                    found.append(f"{pid} {line}")
        for runs in (self.home / ".qlab/runs", self.cache / "grading/.qlab/runs"):
            found += [str(path) for path in (runs.iterdir() if runs.is_dir() else ()) if path.name != ".turn"]
        return [*found, *(str(path) for path in self.tmp.iterdir())]


class Begun:
    """A command that runs."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def says(self, words: bytes, stream: str = "stderr", within: float = 30.0) -> bytes:
        """All it said on this stream up to these words, waiting for them."""
        pipe = getattr(self.process, stream)
        said = b""
        while words not in said:
            ready, _, _ = select.select([pipe], [], [], within)
            assert ready, f"{words!r} never came; {said!r} did"
            block = os.read(pipe.fileno(), 65_536)
            assert block, f"it ended before {words!r}; it had said {said!r}"
            said += block
        return said

    def interrupt(self) -> tuple[int, str]:
        """Ctrl-C, as a terminal sends it: to the whole process group. The exit code and the rest of what it told."""
        os.killpg(self.process.pid, signal.SIGINT)
        _, err = self.process.communicate(timeout=30)
        return self.process.returncode, err.decode()


class Graded:
    """What a check run told."""

    def __init__(self, events: list[Event]) -> None:
        self.events = events
        self.report: Report = next(e.report for e in events if isinstance(e, CheckCompleted))
        self.outcomes = {r.id: r.outcome.value for r in self.report.results}
        self.results = {r.id: r for r in self.report.results}
        self.order = [
            ("start", e.id) if isinstance(e, CheckStarted) else ("end", e.result.id)
            for e in events
            if isinstance(e, CheckStarted | CheckFinished)
        ]
