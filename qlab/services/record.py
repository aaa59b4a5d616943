"""What qlab remembers of a server: one small file in the server's folder.

It is written before the server is started, so a crash at any moment leaves a way to find it. It is a hint, never the
truth: the truth is the label on the process or container, and what the server says of itself.
"""

import contextlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from qlab.model.errors import NotWritable
from qlab.model.service import Endpoint, RunnerName

NAME = "record.json"


@dataclass(frozen=True, slots=True)
class Record:
    """One server of ours. Whatever is not known yet is empty."""

    service: str
    runner: RunnerName
    workspace: str
    run: str = ""
    starter: int = 0
    """Process id of the qlab that a check's own server belongs to; 0 for a shared server."""
    host: str = "127.0.0.1"
    port: int = 0
    program: str = ""
    """Path of the server program; empty for a container."""
    handle: str = ""
    identity: str = ""
    why: str = ""
    url: str = ""
    links: dict[str, str] = field(default_factory=dict)

    @property
    def endpoint(self) -> Endpoint | None:
        """Where it answers; None while it was not ready yet."""
        return Endpoint(self.host, self.port, self.url, self.links) if self.url else None

    def write(self, folder: Path) -> None:
        """Write it as a whole or not at all. Raises NotWritable."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            part = folder / f"{NAME}.part"
            part.write_text(json.dumps(asdict(self)), "utf-8")
            os.replace(part, folder / NAME)  # noqa: PTH105 - the one call that is atomic, by its own name
        except OSError as error:
            raise NotWritable(
                f"the folder of the {self.service} service cannot be written",
                found=f"{folder}: {error.strerror}",
                remedies=["free some space, or give yourself the right to write there, and run the command again"],
            ) from error


def read(folder: Path) -> Record | None:
    """The record in a server's folder; None when there is none that can be read."""
    try:
        data = json.loads((folder / NAME).read_text("utf-8"))
        return Record(**{**data, "runner": RunnerName(data["runner"]), "port": int(data["port"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None  # cut off, or of another version: the labels still find the server


def forget(folder: Path) -> None:
    """Remove the record, and the folder if nothing else is in it."""
    with contextlib.suppress(OSError):
        (folder / NAME).unlink(missing_ok=True)
        folder.rmdir()
