"""lab.toml becomes a Lab. A manifest that says something the folder does not hold is refused, with the key at fault."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from qlab.catalog.checkfile import CheckFile, file_of
from qlab.catalog.document import Document
from qlab.catalog.schema import FORMAT, LAB
from qlab.model.errors import ManifestBroken
from qlab.model.lab import Check, Command, Lab, Program, Setting, Step, StepKind

FILE = "lab.toml"


def read(folder: Path, *, titles: bool = True) -> Lab:
    """The lab in this folder.

    `titles=False` does not open the hidden checks: a check whose title is not in lab.toml then has an empty one.
    A list of labs needs no titles, and parsing every check would cost more than the rest of the list together.
    Raises ManifestBroken for the first mistake.
    """
    document = Document.load(folder / FILE, ManifestBroken)
    values = document.values
    _know_format(document)
    document.check(LAB)
    if values["id"] != folder.resolve().name:
        raise document.wrong(
            "id", "must be the name of the folder", values["id"], remedy=f'write id = "{folder.resolve().name}"'
        )
    draft = bool(values.get("draft", False))
    if not draft and not values.get("steps"):
        raise document.missing("steps", "at least one [[steps]], or draft = true while the lab is not written")
    programs = {name: _program(document, name, entry) for name, entry in values.get("programs", {}).items()}
    steps = _steps(document, programs)
    if not draft:
        _find_pages(document, folder, steps)
    return Lab(
        id=values["id"],
        title=values["title"],
        about=values["about"],
        part=values["part"],
        minutes=values["minutes"],
        folder=folder,
        after=tuple(values.get("after", ())),
        services=tuple(values.get("services", ())),
        libraries=tuple(values.get("libraries", ())),
        settings=tuple(
            Setting(name, entry["default"], entry["about"]) for name, entry in values.get("settings", {}).items()
        ),
        steps=steps,
        programs=programs,
        checks=_checks(document, folder, steps, titles=titles and not draft),
        reference=values.get("reference", ""),
        draft=draft,
    )


def _know_format(document: Document) -> None:
    # First of all: a newer format may hold keys we would wrongly call mistakes.
    written = document.values.get("format")
    if isinstance(written, int) and not isinstance(written, bool) and written > FORMAT:
        raise document.wrong(
            "format", f"this qlab reads format {FORMAT} and older", written, remedy="install a newer qlab"
        )


def _program(document: Document, name: str, entry: Mapping[str, Any]) -> Program:
    commands = {
        language: Command(
            run=tuple(command["run"]), build=tuple(command.get("build", ())), reads=tuple(command.get("reads", ()))
        )
        for language, command in entry.items()
        if language != "about"
    }
    if not commands:
        raise document.missing(f"programs.{name}.python", 'how it is run, such as python.run = ["python", "x.py"]')
    return Program(name, entry["about"], commands)


def _steps(document: Document, programs: Mapping[str, Program]) -> tuple[Step, ...]:
    seen: set[str] = set()
    steps = []
    for index, entry in enumerate(document.values.get("steps", ())):
        if entry["id"] in seen:
            raise document.wrong(f"steps[{index}].id", "an earlier step has this id", entry["id"])
        seen.add(entry["id"])
        for name in entry.get("programs", ()):
            if name not in programs:
                where = f"steps[{index}].programs ({entry['id']})"
                raise document.wrong(where, "no such program in [programs]", name, known=programs)
        steps.append(
            Step(entry["id"], StepKind(entry["kind"]), entry["title"], entry["page"], tuple(entry.get("programs", ())))
        )
    return tuple(steps)


def _find_pages(document: Document, folder: Path, steps: tuple[Step, ...]) -> None:
    home = folder.resolve()
    for index, step in enumerate(steps):
        where = f"steps[{index}].page ({step.id})"
        page = folder / step.page
        if not page.resolve().is_relative_to(home):
            raise document.wrong(where, "the page must lie inside the lab's folder", step.page)
        if not page.is_file():
            beside = [found.relative_to(folder).as_posix() for found in sorted(page.parent.glob("*.md"))]
            raise document.wrong(where, "no such file", step.page, known=beside, remedy=f"write {page}")


def _checks(document: Document, folder: Path, steps: tuple[Step, ...], *, titles: bool) -> tuple[Check, ...]:
    entries: list[dict[str, Any]] = document.values.get("checks", [])
    ids = [entry["id"] for entry in entries]
    step_ids = [step.id for step in steps]
    open_files: dict[str, CheckFile] = {}
    checks = []
    for index, entry in enumerate(entries):
        id = entry["id"]
        if id in ids[:index]:
            raise document.wrong(f"checks[{index}].id", "an earlier check has this id", id)
        step = id.partition(".")[0]
        if step not in step_ids:
            raise document.wrong(f"checks[{index}].id ({id})", "no such step in [[steps]]", step, known=step_ids)
        for need in entry.get("needs", ()):
            if need not in ids:
                raise document.wrong(f"checks[{index}].needs ({id})", "no such check in [[checks]]", need, known=ids)
        checks.append(
            Check(
                id=id,
                step=step,
                title=entry.get("title") or (_title(document, folder, id, open_files) if titles else ""),
                points=entry.get("points", 1),
                needs=tuple(entry.get("needs", ())),
                alone=entry.get("alone", False),
                seconds=float(entry.get("seconds", 60)),
                public=entry.get("public", False),
            )
        )
    _refuse_cycles(document, checks)
    return tuple(checks)


def _title(document: Document, folder: Path, id: str, open_files: dict[str, CheckFile]) -> str:
    step, _, name = id.partition(".")
    file = file_of(folder, step)
    if not file.is_file():
        raise document.broken(
            f"{document.file}: the check {id} has no title and no function",
            found=f"no file {file}",
            remedies=[f"write test_{name} in {file}", "or give the check a title, where the hidden half is not here"],
        )
    if step not in open_files:
        open_files[step] = CheckFile.read(file, ManifestBroken)
    titles = open_files[step].titles
    function = f"test_{name}"
    if function not in titles:
        raise document.wrong(
            f"the check {id}", f"{file} has no function {function}", function, known=titles, remedy="write the function"
        )
    if not titles[function]:
        raise document.broken(
            f"{file}: {function} has no docstring",
            found="nothing where the title should be",
            remedies=["write its first line: it is what the learner reads about this check"],
        )
    return titles[function]


def _refuse_cycles(document: Document, checks: list[Check]) -> None:
    try:
        TopologicalSorter({check.id: check.needs for check in checks}).prepare()
    except CycleError as error:
        # It tells the circle from what is needed to who needs it; a person reads it the other way.
        circle = list(reversed(error.args[1]))
        index = next(index for index, check in enumerate(checks) if check.id == circle[0])
        where = f"checks[{index}].needs ({circle[0]})"
        raise document.wrong(where, "needs go in a circle", " → ".join(circle), remedy="drop one of them") from error
