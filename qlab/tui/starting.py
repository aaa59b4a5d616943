"""A lab being started: the learner's files, the services, and what the log says of them."""

from qlab.model.events import (
    ImageProgress,
    LabReady,
    Note,
    ServiceChosen,
    ServiceUp,
    StarterLaidOut,
    WorkspaceMade,
)
from qlab.model.service import ServiceState
from qlab.model.text import plural, size
from qlab.tui.labview import LabView
from qlab.tui.widgets.servicesline import Told


class Starting(LabView):
    """Hears the flow of `start`. Services come up while the learner reads."""

    def __init__(self, lab: str, *, title: str = "", pane: str = "theory") -> None:
        super().__init__(lab, title=title, pane=pane)
        self._services: dict[str, Told] = {}

    def _start(self) -> None:
        verbs = self.qlab.verbs
        self.ask("start", lambda world, cancel: verbs.start(world, self._lab))

    def _needs(self, services: tuple[str, ...]) -> None:
        """These belong to the lab; what is not known of them is told as it looks now."""
        for name in services:
            self._services.setdefault(name, Told(ServiceState.STARTING if self.runs("start") else ServiceState.DOWN))

    def _start_failed(self) -> None:
        for service, told in self._services.items():
            if told.state is ServiceState.STARTING:
                self._services[service] = Told(ServiceState.DOWN)

    def heard_workspace_made(self, event: WorkspaceMade) -> None:
        """The first lab of all."""
        self._say(f"made your workspace: {event.root}")

    def heard_starter_laid_out(self, event: StarterLaidOut) -> None:
        """The learner's files are there."""
        self._folder = event.folder
        kept = f", {plural(len(event.kept), 'file')} of yours kept as they are" if event.kept else ""
        self._say(f"your files: {event.folder} ({plural(len(event.written), 'file')} laid out{kept})")

    def heard_service_chosen(self, event: ServiceChosen) -> None:
        """A service is starting."""
        self._services[event.choice.service] = Told(ServiceState.STARTING)
        self._say(f"{event.choice.service}: {event.choice.runner.value}, because {event.choice.why}")

    def heard_service_up(self, event: ServiceUp) -> None:
        """A service answers."""
        service = event.service
        self._services[service.name] = Told(ServiceState.UP, service)
        how = "was running already" if service.attached else f"ready in {service.seconds:.2f} s"
        self._say(f"{service.name}: {service.endpoint.shown} ({service.runner.value}, {how})")
        for name, link in service.endpoint.links.items():
            self._say(f"  {name}: {link}")

    def heard_image_progress(self, event: ImageProgress) -> None:
        """An image is coming; only its newest number matters."""
        amount = f" {size(event.done)} of {size(event.total)}" if event.total else ""
        self._tell(f"{event.image}: {event.doing}{amount}")

    def heard_lab_ready(self, event: LabReady) -> None:
        """All is there."""
        self._say(f"{event.lab.id} is ready")

    def heard_note(self, event: Note) -> None:
        """One line beside a result."""
        self._say(event.text)
