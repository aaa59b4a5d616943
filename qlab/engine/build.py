"""Make the image of a broker from Debian packages, without a registry: for classrooms and CI without internet."""

import io
import os
import secrets
import subprocess
import tarfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from qlab.engine import apt, base, containers, images
from qlab.engine.ask import ask
from qlab.engine.guard import Guard
from qlab.engine.reach import Engine
from qlab.model.errors import MachineNotReady
from qlab.model.events import Event, ImageProgress

LIMIT = 900.0
"""Seconds the installation of packages may take in all."""

# Runs inside. Everything of this machine (sources, keys, settings) is taken out again: an image tells nothing of where
# it was made. No service is started while packages are configured.
SCRIPT = r"""
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
printf 'path-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\npath-exclude=/usr/share/locale/*\n' \
    > /etc/dpkg/dpkg.cfg.d/qlab
apt-get update -q
apt-get install -q -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@"
apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/cache/ldconfig/* /var/log/* /tmp/* \
    /usr/share/doc/* /usr/share/man/* /usr/share/info/* /usr/share/locale/* \
    /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/apt/qlab /etc/apt/apt.conf.d/90qlab \
    /etc/dpkg/dpkg.cfg.d/qlab /usr/sbin/policy-rc.d
"""


def build(engine: Engine, service: str, image: str, packages: Sequence[str]) -> Iterator[Event]:
    """Make `image` with `packages` in it: ImageProgress events, then ImageReady. The base image is reused.

    `service` is the name people type. Raises MachineNotReady (not root, no debootstrap, mirror away) or an Engine
    error. A cut-off at any moment, Ctrl-C included, leaves no container, file or process behind.
    """
    began = time.monotonic()
    base.need(service)
    system = apt.read()
    yield from base.make(engine, system)
    name = f"qlab-build-{secrets.token_hex(4)}"
    guard = Guard(engine, name)
    try:
        yield ImageProgress(image, f"installing {' '.join(packages)}")
        _install(engine, name, base.tag(system), packages, system)
        yield ImageProgress(image, "saving the image")
        _commit(engine, name, image)
    finally:
        try:
            containers.remove(engine, name)
        finally:
            guard.release()
    yield images.ready(engine, image, began)


def _install(engine: Engine, name: str, base_image: str, packages: Sequence[str], system: apt.System) -> None:
    wanted = {
        "Image": base_image,
        "Cmd": ["/bin/sh", "-c", SCRIPT, "install", *packages],
        # The host's network: a mirror or proxy on 127.0.0.1 is reached as on the host.
        "HostConfig": {"NetworkMode": "host"},
    }
    ask(engine, "POST", "/containers/create", {"name": name}, data=wanted, timeout=60)
    ask(engine, "PUT", f"/containers/{name}/archive", {"path": "/"}, tar=[_settings(system)], timeout=60)
    containers.start(engine, name)
    end = ask(engine, "POST", f"/containers/{name}/wait", timeout=LIMIT)
    if end["StatusCode"] != 0:
        raise MachineNotReady(
            f"{' '.join(packages)} could not be installed into the image",
            found=f"the last lines of the installation:\n{containers.log(engine, name)}",
            remedies=["see that `apt-get update` works on this machine, then run the same command again"],
        )


def _settings(system: apt.System) -> bytes:
    """A tar with what apt needs to reach the same mirrors as this machine does."""
    lines = []
    keys: dict[Path, str] = {}
    for source in system.sources:
        options = ""
        if source.trusted:
            options = "[trusted=yes] "
        elif source.keyring:
            inside = keys.setdefault(source.keyring, f"/etc/apt/qlab/{len(keys)}{source.keyring.suffix}")
            options = f"[signed-by={inside}] "
        lines.append(f"deb {options}{source.mirror} {source.suite} {' '.join(source.components)}\n")
    files = {"etc/apt/sources.list": "".join(lines).encode()}
    files |= {inside.lstrip("/"): keyring.read_bytes() for keyring, inside in keys.items()}
    config = _apt_config()
    authorities = Path("/etc/ssl/certs/ca-certificates.crt")
    if authorities.exists() and any(source.mirror.startswith("https:") for source in system.sources):
        files["etc/apt/qlab/authorities.crt"] = authorities.read_bytes()
        config += b'Acquire::https::CaInfo "/etc/apt/qlab/authorities.crt";\n'
    files["etc/apt/apt.conf.d/90qlab"] = config
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _apt_config() -> bytes:
    """This machine's settings on how packages are fetched: proxies, retries, dates."""
    said = subprocess.run(["apt-config", "dump", "Acquire"], capture_output=True, timeout=10).stdout
    wanted = (b"Acquire::http", b"Acquire::https", b"Acquire::Check-", b"Acquire::Retries", b"Acquire::ForceIPv4")
    lines = [line + b"\n" for line in said.splitlines() if line.startswith(wanted)]
    # Not as variables of the container: those would stay in the image.
    for scheme in ("http", "https"):
        if proxy := os.environ.get(f"{scheme}_proxy"):
            lines.append(f'Acquire::{scheme}::Proxy "{proxy}";\n'.encode())
    return b"".join(lines)


def _commit(engine: Engine, name: str, image: str) -> None:
    """Make the stopped container an image that carries nothing of how it was made."""
    repository, _, version = image.rpartition(":")
    query = {"container": name, "repo": repository, "tag": version, "comment": base.COMMENT}
    ask(engine, "POST", "/commit", query, data={"Cmd": ["/bin/sh"]}, timeout=300)
