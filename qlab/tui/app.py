"""The full-screen interface as one app: themes, signs, the bridge, and which screen comes first."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from qlab.model.exits import ExitCode
from qlab.tui import glyphs, themes
from qlab.tui.bridge import Bridge
from qlab.tui.home import HomeScreen
from qlab.tui.screen import QlabScreen
from qlab.tui.verbs import Verbs
from qlab.tui.widgets.keyline import shown_key


def open_screen(lab: str | None = None) -> int:
    """Open the screens, at a lab when one is named; the exit code when they close."""
    app = QlabApp(lab)
    app.run()
    if app.return_code == 1:
        # Textual's word for a crash; it has told the details.
        return ExitCode.FAULT
    return app.return_code or ExitCode.DONE


class QlabApp(App[None]):
    """qlab in a terminal."""

    TITLE = "qlab"
    CSS_PATH = "qlab.tcss"
    BINDINGS = [Binding("ctrl+q", "quit", "Quit", show=False, priority=True)]  # noqa: RUF012 - Textual's way
    COMMAND_PALETTE_BINDING = "ctrl+p"

    def __init__(
        self,
        lab: str | None = None,
        *,
        env: Mapping[str, str] = os.environ,
        verbs: Verbs | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        # Set later, every colour would come out black: it must be known to the constructor.
        super().__init__(ansi_color=True if "NO_COLOR" in env else None)
        self.glyphs = glyphs.choose(env, sys.stdout.encoding)
        self.verbs = verbs or Verbs()
        self.bridge = Bridge()
        self.clock = clock
        self._lab = lab
        self.animation_level = "none"
        for theme in (themes.DARK, themes.LIGHT):
            self.register_theme(theme)
        # Textual took TEXTUAL_THEME before it knew our themes; set to the same name again, nothing would change.
        self.set_reactive(App.theme, "textual-dark")
        self.theme = themes.choose(env, self.available_themes)

    def get_default_screen(self) -> Screen[Any]:
        """The first frame is a screen of ours: pushing it over an empty one would cost half as much again."""
        if self._lab is None:
            return HomeScreen()
        from qlab.tui.lab import LabScreen

        return LabScreen(self._lab)

    def on_mount(self) -> None:
        """Closing the terminal must let a running check take down what it started."""
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self.exit, None, ExitCode.INTERRUPTED)

    def on_unmount(self) -> None:
        """Nothing of ours goes on behind a closed screen."""
        self.bridge.close()

    def get_key_display(self, binding: Binding) -> str:
        """Keys as people call them, in signs this terminal has."""
        return shown_key(binding.key, self.glyphs)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every key of the screen is in the palette by name."""
        if isinstance(screen, QlabScreen):
            for binding in screen.keys:
                yield SystemCommand(
                    binding.description,
                    f"{binding.tooltip or binding.description}  (key {self.get_key_display(binding)})",
                    lambda action=binding.action: self.call_later(screen.run_action, action),
                )
        yield from super().get_system_commands(screen)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where nothing can be drawn, no key may do what nobody sees."""
        if isinstance(self.screen_stack and self.screen, QlabScreen) and self.screen.has_class("-small"):
            return action == "quit"
        return super().check_action(action, parameters)
