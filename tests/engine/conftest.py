"""Engines for the tests: the real one of this machine, and sockets that behave like a sick one."""

import io
import os
import secrets
import socket
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qlab.brokers.base import find
from qlab.engine import images
from qlab.engine.ask import Refused, ask
from qlab.engine.reach import Engine, ping


@pytest.fixture
def engine() -> Engine:
    """The engine of this machine."""
    return ping()


@pytest.fixture
def redis_image(engine: Engine) -> str:
    """An image with redis-server in it."""
    image = find("redis").image
    for reference in (os.environ.get("QLAB_REDIS_IMAGE", ""), image.reference, image.built):
        if reference and images.here(engine, reference):
            return reference
    if os.environ.get("CI"):
        pytest.fail("no image of Redis is here: qlab images build redis")
    pytest.skip("no image of Redis is here: qlab images build redis")


@pytest.fixture
def small_image(engine: Engine) -> Iterator[str]:
    """An image of one file; removed afterwards."""
    reference = f"qlab/test-{secrets.token_hex(4)}:1"
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo("hello")
        entry.size = 5
        tar.addfile(entry, io.BytesIO(b"world"))
    repository, _, tag = reference.rpartition(":")
    ask(engine, "POST", "/images/create", {"fromSrc": "-", "repo": repository, "tag": tag}, tar=[out.getvalue()])
    yield reference
    forget(engine, reference)


def forget(engine: Engine, reference: str) -> None:
    """Remove an image if it is here."""
    try:
        ask(engine, "DELETE", f"/images/{reference}", {"force": "1"})
    except Refused as error:
        if error.status != 404:
            raise


class Sick:
    """A real Unix socket where `answer` is called with each connection, in a thread."""

    def __init__(self, folder: Path, answer: Callable[[socket.socket], None]) -> None:
        self.path = folder / "s"
        self.host = f"unix://{self.path}"
        self._answer = answer
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                if connection.recv(65536) == b"stop":
                    return
                self._answer(connection)

    def stop(self) -> None:
        """End the thread and close the socket."""
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(str(self.path))
            last.sendall(b"stop")
        self._thread.join(10)
        self._listener.close()


@pytest.fixture
def sick() -> Iterator[Callable[[Callable[[socket.socket], None]], Sick]]:
    """Makes sick engines; a folder with a short name, because a socket's path has a limit of 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="qlab-") as folder:
        Path(folder).chmod(0o755)
        made: list[Sick] = []

        def make(answer: Callable[[socket.socket], None]) -> Sick:
            made.append(Sick(Path(folder), answer))
            return made[-1]

        yield make
        for each in made:
            each.stop()


def http(status: str, body: bytes = b"", *, headers: str = "") -> bytes:
    """One HTTP answer."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body
