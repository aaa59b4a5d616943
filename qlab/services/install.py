"""How this system installs a broker's server: one command, for a person to run."""

import shutil
from collections.abc import Callable

from qlab.brokers.base import Broker


def command(broker: Broker, which: Callable[[str], str | None] = shutil.which) -> str:
    """The command of the first package manager that is here, such as `sudo apt-get install redis-server`.

    Empty when none of those that have this broker is here.
    """
    return next((line for manager, line in broker.install.items() if which(manager)), "")
