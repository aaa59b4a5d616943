"""Which command runs a program: the lab's, for the language chosen, or the one the learner's qlab.toml names.

# qlab.toml in the lab's folder, optional
language = "go"

[programs.worker]
build = ["make", "worker"]
run = ["./bin/worker"]
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qlab.model.errors import NoSuchProgram, UsageError
from qlab.model.lab import Command, Lab
from qlab.model.nearest import nearest
from qlab.model.text import plain

FILE = "qlab.toml"
_KEYS = ("build", "run", "reads")


@dataclass(frozen=True, slots=True)
class Choice:
    """The language and the command of every program of a lab, for one submission."""

    language: str
    commands: Mapping[str, Command]

    def command(self, name: str) -> Command:
        """The command of a program. Raises NoSuchProgram with the nearest known name."""
        if name not in self.commands:
            close = nearest(name, self.commands)
            raise NoSuchProgram(
                f"this lab has no program called {name!r}",
                found=f"its programs: {', '.join(self.commands)}",
                remedies=[f"did you mean {close!r}?"] if close else [],
            )
        return self.commands[name]


def choose(lab: Lab, folder: Path, *, shown: Path | None = None) -> Choice:
    """Read `folder`/qlab.toml if there is one and settle every program's command.

    Raises UsageError, naming file and key, when the file cannot be used. `shown` is the folder named in it, when
    `folder` is only a copy.
    """
    path = (shown or folder) / FILE
    settings = _read(folder / FILE, path) if (folder / FILE).is_file() else {}
    language = settings.get("language", "python")
    if not isinstance(language, str):
        raise UsageError(f"{path}: `language` must be a text", found=repr(language), remedies=['language = "python"'])
    own = settings.get("programs", {})
    if not isinstance(own, dict):
        raise UsageError(f"{path}: `programs` must be a table", remedies=["[programs.NAME] with run = [...]"])
    for name in own:
        if name not in lab.programs:
            close = nearest(name, lab.programs)
            raise UsageError(
                f"{path}: `programs.{name}` is not a program of {lab.id}",
                found=f"its programs: {', '.join(lab.programs)}",
                remedies=[f"did you mean {close!r}?"] if close else [],
            )
    commands = {}
    for name, program in lab.programs.items():
        if name in own:
            commands[name] = _command(path, name, own[name])
        elif language in program.commands:
            commands[name] = program.commands[language]
        else:
            raise UsageError(
                f"{lab.id} says no {language!r} command for its program {name!r}",
                found=f"languages it knows: {', '.join(program.commands)}",
                remedies=[f"name your own in {path}: [programs.{name}] with run = [...]"],
            )
    return Choice(language, commands)


def _read(file: Path, path: Path) -> dict[str, Any]:
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError) as error:
        raise UsageError(
            f"{path} cannot be read", found=plain(str(error)), remedies=["correct it, or remove it: it is optional"]
        ) from error
    for key in settings:
        if key not in ("language", "programs"):
            close = nearest(key, ("language", "programs"))
            raise UsageError(
                f"{path}: there is no key {key!r}",
                found="known keys: language, programs",
                remedies=[f"did you mean {close!r}?"] if close else [],
            )
    return settings


def _command(path: Path, name: str, table: Any) -> Command:
    where = f"{path}: `programs.{name}`"
    if not isinstance(table, dict) or "run" not in table:
        raise UsageError(f"{where} needs a `run` list", remedies=[f'[programs.{name}] run = ["./{name}"]'])
    for key, value in table.items():
        if key not in _KEYS:
            raise UsageError(f"{where} has an unknown key {key!r}", found=f"known keys: {', '.join(_KEYS)}")
        if (
            not isinstance(value, list)
            or not all(isinstance(word, str) and "\0" not in word for word in value)
            or (key == "run" and not value)
        ):
            raise UsageError(
                f"{where}.{key} must be a list of texts", found=plain(repr(value)), remedies=[f'{key} = ["./{name}"]']
            )
    return Command(run=tuple(table["run"]), build=tuple(table.get("build", ())), reads=tuple(table.get("reads", ())))
