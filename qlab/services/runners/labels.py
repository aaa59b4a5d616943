"""How a server process is recognised: what it says goes to `output.log` in its own folder.

That is the label of a process, as a container has labels: nobody else's process has it, it is there from the first
moment, and it stays when the record is lost. (Variables of the environment would not do: Redis overwrites them to show
its port in `ps`. Names and numbers would not do: strangers have them too.)
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

OUTPUT = "output.log"
"""What a server says before it opens a log of its own."""

SHOWN = Path("/proc/self/fd").exists()
"""Does this system show what processes have open?"""


def folder_of(pid: int) -> Path | None:
    """The folder of the server that a process is; None when it is no server of ours, gone, or another user's."""
    if SHOWN:
        try:
            said = str(Path(f"/proc/{pid}/fd/1").readlink())
        except OSError:
            return None
    else:
        command = ["lsof", "-a", "-p", str(pid), "-d", "1", "-Fn"]
        lines = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
        said = next((line[1:] for line in lines if line.startswith("n")), "")
    path = Path(said.removesuffix(" (deleted)"))  # someone removed the folder under a running server
    return path.parent if path.name == OUTPUT else None


def is_ours(pid: int, folder: Path) -> bool:
    """Is this the server that keeps its files in `folder`? False in doubt: a number may have gone to a stranger."""
    return folder_of(pid) == folder.resolve()


def servers(own: Path) -> Iterator[tuple[int, Path]]:
    """Process id and folder of every server below `own`, qlab's folder in a workspace.

    Nothing where the system does not show what processes have open: there the pid files must do.
    """
    below = own.resolve()
    for entry in Path("/proc").glob("[0-9]*"):
        folder = folder_of(int(entry.name))
        if folder is not None and folder.is_relative_to(below):
            yield int(entry.name), folder
