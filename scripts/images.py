"""Make the image of every service that has Debian packages, unless one is here: what the tests run."""

import sys

from qlab.brokers import base
from qlab.engine import images
from qlab.engine.build import build
from qlab.engine.reach import ping
from qlab.model.errors import QlabError
from qlab.model.events import ImageProgress, ImageReady


def main() -> int:
    """Exit code of the first error, told on stderr."""
    try:
        engine = ping()
        for broker in map(base.find, base.names()):
            image = broker.image
            if images.here(engine, image.reference) or images.here(engine, image.built) or not image.packages:
                continue
            for event in build(engine, broker.name, image.built, image.packages):
                if isinstance(event, ImageProgress):
                    print(f"{event.image}: {event.doing}", flush=True)
                elif isinstance(event, ImageReady):
                    print(f"{event.image}: ready, {event.megabytes} MB, {event.seconds:.0f} s", flush=True)
    except QlabError as error:
        print(error.what, error.found, *error.remedies, sep="\n", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
