"""Pictures of the screens: `python docs/pictures/make.py` writes them beside this file.

A real app on the real labs, in a workspace made for the moment. What would differ from run to run is given: the clock,
the address of the service, and the report of the last check, written as `qlab check` would have written it.
"""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from qlab.catalog import starter
from qlab.flows.services import StatusShown
from qlab.flows.world import World
from qlab.model.events import Event, LabReady, ServiceChosen, ServiceUp, StarterLaidOut
from qlab.model.lab import Lab
from qlab.model.report import CheckResult, Isolation, Moment, Outcome, Report
from qlab.model.service import Choice, Endpoint, RunnerName, Service, ServiceState
from qlab.model.workspace import Workspace
from qlab.tui.app import QlabApp
from qlab.tui.bridge import Cancel
from qlab.tui.verbs import Verbs, one_by_one

HERE = Path(__file__).parent
NOW = 1_800_000_000.0
LAB, FAILED, READ = "day03", "list_queue.bad_json", 6
SEED = "7c1f03ab"

WHY = "redis-server is on this machine"
ENDPOINT = Endpoint("127.0.0.1", 40123, "redis://127.0.0.1:40123/0")
REDIS = Service("redis", RunnerName.NATIVE, WHY, ENDPOINT, identity="", handle="", seconds=0.06)

FAILURE = {
    "expected": 'consumer prints {"event": "done", "id": "j-tanelovu"}',
    "observed": "consumer ended before that, with exit status 1. Its last words: JSONDecodeError: Expecting value",
    "timeline": (
        Moment(0.478, "qlab", "started consumer"),
        Moment(0.502, "qlab", "put 5 jobs in the list"),
        Moment(1.242, "consumer", "done id=j-paritaki worker=w1"),
        Moment(1.244, "consumer", "done id=j-musoloso worker=w1"),
        Moment(1.260, "qlab", "put 3 broken items in the list, then a good job"),
        Moment(1.281, "consumer", "ended with status 1", decisive=True),
        Moment(1.448, "producer", "queued id=j-tanelovu"),
    ),
    "next_step": "Read its last words above. Which line of yours are they about?",
    "hints": 4,
}


class Still(Verbs):
    """The verbs, but nothing is started: the service is said to be there."""

    def start(self, world: World, lab: str) -> Iterator[Event]:
        """What `start` would say."""
        one_by_one(world, lab)
        folder = world.present_workspace().lab(lab)
        written, kept = starter.lay_out(world.lab(lab), folder)
        yield StarterLaidOut(folder, written, kept)
        yield ServiceChosen(Choice("redis", RunnerName.NATIVE, WHY))
        yield ServiceUp(REDIS)
        yield LabReady(world.lab(lab), folder, (REDIS,), f"qlab check {lab}")

    def status(self, world: World, cancel: Cancel) -> Iterator[Event]:
        """What `status` would say."""
        for event in super().status(world, cancel):
            assert isinstance(event, StatusShown)
            yield replace(event, services=(("redis", ServiceState.UP, REDIS),))


def verdict(lab: Lab) -> Report:
    """The first practice step, with one check failed."""
    results = []
    for number, check in enumerate(lab.checks_of(FAILED.partition(".")[0])):
        failed = check.id == FAILED
        more: dict[str, Any] = FAILURE if failed else {}
        again = f"qlab check {lab.id} --only {check.id} --seed {SEED}" if failed else ""
        results.append(
            CheckResult(
                id=check.id,
                title=check.title,
                step=check.step,
                outcome=Outcome.FAIL if failed else Outcome.PASS,
                points=0 if failed else check.points,
                of=check.points,
                seconds=1.2 + number / 10,
                repeat=again,
                **more,
            )
        )
    return Report(lab.id, tuple(results), 4.1, SEED, Isolation("session"))


def prepare(root: Path) -> None:
    """A learner who read all pages of the lab and checked the first program two minutes ago."""
    workspace = Workspace(root)
    workspace.reports.mkdir(parents=True)
    lab = World({}, root).lab(LAB)
    report = verdict(lab)
    (workspace.reports / "last.json").write_text(json.dumps(report.as_json()), encoding="utf-8")
    entries: list[dict[str, Any]] = [{"t": NOW - 9_000, "kind": "started", "lab": LAB}]
    entries += [{"t": NOW - 8_000, "kind": "read", "lab": LAB, "step": step.id} for step in lab.steps[:READ]]
    results = {r.id: r.outcome.value for r in report.results}
    entries.append({"t": NOW - 130, "kind": "checked", "lab": LAB, "results": results, "report": "last.json"})
    workspace.journal.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")


async def picture(name: str, lab: str | None, size: tuple[int, int], keys: str, wait_for: str) -> None:
    """Drive an app until it shows `wait_for`, press some keys, and keep what is seen."""
    app = QlabApp(lab, env={"TERM": "xterm-256color"}, verbs=Still(), clock=lambda: NOW)
    async with app.run_test(size=size) as pilot:
        for words, press in ((wait_for, keys.split()), (wait_for if not keys else "", [])):
            for _ in range(200):
                seen = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
                if words in seen:
                    break
                await pilot.pause(0.05)
            else:
                raise SystemExit(f"{name}: {wait_for!r} never came:\n{seen}")
            await pilot.press(*press)
            await pilot.pause(0.5)
        path = HERE / f"{name}-{size[0]}x{size[1]}.svg"
        path.write_text(app.export_screenshot(title="qlab"), encoding="utf-8")
        print(path.name)


async def main() -> None:
    """All pictures."""
    for size in ((80, 24), (120, 40)):
        await picture("home", None, size, "", "FAIL")
        await picture("lab", LAB, size, "1", "40123")
    await picture("check", LAB, (80, 24), "3", "40123")
    await picture("check", LAB, (120, 40), "3", "40123")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "qlab"
        prepare(root)
        os.environ["TZ"] = "UTC"
        time.tzset()
        for name in ("QLAB_LABS", "NO_COLOR", "QLAB_ASCII"):
            os.environ.pop(name, None)
        # Paths on the screens are told from here, so that none of this machine's is seen.
        os.chdir(root)
        asyncio.run(main())
