"""One qlab at a time starts or stops the services of a workspace; the second then finds them running."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qlab.model.errors import NotWritable


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Wait for the lock of a services folder and hold it. The system gives it back when we end, however that ends.

    Raises NotWritable.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("a")
    except OSError as error:
        raise NotWritable(
            "the workspace cannot be written",
            found=f"{folder}: {error.strerror}",
            remedies=["give yourself the right to write there, or make another workspace: qlab init DIR"],
        ) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def held(folder: Path) -> bool:
    """Is some qlab starting or stopping services here now?"""
    try:
        with (folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
