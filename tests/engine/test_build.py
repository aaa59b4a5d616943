"""Images made without a registry, and what an interrupted build leaves: nothing."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from qlab.engine import apt, base, build, containers, images
from qlab.engine.ask import ask
from qlab.engine.containers import Spec
from qlab.engine.reach import Engine
from qlab.model.errors import MachineNotReady
from qlab.model.events import ImageProgress, ImageReady
from tests.engine.conftest import forget, http

can_build = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("debootstrap") is None, reason="building an image needs root and debootstrap"
)


def half_made(engine: Engine) -> list[str]:
    """Names of build containers there are."""
    found = ask(engine, "GET", "/containers/json", {"all": "1"})
    return [name for each in found for name in each["Names"] if name.startswith("/qlab-build-")]


@can_build
@pytest.mark.needs("docker")
def test_an_image_is_made_and_tells_nothing_of_where(engine: Engine) -> None:
    image = f"qlab/test-{secrets.token_hex(4)}:1"
    try:
        *progress, ready = build.build(engine, "redis", image, ("netcat-openbsd",))
        assert any("installing netcat-openbsd" in event.doing for event in progress if isinstance(event, ImageProgress))
        assert isinstance(ready, ImageReady)
        assert ready.megabytes < 100
        look = (
            "command -v nc; ls /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/qlab /etc/apt/apt.conf.d/90qlab "
            "/usr/sbin/policy-rc.d /var/lib/apt/lists 2>/dev/null; env"
        )
        spec = Spec(image, f"qlab-test-{secrets.token_hex(4)}", ("/bin/sh", "-c", look), 1, _free(), 64 << 20)
        id = containers.run(engine, spec)
        ask(engine, "POST", f"/containers/{id}/wait")
        said = containers.log(engine, id, lines=50)
        containers.remove(engine, id)
        assert "/nc" in said
        for source in apt.read().sources:
            assert source.mirror not in said
        assert "debian.sources" not in said
        assert "90qlab" not in said
        assert half_made(engine) == []
    finally:
        forget(engine, image)


@can_build
@pytest.mark.needs("docker")
def test_packages_that_do_not_exist_are_told_with_the_last_lines(engine: Engine) -> None:
    image = f"qlab/test-{secrets.token_hex(4)}:1"
    with pytest.raises(MachineNotReady) as told:
        list(build.build(engine, "redis", image, ("no-such-package-at-all",)))
    assert "no-such-package-at-all" in told.value.found
    assert half_made(engine) == []
    assert images.here(engine, image) is None


@can_build
@pytest.mark.needs("docker")
def test_ctrl_c_leaves_nothing(engine: Engine) -> None:
    image = f"qlab/test-{secrets.token_hex(4)}:1"
    list(base.make(engine, apt.read()))
    program = f"""
from qlab.engine.build import build
from qlab.engine.reach import Engine
for event in build(Engine({engine.host!r}, {engine.api!r}, ""), "redis", {image!r}, ("redis-server",)):
    print(event.doing, flush=True)
"""
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "installing redis-server\n"
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.7)  # now it waits for the installation
    assert half_made(engine)
    child.send_signal(signal.SIGINT)
    child.wait(30)
    child.stdout.close()
    assert half_made(engine) == []
    assert images.here(engine, image) is None


@can_build
def test_a_cut_off_base_leaves_no_folder_and_no_process(sick) -> None:
    no_image = sick(lambda connection: connection.sendall(http("404 Not Found", b'{"message": "no such image"}')))
    before = set(Path(tempfile.gettempdir()).glob("qlab-base-*"))
    making = base.make(Engine(no_image.host, "1.41", ""), apt.read())
    next(making)
    (folder,) = set(Path(tempfile.gettempdir()).glob("qlab-base-*")) - before
    making.close()
    assert not folder.exists()
    assert str(folder) not in _command_lines()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_who_is_not_root_is_told_the_one_command() -> None:
    program = (
        "import os, shutil; from qlab.engine import base; from qlab.model.errors import MachineNotReady\n"
        "shutil.which = lambda name: '/usr/bin/' + name\n"
        "os.setuid(65534)\n"
        "try: base.need('redis')\n"
        "except MachineNotReady as error: print(error, *error.remedies, sep='\\n')"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert "needs root" in told.stdout, told.stderr
    assert "sudo /usr/bin/qlab images build redis" in told.stdout


def test_without_debootstrap_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(Path, "exists", lambda _: False)
    with pytest.raises(MachineNotReady) as told:
        base.need("redis")
    assert told.value.remedies == ("sudo apt-get install debootstrap",)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _command_lines() -> str:
    lines = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(entry.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(lines)
