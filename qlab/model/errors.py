"""Every error qlab raises on purpose, one tree.

QlabError                      70  a fault in qlab unless a subclass says otherwise
├── UsageError                  2  the words typed do not fit
│   ├── NoSuchLab
│   ├── NoSuchCheck
│   ├── NoSuchProgram
│   └── NotASubmission             the folder to check is missing, not a folder, or too large
├── NothingToCheck              5  no lab around here, or a lab that has no checks yet
├── MachineNotReady             3  this machine cannot do it yet
│   ├── EngineAbsent               no Docker engine answers
│   ├── EngineForbidden            an engine is there, this user may not speak to it
│   ├── EngineFailed               the engine answered with an error, or died in the middle
│   ├── ImageMissing               the image is not here and cannot be had
│   ├── ServiceUnavailable         no way to run this service on this machine
│   ├── ServiceFailed              a service was started and did not become ready, or died
│   ├── NotWritable                a folder or file of the workspace cannot be written
│   └── JournalNotWritten          the result is right but could not be recorded
├── LabBroken                   4  the lab itself is wrong
│   └── ManifestBroken             lab.toml: names the file, the key and the nearest known key
├── GraderFault                70  the grader did not report as it must
└── Interrupted               130  Ctrl-C

An error says what happened (its message), what was found instead (`found`) and what to do next (`remedies`).
"""

from collections.abc import Iterable

from qlab.model.exits import ExitCode


class QlabError(Exception):
    """What happened, in one sentence; what was found; what to do next, one line each."""

    exit_code: ExitCode = ExitCode.FAULT

    def __init__(self, what: str, *, found: str = "", remedies: Iterable[str] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.found = found
        self.remedies = tuple(remedies)


class UsageError(QlabError):
    """The words typed do not fit."""

    exit_code = ExitCode.USAGE


class NoSuchLab(UsageError):
    """No lab has this name."""


class NoSuchCheck(UsageError):
    """The lab has no such check or step."""


class NoSuchProgram(UsageError):
    """The lab has no such program."""


class NotASubmission(UsageError):
    """The folder to check is missing, is not a folder, or is too large to copy."""


class NothingToCheck(QlabError):
    """No lab around here, or a lab that has no checks yet."""

    exit_code = ExitCode.NOTHING


class MachineNotReady(QlabError):
    """This machine cannot do it yet."""

    exit_code = ExitCode.NOT_READY


class EngineAbsent(MachineNotReady):
    """No Docker engine answers."""


class EngineForbidden(MachineNotReady):
    """An engine is there, but this user may not speak to it."""


class EngineFailed(MachineNotReady):
    """The engine answered with an error, or died in the middle."""


class ImageMissing(MachineNotReady):
    """The image is not on this machine and cannot be had now."""


class ServiceUnavailable(MachineNotReady):
    """No way to run this service on this machine."""


class ServiceFailed(MachineNotReady):
    """A service was started and did not become ready, or died."""


class NotWritable(MachineNotReady):
    """A folder or file of the workspace cannot be written."""


class JournalNotWritten(MachineNotReady):
    """The result is right but could not be recorded."""


class LabBroken(QlabError):
    """The lab itself is wrong; its author must mend it."""

    exit_code = ExitCode.LAB_WRONG


class ManifestBroken(LabBroken):
    """lab.toml cannot be used."""


class GraderFault(QlabError):
    """The grader did not report as it must; never the learner's fault."""


class Interrupted(QlabError):
    """The person pressed Ctrl-C, or closed the terminal."""

    exit_code = ExitCode.INTERRUPTED
