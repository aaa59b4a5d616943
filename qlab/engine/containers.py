"""Containers of ours: made, found by label, stopped by id. Published on 127.0.0.1 only, on the port we choose."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qlab.engine.ask import Refused, ask
from qlab.engine.reach import Engine
from qlab.model.errors import EngineFailed, ImageMissing, MachineNotReady

WORKSPACE = "qlab.workspace"
"""Label: absolute path of the workspace a container belongs to."""
SERVICE = "qlab.service"
"""Label: name of the broker inside."""
RUN = "qlab.run"
"""Label: id of the check run it belongs to; empty for the shared server of the workspace."""

STARTER = "qlab.starter"
"""Label: process id of the qlab that a check's own container must not outlive."""
FOLDER = "qlab.folder"
"""Label: folder on this machine with what qlab keeps beside the container."""

SHORT = 12
"""Length of the ids people see in `docker ps`."""


class PortTaken(EngineFailed):
    """Another program took the port between our choice and the engine's."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A container to be."""

    image: str
    name: str
    command: Sequence[str]
    inside: int
    """Port inside the container."""
    outside: int
    """Port on 127.0.0.1."""
    memory: int
    """Limit in bytes."""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Container:
    """A container there is."""

    id: str
    """The first 12 characters, as `docker ps` shows them."""
    state: str
    """`created`, `running`, `paused`, `restarting`, `exited` or `dead`."""
    labels: Mapping[str, str]
    port: int
    """Port on 127.0.0.1; 0 while it publishes none."""

    @property
    def alive(self) -> bool:
        """True while its program runs, paused or not."""
        return self.state in ("running", "paused")


def run(engine: Engine, spec: Spec) -> str:
    """Create and start; returns the id. Nothing is left behind when it raises, Ctrl-C included.

    Raises PortTaken, ImageMissing, Refused, or another Engine error.
    """
    port = f"{spec.inside}/tcp"
    wanted: dict[str, object] = {
        "Image": spec.image,
        "Cmd": list(spec.command) or None,
        "Labels": dict(spec.labels),
        "ExposedPorts": {port: {}},
        "HostConfig": {
            "PortBindings": {port: [{"HostIp": "127.0.0.1", "HostPort": str(spec.outside)}]},
            "Memory": spec.memory,
            "SecurityOpt": ["no-new-privileges"],
        },
    }
    try:
        made = ask(engine, "POST", "/containers/create", {"name": spec.name}, data=wanted, timeout=60)
    except Refused as error:
        if error.status == 404:
            raise ImageMissing(f"the image {spec.image} is not on this machine", found=error.found) from error
        raise
    except BaseException:
        # Cut off, by Ctrl-C for example: the engine may still make it, so wait a moment for it to appear.
        _remove_quietly(engine, spec.name, birth=0.5)
        raise
    id = str(made["Id"])[:SHORT]
    try:
        start(engine, id)
    except BaseException:
        _remove_quietly(engine, id, birth=0.0)
        raise
    return id


def inspect(engine: Engine, id: str) -> Container | None:
    """The container of this id or name, or None."""
    try:
        raw = ask(engine, "GET", f"/containers/{id}/json")
    except Refused as refused:
        if refused.status == 404:
            return None
        raise
    bindings = (raw.get("HostConfig") or {}).get("PortBindings") or {}
    ports = [int(b["HostPort"]) for each in bindings.values() for b in each or () if b.get("HostPort")]
    return Container(raw["Id"][:SHORT], raw["State"]["Status"], raw["Config"]["Labels"] or {}, ports[0] if ports else 0)


def labelled(engine: Engine, labels: Mapping[str, str]) -> list[Container]:
    """Every container that carries all of these labels, running or not, newest first."""
    filters = json.dumps({"label": [f"{key}={value}" for key, value in labels.items()]})
    raw: list[dict[str, Any]] = ask(engine, "GET", "/containers/json", {"all": "1", "filters": filters})
    found = []
    for each in raw:
        ports = [int(p["PublicPort"]) for p in each.get("Ports") or () if p.get("PublicPort")]
        found.append(Container(each["Id"][:SHORT], each["State"], each["Labels"] or {}, ports[0] if ports else 0))
    return found


def start(engine: Engine, id: str) -> None:
    """Start one that exited, on its old port. Raises PortTaken when another program took that meanwhile."""
    try:
        ask(engine, "POST", f"/containers/{id}/start", timeout=60)
    except Refused as error:
        if any(words in error.found for words in ("port is already allocated", "address already in use")):
            raise PortTaken("the port of the server was taken by another program", found=error.found) from error
        raise


def kill(engine: Engine, id: str) -> None:
    """SIGKILL; returns when it is gone. One that is not running is left as it is."""
    try:
        ask(engine, "POST", f"/containers/{id}/kill", timeout=60)
    except Refused as error:
        if error.status not in (404, 409):
            raise


def thaw(engine: Engine, id: str) -> None:
    """Unpause it if it is paused: a paused program does not even take SIGKILL."""
    found = inspect(engine, id)
    if found and found.state == "paused":
        unpause(engine, id)


def pause(engine: Engine, id: str) -> None:
    """Freeze every process of it. One that is paused stays so."""
    _toggle(engine, id, "pause")


def unpause(engine: Engine, id: str) -> None:
    """Let it go on. One that is not paused goes on anyway."""
    _toggle(engine, id, "unpause")


def remove(engine: Engine, id: str) -> bool:
    """Kill and remove it with its anonymous volumes; False when there was none."""
    deadline = time.monotonic() + 30
    while True:
        try:
            ask(engine, "DELETE", f"/containers/{id}", {"force": "1", "v": "1"}, timeout=60)
            return True
        except Refused as error:
            if error.status == 404:
                return False
            # Somebody else is removing it: wait until it is gone.
            if error.status != 409 or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def log(engine: Engine, id: str, *, lines: int = 20) -> str:
    """The last lines it printed; empty when it is gone."""
    try:
        raw = ask(engine, "GET", f"/containers/{id}/logs", {"stdout": "1", "stderr": "1", "tail": str(lines)})
    except Refused:
        return ""
    return _text(bytes(raw or b"")).strip()


def _text(frames: bytes) -> str:
    """The output of a container without a terminal: frames of one byte stream, three zero bytes, length (u32), text."""
    text = bytearray()
    at = 0
    while at + 8 <= len(frames):
        size = int.from_bytes(frames[at + 4 : at + 8], "big")
        text += frames[at + 8 : at + 8 + size]
        at += 8 + size
    return text.decode(errors="replace")


def _toggle(engine: Engine, id: str, verb: str) -> None:
    try:
        ask(engine, "POST", f"/containers/{id}/{verb}")
    except Refused as error:
        found = inspect(engine, id)
        if found is None or found.state != ("paused" if verb == "pause" else "running"):
            raise EngineFailed(f"the Docker engine could not {verb} {id}", found=error.found) from error


def _remove_quietly(engine: Engine, id: str, *, birth: float) -> None:
    """Remove it if it is there or appears within `birth` seconds; what went wrong before matters more than this."""
    deadline = time.monotonic() + birth
    try:
        while not remove(engine, id) and time.monotonic() < deadline:
            time.sleep(0.05)
    except MachineNotReady:
        return
