"""A server program that is installed on this machine."""

import os
from pathlib import Path

from qlab.brokers.base import Broker
from qlab.model.service import RunnerName
from qlab.services.runners.base import Offer
from qlab.services.runners.process import ProcessRunner


class NativeRunner(ProcessRunner):
    """Runs the server program of this machine as a process of ours; never the service that the system runs."""

    name = RunnerName.NATIVE

    def program(self, broker: Broker) -> Path | None:
        for place in broker.programs():
            if place.is_file() and os.access(place, os.X_OK):
                return place
        return None

    def offer(self, broker: Broker) -> Offer:
        program = self.program(broker)
        if program is None:
            places = broker.programs()
            return Offer(False, f"{places[0].name if places else broker.title} is not installed")
        version = self.version(broker, program)
        return Offer(True, f"{program.name} {version} is installed" if version else f"{program} is installed")
