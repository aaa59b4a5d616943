"""Whatever happens to this process, a container of its own is removed: a small helper waits for our end and does it.

Needed because the engine does not know who asked for a container. The helper holds the reading end of a pipe; when we
die, by SIGKILL too, the pipe closes and the helper removes the container by the name it was told beforehand.
"""

import subprocess
import sys

from qlab.engine.reach import Engine

# Kept to what a bare interpreter starts fastest with; the socket is imported when it is needed. A container may be
# being made at the moment we die, so the helper asks a few times.
_HELPER = """
import sys
host, address = sys.argv[1:]
if not sys.stdin.buffer.read(1):
    import socket, time
    for _ in range(20):
        if host.startswith("unix://"):
            s = socket.socket(socket.AF_UNIX); s.settimeout(60); s.connect(host[7:])
        else:
            name, _, port = host[6:].rpartition(":"); s = socket.create_connection((name, int(port)), 60)
        s.sendall(b"DELETE %s HTTP/1.0\\r\\nHost: engine\\r\\n\\r\\n" % address.encode())
        answer = s.recv(64)
        s.close()
        if b" 404 " not in answer:
            break
        time.sleep(0.1)
"""


class Guard:
    """Watches over the container called `name` until `release`."""

    def __init__(self, engine: Engine, name: str) -> None:
        address = f"/v{engine.api}/containers/{name}?force=1&v=1"
        self._helper = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _HELPER, engine.host, address],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is not for it
        )

    def release(self) -> None:
        """The container is gone: the helper need not do anything. Safe to call twice."""
        pipe = self._helper.stdin
        if pipe is None or pipe.closed:
            return
        try:
            pipe.write(b".")
            pipe.close()
        except BrokenPipeError:
            pass
        try:
            self._helper.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._helper.kill()
            self._helper.wait()
