"""What is wrong with a lab, told without running anything: one line a problem, and what to do about it.

Running is `qlab lab test`; this finds in a moment what would waste that run.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from qlab.catalog import checkfile, hints, lesson, submissions
from qlab.model.errors import LabBroken
from qlab.model.lab import Command, Lab, StepKind

RUNGS = 4
LONGEST_PAGE = 120
# The theory column of a screen of 120 columns. Prose is wrapped to it; what stands in a fence is cut off.
WIDEST_DRAWING = 66
REFERENCES = 2

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})(.*)")


def problems(lab: Lab) -> list[str]:
    """Every problem as `file: what, what to do`, with paths inside the lab; empty when there is none.

    Give it a lab read with `titles=False`, so that a missing function is one line among others. A draft has none.
    """
    if lab.draft:
        return []
    found: list[str] = []
    for look in (_starter, _functions, _sleeps, _hints, _pages, _references, _mistakes):
        found.extend(look(lab))
    return found


def _starter(lab: Lab) -> Iterator[str]:
    if not lab.starter.is_dir():
        yield "starter/: is missing, write what the learner begins with"
        return
    for program in lab.programs.values():
        # The starter is in Python; a learner who chooses another language brings its files.
        command = program.commands.get("python")
        names = _first_file(command) if command else []
        if names and not any((lab.starter / name).exists() for name in names):
            where = f"programs.{program.name}.python.run"
            yield f"lab.toml: {where} starts {names[0]}, which starter/ does not have, write it or mend the command"


def _first_file(command: Command) -> list[str]:
    """Where the first file of a command may lie; nothing when a build makes it or the command names none."""
    first, *rest = command.run
    if command.build:
        return []
    if first.startswith("./"):
        return [first[2:]]
    if rest[:1] == ["-m"] and len(rest) > 1:
        module = rest[1].replace(".", "/")
        return [f"{module}.py", f"{module}/__main__.py"]
    return [word for word in rest if not word.startswith("-")][:1]


def _functions(lab: Lab) -> Iterator[str]:
    if not lab.checks:
        yield "lab.toml: the lab has no checks, write [[checks]]"
    known = {check.id for check in lab.checks}
    there: set[str] = set()
    for file in checkfile.files(lab):
        place = _inside(lab, file)
        try:
            read = checkfile.CheckFile.read(file)
        except LabBroken as error:
            yield _line(lab, error)
            continue
        for function, title in read.titles.items():
            id = f"{file.stem.removeprefix('test_')}.{function.removeprefix('test_')}"
            there.add(id)
            if id not in known:
                yield f'{place}: {function} is no check, add [[checks]] with id = "{id}" to lab.toml'
            elif not title:
                yield f"{place}: {function} has no docstring, write the line the learner reads"
    for check in lab.checks:
        if check.id not in there:
            name = check.id.partition(".")[2]
            yield f"{_inside(lab, checkfile.file_of(lab.folder, check.step))}: has no test_{name}, write it"


def _sleeps(lab: Lab) -> Iterator[str]:
    for file in sorted((lab.hidden / "checks").rglob("*.py")):
        try:
            lines = checkfile.CheckFile.read(file).sleeps()
        except LabBroken:
            continue  # told by _functions
        for line in lines:
            yield f"{_inside(lab, file)}: line {line} sleeps, wait for what should happen instead"


def _hints(lab: Lab) -> Iterator[str]:
    try:
        ladders = hints.hints(lab)
    except LabBroken as error:
        yield _line(lab, error)
        return
    known = {check.id for check in lab.checks}
    for check in lab.checks:
        count = len(ladders.get(check.id, ()))
        if count != RUNGS:
            yield f"hints.md: {check.id} has {count} hints, write {RUNGS} from gentle to plain"
    for id in ladders:
        if id not in known:
            yield f"hints.md: {id} is no check, mend the heading or take it out"


def _pages(lab: Lab) -> Iterator[str]:
    for step in lab.steps:
        try:
            lines = lesson.page(lab, step).splitlines()
        except LabBroken as error:
            yield _line(lab, error)
            continue
        if step.kind is StepKind.READ and len(lines) > LONGEST_PAGE:
            yield f"{step.page}: has {len(lines)} lines, split it into pages of at most {LONGEST_PAGE}"
        for number, width in _too_wide(lines):
            shown = f"is {width} characters wide, the screen shows {WIDEST_DRAWING}"
            yield f"{step.page}:{number}: a line of a drawing {shown}: make it narrower"


def _too_wide(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Number and width of each line inside a fence that the screen would cut off."""
    fence = ""
    for number, line in enumerate(lines, 1):
        mark = _FENCE.fullmatch(line)
        if not fence:
            fence = mark[1] if mark else ""
        elif mark and mark[1].startswith(fence) and not mark[2].strip():
            fence = ""
        elif len(line) > WIDEST_DRAWING:
            yield number, len(line)


def _references(lab: Lab) -> Iterator[str]:
    names = [submission.name for submission in submissions.correct(lab)]
    if len(names) < REFERENCES:
        yield f"hidden/submissions/correct/: has {len(names)}, write at least {REFERENCES} that differ in their way"
    if lab.reference not in names:
        yield f'lab.toml: reference = "{lab.reference}" is no correct submission, name one of: {", ".join(names)}'


def _mistakes(lab: Lab) -> Iterator[str]:
    caught: set[str] = set()
    for folder in submissions.wrong_folders(lab):
        try:
            caught.update(submissions.read_wrong(lab, folder).fails)
        except LabBroken as error:
            yield _line(lab, error)
    for check in lab.checks:
        if check.id not in caught:
            yield f"hidden/submissions/wrong/: none must fail {check.id}, write a wrong program that it catches"


def _inside(lab: Lab, file: Path) -> str:
    return file.relative_to(lab.folder).as_posix()


def _line(lab: Lab, error: LabBroken) -> str:
    """An error as one problem."""
    text = error.what + (f" (found {error.found})" if error.found else "")
    return ", ".join([text, *error.remedies]).replace(f"{lab.folder}/", "").replace("\n", " ")
