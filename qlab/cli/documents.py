"""Events as one JSON document on stdout. Nothing else goes there; notes and errors go to stderr."""

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from qlab.cli.out import Out
from qlab.model.exits import ExitCode
from qlab.model.report import SCHEMA

if TYPE_CHECKING:
    from qlab.flows.doctor import Finding, MachineSeen
    from qlab.flows.lessons import LabsListed, LabState
    from qlab.flows.services import StatusShown
    from qlab.model.events import (
        Event,
    )
    from qlab.model.service import Service, ServiceState

Shape = dict[str, Any]


def document(events: "Iterable[Event]", out: Out) -> ExitCode:
    """Run a flow to its end and print its result as JSON; the exit code it means."""
    shape: Shape = {"schema": SCHEMA}
    code = ExitCode.DONE
    lists: dict[str, list[Shape]] = {}
    try:
        for event in events:
            name = type(event).__name__
            if name in _RESULTS:
                shape |= _RESULTS[name](event)
                code = _CODES[name](event) if name in _CODES else code
            elif name in _ITEMS:
                key, make = _ITEMS[name]
                lists.setdefault(key, []).append(make(event))
            elif name == "Note":
                out.tell(getattr(event, "text", ""))
    finally:
        # A verdict that is there is printed even when it could not be recorded afterwards.
        if len(shape) > 1 or lists:
            out.say(json.dumps({**lists, **shape}, ensure_ascii=False, indent=1))
    return code


def _labs(event: "LabsListed") -> Shape:
    return {
        "current": event.current,
        "labs": [_lab(state) for state in event.labs],
        "broken": [{"id": id, "error": error.what, "found": error.found} for id, error in event.broken],
    }


def _lab(state: "LabState") -> Shape:
    lab = state.lab
    return {
        "id": lab.id,
        "title": lab.title,
        "part": lab.part,
        "minutes": lab.minutes,
        "draft": lab.draft,
        "steps": [
            {"id": s.id, "kind": s.kind.value, "title": s.title, "done": s.id in state.steps_done} for s in lab.steps
        ],
        "checks": len(lab.checks),
        "passed": state.passed,
        "services": list(lab.services),
        "folder": str(lab.folder),
    }


def service(one: "Service") -> Shape:
    """One service, its address without a password."""
    return {
        "name": one.name,
        "runner": one.runner.value,
        "why": one.why,
        "address": one.endpoint.shown,
        "links": dict(one.endpoint.links),
        "handle": one.handle,
        "attached": one.attached,
        "seconds": round(one.seconds, 3),
    }


def _status(event: "StatusShown") -> Shape:
    return {
        "workspace": str(event.workspace.root) if event.workspace else None,
        "lab": event.lab,
        "passed": event.passed,
        "checks": event.checks,
        "services": [_state(name, state, one) for name, state, one in event.services],
        "rows": [
            {"service": name, "kind": row.kind, "name": row.name, "ready": row.ready, "detail": row.detail}
            for name, row in event.rows
        ],
        "abandoned_runs": list(event.abandoned),
    }


def _state(name: str, state: "ServiceState", one: "Service | None") -> Shape:
    return {"name": name, "state": state.value, **(service(one) if one else {})}


def _machine(event: "MachineSeen") -> Shape:
    return {
        "ready": list(event.ready),
        "findings": [_finding(finding) for finding in event.findings],
        "sandbox": {
            "tier": event.isolation.tier,
            "kept": list(event.isolation.kept),
            "not_kept": list(event.isolation.not_kept),
        },
    }


def _finding(finding: "Finding") -> Shape:
    return {
        "about": finding.about,
        "ok": finding.ok,
        "needed": finding.needed,
        "answer": finding.answer,
        "to_do": finding.to_do,
    }


_RESULTS: dict[str, Callable[[Any], Shape]] = {
    "CheckCompleted": lambda e: e.report.as_json(),
    "MachineSeen": _machine,
    "LabsListed": _labs,
    "StatusShown": _status,
    "WorkspaceMade": lambda e: {"workspace": str(e.root)},
    "StarterLaidOut": lambda e: {"folder": str(e.folder), "written": list(e.written), "kept": list(e.kept)},
    "LabReady": lambda e: {
        "lab": e.lab.id,
        "folder": str(e.folder),
        "services": [service(one) for one in e.services],
        "next": e.next_command,
    },
    "PageShown": lambda e: {"lab": e.lab.id, "step": e.step.id, "number": e.number, "text": e.text},
    "HintShown": lambda e: {"lab": e.lab.id, "check": e.check.id, "number": e.rung, "of": e.of, "text": e.text},
    "LabReset": lambda e: {"folder": str(e.folder), "kept_as": str(e.kept_as)},
    "Stopped": lambda e: {"services": list(e.services), "runs": list(e.runs), "programs": list(e.programs)},
}
"""Events that are a result by themselves, by name: rendering one must not import what the others need."""

_ITEMS: dict[str, tuple[str, Callable[[Any], Shape]]] = {
    "ServiceUp": ("services", lambda e: service(e.service)),
    "ServiceDown": ("stopped", lambda e: {"name": e.name, "handle": e.handle}),
    "ImageReady": ("images", lambda e: {"image": e.image, "megabytes": e.megabytes, "seconds": round(e.seconds, 3)}),
}
"""Events of which there may be several: the list they belong to."""

_CODES: dict[str, Callable[[Any], ExitCode]] = {
    "CheckCompleted": lambda e: e.report.exit_code,
    "MachineSeen": lambda e: ExitCode.DONE if all(f.ok or not f.needed for f in e.findings) else ExitCode.NOT_READY,
}
"""Results that mean an exit code of their own."""
