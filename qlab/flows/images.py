"""`qlab images`: fetch, build, save and load the images of services."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from qlab.brokers import base
from qlab.brokers.base import Broker
from qlab.engine import build as building
from qlab.engine import images
from qlab.engine.reach import ping
from qlab.flows.world import World
from qlab.model.events import Event, Note


def _brokers(names: Sequence[str]) -> list[Broker]:
    return [base.find(name) for name in names or base.names()]


def pull(world: World, names: Sequence[str] = ()) -> Iterator[Event]:
    """Fetch official images, sizes first. Yields Note, ImageProgress, ImageReady. Raises ImageMissing, the engine's errors."""
    engine = ping(environ=world.env)
    brokers = [broker for broker in _brokers(names) if not images.here(engine, broker.image.reference)]
    if not brokers:
        yield Note("nothing to fetch: the images are on this machine")
    for broker in brokers:
        yield Note(f"{broker.image.reference}: about {broker.image.megabytes} MB")
    for broker in brokers:
        yield from images.pull(engine, broker.image.reference, broker.name)


def build(world: World, names: Sequence[str] = ()) -> Iterator[Event]:
    """Make images from Debian packages, with no image registry. Raises MachineNotReady, the engine's errors."""
    engine = ping(environ=world.env)
    for broker in _brokers(names):
        yield from building.build(engine, broker.name, broker.image.built, broker.image.packages)


def save(world: World, file: Path, names: Sequence[str] = ()) -> Iterator[Event]:
    """Write the images that are here to one tar file, to carry them to another machine.

    For each service the official image if it is here, else the built one. Raises ImageMissing, NotWritable, the engine's errors.
    """
    engine = ping(environ=world.env)
    wanted = []
    for broker in _brokers(names):
        built = images.here(engine, broker.image.built) and not images.here(engine, broker.image.reference)
        wanted.append(broker.image.built if built else broker.image.reference)
    yield from images.save(engine, wanted, world.cwd / file)


def load(world: World, file: Path) -> Iterator[Event]:
    """Read images from a tar file."""
    yield from images.load(ping(environ=world.env), world.cwd / file)
