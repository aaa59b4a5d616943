"""Entry point of the pytest child: `python -I -B -m qlab.checkkit.child FD`, the order on stdin, the report to FD.

The parent starts it with an environment built from nothing and a session of its own.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from qlab.checkkit.order import Order
from qlab.checkkit.patience import Calibration
from qlab.programs import kernel


def main() -> int:
    """Run the ordered checks. 0 when every one of them was reported."""
    kernel.die_with_parent(signal.SIGKILL)
    kernel.forbid_inspection()
    kernel.adopt_orphans()
    descriptor = int(sys.argv[1])
    os.set_inheritable(descriptor, False)
    order = Order.load(sys.stdin.buffer.read())
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    calibration = Calibration()

    # Imported after the measurement has begun, so that both go on at once.
    from qlab.catalog import manifest
    from qlab.checkkit import plugin

    sent = 0

    def report(entry: dict[str, Any]) -> None:
        nonlocal sent
        line = json.dumps({"nonce": order.nonce, "seq": sent, **entry}) + "\n"
        sent += 1
        data = line.encode()
        while data:
            data = data[os.write(descriptor, data) :]

    lab = manifest.read(Path(order.lab), titles=False)
    status = plugin.run(order, lab, report, calibration)
    report({"event": "done", "status": status})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
