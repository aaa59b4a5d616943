"""What the parent asks the pytest child to do, as JSON on its stdin. The nonce is in no argument and no variable."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """One check run."""

    nonce: str
    """Repeated in every line of the report; only parent and child know it."""
    run: str
    """Id of the run, carried by every process of it."""
    lab: str
    """The lab's folder."""
    submission: str
    """The copy of the learner's folder, already built."""
    folder: str
    """Scratch folder of the run."""
    workspace: str
    """Label for the services the checks start."""
    library: str
    """Folder of the library view."""
    checks: tuple[str, ...]
    """Ids of the checks to run, in the manifest's order."""
    seed: str
    path: str
    """PATH for programs."""
    runner: str = ""
    """Forced runner of services, or empty."""
    at_once: int = 2
    """Most checks that may run side by side."""
    services: Mapping[str, str] | None = None
    """Variables of the user that choose services, such as QLAB_REDIS_IMAGE."""

    def dump(self) -> bytes:
        """One JSON document."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def load(cls, data: bytes) -> "Order":
        """Read back what `dump` wrote."""
        fields = json.loads(data)
        fields["checks"] = tuple(fields["checks"])
        return cls(**fields)
