"""A small base image made on this machine from its own packages, for where no registry can be reached."""

import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from qlab.engine import apt, images
from qlab.engine.ask import ask
from qlab.engine.reach import Engine
from qlab.model.errors import EngineFailed, MachineNotReady
from qlab.model.events import Event, ImageProgress

COMMENT = "made by qlab from the packages of its system"
"""Shown by `docker history`."""

SILENCE = 300.0
"""Seconds a package download may print nothing before it is given up."""

# What an image of a server never needs.
LEFT_OUT = (
    "./dev/*",
    "./proc/*",
    "./sys/*",
    "./usr/share/doc/*",
    "./usr/share/man/*",
    "./usr/share/info/*",
    "./usr/share/locale/*",
    "./var/cache/apt/*",
    "./var/lib/apt/lists/*",
    "./var/log/*",
    "./debootstrap",
)


def tag(system: apt.System) -> str:
    """The tag of the base image."""
    return f"qlab/base:{system.release}"


def need(what: str) -> None:
    """Raise MachineNotReady, with the one command that helps, unless this machine can build images."""
    if not sys.platform.startswith("linux"):
        raise MachineNotReady(
            "images can be built only on Linux",
            found=sys.platform,
            remedies=["build them on a Linux machine, then carry them here: qlab images save, qlab images load"],
        )
    if shutil.which("debootstrap") is None and not Path("/usr/sbin/debootstrap").exists():
        raise MachineNotReady(
            "building an image needs debootstrap, which makes the base system",
            found="debootstrap is not installed",
            remedies=["sudo apt-get install debootstrap"],
        )
    if os.geteuid() != 0:
        raise MachineNotReady(
            "building an image needs root: its files belong to root",
            found=f"you are user {os.geteuid()}",
            remedies=[f"sudo {shutil.which('qlab') or sys.argv[0]} images build {what}"],
        )


def make(engine: Engine, system: apt.System) -> Iterator[Event]:
    """Make the base image unless it is here: ImageProgress events. A cut-off leaves no file, process or mount."""
    name = tag(system)
    if images.here(engine, name):
        return
    plain = system.sources[0]
    folder = Path(tempfile.mkdtemp(prefix="qlab-base-"))
    root = folder / "root"
    command = ["debootstrap", "--variant=minbase", f"--components={','.join(plain.components)}"]
    if plain.keyring:
        command.append(f"--keyring={plain.keyring}")
    if plain.trusted:
        command.append("--no-check-gpg")
    script = Path("/usr/share/debootstrap/scripts") / system.release
    # A debootstrap older than the release has no script of that name; `sid` does for every later Debian.
    command += [system.release, str(root), plain.mirror, *([] if script.exists() else ["sid"])]
    try:
        # A namespace of its own: what debootstrap mounts and starts goes away with it, whatever happens.
        for doing in _watched(["unshare", "--mount", "--pid", "--fork", "--kill-child", *command]):
            yield ImageProgress(name, doing)
        yield ImageProgress(name, "handing the base system to Docker")
        _import(engine, root, name)
    finally:
        subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], timeout=120)


def _watched(command: Sequence[str]) -> Iterator[str]:
    """Run it; what it is doing, in a few words, each once. Raises MachineNotReady with its last lines when it fails."""
    env = {"PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin", "LANG": "C.UTF-8"}
    env |= {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    # A session of its own: Ctrl-C is for us, and we end it.
    process = subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    last: list[str] = []
    doing = ""
    try:
        for line in _lines(process.stdout.fileno()):
            last = [*last[-14:], line]
            said = re.match(r"I: (Retrieving|Validating|Extracting|Unpacking|Configuring)", line)
            now = {"Retrieving": "fetching", "Validating": "fetching", "Extracting": "unpacking"}
            if said and (words := f"base system: {now.get(said[1], 'installing')} packages") != doing:
                doing = words
                yield doing
        if process.wait(timeout=30) != 0:
            raise MachineNotReady(
                "the base system of the image could not be made",
                found="the last lines of debootstrap:\n" + "\n".join(last),
                remedies=["see that `apt-get update` works on this machine, then run the same command again"],
            )
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)  # --kill-child: everything inside goes with it
            process.wait()
        process.stdout.close()


def _lines(descriptor: int) -> Iterator[str]:
    """Lines as they come. Raises MachineNotReady after a long silence."""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        rest = b""
        while True:
            if not selector.select(SILENCE):
                raise MachineNotReady(
                    "the base system of the image could not be made",
                    found=f"nothing happened for {SILENCE:.0f} seconds; the package mirror may be away",
                    remedies=["see that `apt-get update` works on this machine, then run the same command again"],
                )
            block = os.read(descriptor, 65536)
            if not block:
                return
            *whole, rest = (rest + block).split(b"\n")
            yield from (line.decode(errors="replace") for line in whole)


def _import(engine: Engine, root: Path, name: str) -> None:
    """Pipe the folder into the engine as an image."""
    command = ["tar", "-C", str(root), "-c", "--numeric-owner", *(f"--exclude={each}" for each in LEFT_OUT), "."]
    repository, _, version = name.rpartition(":")
    query = {"fromSrc": "-", "repo": repository, "tag": version, "message": COMMENT}
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as tar:
        assert tar.stdout is not None
        stream = tar.stdout
        try:
            blocks = iter(lambda: stream.read(1 << 20), b"")
            said = ask(engine, "POST", "/images/create", query, tar=blocks, timeout=300)
        except BaseException:
            tar.kill()
            raise
    if tar.returncode != 0 or not images.here(engine, name):
        raise EngineFailed(
            "the base system could not be made into an image",
            found=f"after {time.monotonic() - began:.0f} s Docker said: {said!r}",
            remedies=["see that there is disk space: df -h", "then run the same command again"],
        )
