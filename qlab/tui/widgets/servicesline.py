"""What runs, in one line: a sign, a name, a word, an address."""

from collections.abc import Mapping
from dataclasses import dataclass

from textual.content import Content

from qlab.model.service import Service, ServiceState
from qlab.tui.glyphs import Glyphs
from qlab.tui.widgets.drawn import Drawn
from qlab.tui.words import CARE, GOOD, MUTED, facts, fit


@dataclass(frozen=True, slots=True)
class Told:
    """One service as it is told: its state and, when it is up, where."""

    state: ServiceState
    service: Service | None = None


def draw_services(services: Mapping[str, Told], glyphs: Glyphs, width: int) -> list[Content]:
    """`● redis up 127.0.0.1:40123 (native)`, `… kafka starting`, `○ mail down`; without addresses where they have no room."""
    whole = _parts(services, glyphs, addresses=True)
    return whole if Content("   ").join(whole).cell_length <= width else _parts(services, glyphs, addresses=False)


def _parts(services: Mapping[str, Told], glyphs: Glyphs, *, addresses: bool) -> list[Content]:
    parts = []
    for name, told in services.items():
        if told.state is ServiceState.UP and told.service:
            at = told.service.endpoint
            where = f" {at.host}:{at.port} ({told.service.runner.value})" if addresses else ""
            parts.append(Content.assemble((f"{glyphs.up} ", GOOD), name, (" up", GOOD), (where, MUTED)))
        elif told.state is ServiceState.STARTING:
            parts.append(Content.assemble((f"{glyphs.busy} ", CARE), name, (" starting", CARE)))
        elif told.state is ServiceState.EXITED:
            parts.append(Content.assemble((f"{glyphs.trouble} ", CARE), name, (" exited", CARE)))
        else:
            parts.append(Content.assemble((f"{glyphs.todo} {name} down", MUTED)))
    return parts


class ServicesLine(Drawn):
    """The line at the bottom of home."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="services")
        self._glyphs = glyphs
        self._services: Mapping[str, Told] = {}
        self._line = Content.styled(f"{glyphs.busy} asking what runs", MUTED)

    def show(self, services: Mapping[str, Told]) -> None:
        """Fill it."""
        self._services = services
        self._line = Content.styled("no services yet: they start with the lab that needs them", MUTED)
        self.refresh()

    def say(self, text: str) -> None:
        """One sentence instead."""
        self._services, self._line = {}, Content.styled(text, MUTED)
        self.refresh()

    def draw(self, width: int) -> Content:
        """One line."""
        if self._services:
            return facts(draw_services(self._services, self._glyphs, width), width)
        return fit(self._line, width, self._glyphs)
