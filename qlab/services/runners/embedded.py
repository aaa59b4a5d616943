"""A server program that came with qlab's own packages."""

from pathlib import Path

from qlab.brokers.base import Broker
from qlab.model.service import RunnerName
from qlab.services.runners.base import Offer
from qlab.services.runners.process import ProcessRunner


class EmbeddedRunner(ProcessRunner):
    """Runs the broker's embedded program: the same mechanism as native, another file."""

    name = RunnerName.EMBEDDED

    def program(self, broker: Broker) -> Path | None:
        return broker.embedded_program()

    def offer(self, broker: Broker) -> Offer:
        program = self.program(broker)
        if program is None:
            return Offer(False, f"qlab's packages for this machine hold no {broker.title} server")
        version = self.version(broker, program)
        return Offer(
            True, f"the {broker.title} server{f' {version}' if version else ''} inside qlab's packages is here"
        )
