"""`python -m qlab.engine`: print where the Docker engine answers, or say why none does (exit 3). For scripts."""

import sys

from qlab.engine.reach import ping
from qlab.model.errors import MachineNotReady


def main() -> int:
    """Exit code: 0 with the address on stdout, 3 with the reason on stderr."""
    try:
        sys.stdout.write(f"{ping().host}\n")
    except MachineNotReady as error:
        sys.stderr.write(f"{error.what}: {error.found}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
