"""Images: which are here, and how they come. Nothing is ever fetched unless it was asked for."""

import http.client
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qlab.engine.ask import Refused, answer, ask, broken
from qlab.engine.client import client
from qlab.engine.reach import Connection, Engine
from qlab.model.errors import EngineFailed, ImageMissing, NotWritable
from qlab.model.events import Event, ImageProgress, ImageReady

MEGABYTE = 1_000_000

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """An image that is here."""

    id: str
    reference: str
    megabytes: int
    """Size on disk."""


def here(engine: Engine, reference: str) -> ImageFacts | None:
    """The image if it is on this machine. Costs one small question."""
    try:
        raw = ask(engine, "GET", f"/images/{reference}/json")
    except Refused as error:
        if error.status == 404:
            return None
        raise
    return ImageFacts(str(raw["Id"]), reference, max(1, round(int(raw["Size"]) / MEGABYTE)))


def pull(engine: Engine, reference: str, service: str) -> Iterator[Event]:
    """Fetch it from its registry: ImageProgress in bytes, then ImageReady. `service` is the name people type.

    Raises ImageMissing when the registry cannot be reached or does not have it, or an Engine error.
    """
    began = time.monotonic()
    layers: dict[str, tuple[int, int]] = {}
    yield ImageProgress(reference, "asking the registry")
    try:
        with client(engine, f"pull {reference}") as api:
            for line in api.pull(reference, stream=True, decode=True):
                if "error" in line:
                    raise _not_to_be_had(reference, service, str(line["error"]))
                detail = line.get("progressDetail") or {}
                if line.get("status") == "Downloading" and detail.get("total"):
                    layers[str(line["id"])] = (int(detail["current"]), int(detail["total"]))
                    yield ImageProgress(
                        reference,
                        "pulling",
                        sum(done for done, _ in layers.values()),
                        sum(total for _, total in layers.values()),
                    )
                elif line.get("status") == "Extracting":
                    yield ImageProgress(reference, "unpacking")
    except Refused as error:
        raise _not_to_be_had(reference, service, error.found) from error
    yield ready(engine, reference, began)


def save(engine: Engine, references: Sequence[str], file: Path) -> Iterator[Event]:
    """Write images into one tar file, for a machine without a network. The file appears when it is complete.

    Raises ImageMissing naming the first that is not here, NotWritable, or an Engine error.
    """
    sizes = []
    for reference in references:
        facts = here(engine, reference)
        if facts is None:
            raise ImageMissing(
                f"the image {reference} is not on this machine, so it cannot be saved",
                found="qlab images lists what is here",
                remedies=["get it first: qlab images pull, or qlab images build"],
            )
        sizes.append(facts.megabytes * MEGABYTE)
    label = " ".join(references)
    half = file.with_name(f".{file.name}.half")
    done = 0
    try:
        with half.open("wb") as out, answer(engine, "GET", "/images/get", {"names": references}, timeout=120) as images:
            while chunk := images.read(CHUNK):
                out.write(chunk)
                done += len(chunk)
                yield ImageProgress(label, f"writing {file.name}", done, max(done, sum(sizes)))
        half.replace(file)
    except OSError as error:
        raise NotWritable(f"{file} cannot be written", found=error.strerror or str(error)) from error
    finally:
        half.unlink(missing_ok=True)


def load(engine: Engine, file: Path) -> Iterator[Event]:
    """Bring in the images of a file that `save` wrote: ImageProgress in bytes, then ImageReady for each image.

    Raises ImageMissing when the file is not there or holds no images, or an Engine error.
    """
    began = time.monotonic()
    try:
        total = file.stat().st_size
        with file.open("rb") as tar, Connection(engine.host, 300) as connection:
            connection.putrequest("POST", f"/v{engine.api}/images/load?quiet=1")
            connection.putheader("Content-Type", "application/x-tar")
            connection.putheader("Content-Length", str(total))
            connection.endheaders()
            done = 0
            while chunk := tar.read(CHUNK):
                connection.send(chunk)
                done += len(chunk)
                yield ImageProgress(file.name, "loading", done, total)
            said = connection.getresponse().read().decode(errors="replace")
    except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
        raise broken(engine, f"load {file.name}", error) from error
    except OSError as error:
        raise ImageMissing(f"{file} cannot be read", found=error.strerror or str(error)) from error
    loaded = re.findall(r'Loaded image: ([^\s\\"]+)', said)
    if not loaded:
        raise ImageMissing(
            f"{file} brought no image",
            found=said.strip()[-300:] or "nothing inside",
            remedies=["make the file with: qlab images save FILE"],
        )
    for reference in loaded:
        yield ready(engine, reference, began)


def ready(engine: Engine, reference: str, began: float) -> ImageReady:
    """The event that an image is here. Raises EngineFailed when it is not: something removed it meanwhile."""
    facts = here(engine, reference)
    if facts is None:
        raise EngineFailed(f"the image {reference} is not here although it came", found="somebody removed it meanwhile")
    return ImageReady(reference, facts.megabytes, time.monotonic() - began)


def _not_to_be_had(reference: str, service: str, said: str) -> ImageMissing:
    return ImageMissing(
        f"the image {reference} could not be fetched",
        found=said,
        remedies=[
            "if this machine has no network: copy the images from another one (qlab images save there, load here)",
            f"qlab images build {service}   makes the service from this system's packages, without a registry",
        ],
    )
