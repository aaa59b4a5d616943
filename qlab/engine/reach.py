"""Find the Docker engine and ask whether it answers, without the SDK: a ping costs well under a millisecond."""

import hashlib
import http.client
import json
import os
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from qlab.model.errors import EngineAbsent, EngineFailed, EngineForbidden, MachineNotReady


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that answered."""

    host: str
    """Where: `unix:///var/run/docker.sock`, or `tcp://127.0.0.1:2375`."""
    api: str
    """The newest API version it speaks, such as `1.41`."""
    version: str
    """What it calls itself, such as `20.10.24`; empty when it does not say."""


def candidates(environ: Mapping[str, str]) -> Iterator[str]:
    """Addresses worth trying, best first. One that the person named is the only one."""
    if named := environ.get("DOCKER_HOST") or _context_host(environ):
        yield named
        return
    yield "unix:///var/run/docker.sock"
    yield f"unix://{Path.home() / '.docker/run/docker.sock'}"
    if runtime := environ.get("XDG_RUNTIME_DIR"):
        yield f"unix://{runtime}/docker.sock"


def ping(host: str | None = None, *, environ: Mapping[str, str] | None = None, timeout: float = 2.0) -> Engine:
    """The engine at `host`, or the first that answers of those worth trying.

    Raises EngineAbsent (nothing listens), EngineForbidden (this user may not open the socket) or EngineFailed (it
    listens and does not answer properly within `timeout` seconds).
    """
    failures: list[MachineNotReady] = []
    hosts = [host] if host else list(candidates(os.environ if environ is None else environ))
    for each in hosts:
        try:
            return _ping(each, timeout)
        except (EngineAbsent, EngineForbidden, EngineFailed) as failure:
            failures.append(failure)
    for kind in (EngineFailed, EngineForbidden):
        for each_failure in failures:
            if isinstance(each_failure, kind):
                raise each_failure
    tried = "; ".join(each_failure.found for each_failure in failures)
    raise EngineAbsent("no Docker engine answers on this machine", found=tried, remedies=_how_to_get_one())


class Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket, or over TCP on this machine. Closes itself as a context manager."""

    def __init__(self, host: str, timeout: float) -> None:
        address = urlsplit(host)
        self._path = address.path if address.scheme == "unix" else ""
        super().__init__(address.hostname or "localhost", address.port or 2375, timeout=timeout)

    def connect(self) -> None:
        """Open the socket."""
        if not self._path:
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _ping(host: str, timeout: float) -> Engine:
    _refuse_elsewhere(host)
    try:
        with Connection(host, timeout) as connection:
            connection.request("GET", "/_ping")
            answer = connection.getresponse()
            answer.read()
    except PermissionError as error:
        raise EngineForbidden(
            "a Docker engine is here, but you may not speak to it yet",
            found=f"permission denied: {host}",
            remedies=[
                "sudo usermod -aG docker $USER   then log out and in again",
                "or go without Docker: qlab uses the servers installed on this machine where it can",
            ],
        ) from error
    except TimeoutError as error:
        raise EngineFailed(
            f"the Docker engine does not answer within {timeout:g} seconds",
            found=f"{host} accepts connections and stays silent",
            remedies=[_restart_it()],
        ) from error
    except (http.client.HTTPException, ConnectionResetError, BrokenPipeError) as error:
        raise EngineFailed(
            "the Docker engine hung up in the middle of an answer",
            found=f"{host}: {type(error).__name__}",
            remedies=[_restart_it()],
        ) from error
    except OSError as error:
        raise EngineAbsent(
            "no Docker engine answers on this machine",
            found=f"{host}: {error.strerror or error}",
            remedies=_how_to_get_one(),
        ) from error
    api = answer.headers.get("Api-Version")
    if answer.status != http.client.OK or not api:
        raise EngineFailed(
            "what listens where the Docker engine should be answers strangely",
            found=f"{host}: HTTP {answer.status}, API version {api}",
            remedies=["unset DOCKER_HOST if it points to something else", _restart_it()],
        )
    server = answer.headers.get("Server", "").partition("/")[2].split(" ")[0].split("+")[0]
    return Engine(host, api, server)


def _refuse_elsewhere(host: str) -> None:
    """An engine of another machine would publish ports there, not here."""
    address = urlsplit(host)
    loopback = address.hostname in ("127.0.0.1", "localhost", "::1")
    if address.scheme != "unix" and not (address.scheme == "tcp" and loopback):
        raise EngineAbsent(
            "qlab needs a Docker engine on this machine",
            found=f"{host} is elsewhere, or reached in a way qlab does not speak",
            remedies=["unset DOCKER_HOST, or choose a local one: docker context use default"],
        )


def _context_host(environ: Mapping[str, str]) -> str | None:
    """Address of the docker command's current context, or None when that is the default one."""
    folder = Path(environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    try:
        name = environ.get("DOCKER_CONTEXT") or json.loads((folder / "config.json").read_text())["currentContext"]
        if name == "default":
            return None
        meta = folder / "contexts" / "meta" / hashlib.sha256(str(name).encode()).hexdigest() / "meta.json"
        return str(json.loads(meta.read_text())["Endpoints"]["docker"]["Host"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _how_to_get_one() -> list[str]:
    if sys.platform == "darwin":
        start = "start Docker Desktop, or install it: brew install --cask docker"
    elif shutil.which("dockerd"):
        start = "start it: sudo systemctl start docker"
    elif shutil.which("apt-get"):
        start = "install one: sudo apt-get install docker.io"
    elif shutil.which("dnf"):
        start = "install one: sudo dnf install moby-engine"
    else:
        start = "install a Docker engine with this system's package manager"
    return [start, "or go without Docker: qlab uses the servers installed on this machine where it can"]


def _restart_it() -> str:
    return "restart Docker Desktop" if sys.platform == "darwin" else "sudo systemctl restart docker"
