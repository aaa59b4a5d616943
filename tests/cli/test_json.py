"""Every document of `--json` is one document, alone on stdout, of the shape that docs/json.md promises."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.desk import GOOD, Desk

PAGE = Path(__file__).parents[2] / "docs/json.md"
OPTIONAL = {"runner", "why", "address", "links", "handle", "attached", "seconds"}
"""Keys of a service that are there only while it is up."""


def promised(command: str) -> Any:
    """The example of docs/json.md under the heading of this command."""
    for section in PAGE.read_text().split("\n## ")[1:]:
        heading, _, text = section.partition("\n")
        if f"qlab {command} --json" in heading:
            found = re.search(r"```json\n(.*?)```", text, re.DOTALL)
            assert found
            return json.loads(found[1])
    raise AssertionError(f"docs/json.md has no {command}")


def compare(real: Any, example: Any, where: str = "document") -> None:
    """Both have the same keys and kinds of values, all the way down."""
    if example is None:
        assert real is None or isinstance(real, str), where
    elif isinstance(example, dict):
        assert isinstance(real, dict), where
        missing = set(example) - set(real)
        assert not missing - (OPTIONAL if ".services" in where else set()), f"{where} lacks {missing}"
        assert set(real) <= set(example) or not example, f"{where} has undocumented {set(real) - set(example)}"
        for key, value in real.items():
            if key in example:
                compare(value, example[key], f"{where}.{key}")
    elif isinstance(example, list):
        assert isinstance(real, list), where
        for entry in real:
            compare(entry, example[0], f"{where}[]")
    elif isinstance(example, float):
        assert isinstance(real, int | float), where
    else:
        assert type(real) is type(example), f"{where}: {real!r}"


def test_check(desk: Desk) -> None:
    desk.write(GOOD.replace("for line in sys.stdin", "for line in reversed(sys.stdin.readlines())"))
    desk.write("x", "note")
    (desk.home / "echo/link").symlink_to("note")
    done = desk.qlab("check", "echo", "--json")
    document = json.loads(done.stdout)
    compare(document, promised("check"))
    assert (done.returncode, document["outcome"]) == (1, "fail")
    assert [check["outcome"] for check in document["checks"]] == ["pass", "pass", "fail"]
    assert document["notes"] == ["link was left out: a link is not a file a program could need"]
    saved = next((desk.home / ".qlab/reports").iterdir())
    assert json.loads(saved.read_text()) == document


def test_list(desk: Desk) -> None:
    (desk.labs / "bad").mkdir()
    (desk.labs / "bad/lab.toml").write_text("= 1")
    document = json.loads(desk.qlab("list", "--json").stdout)
    compare(document, promised("list"))
    assert [broken["id"] for broken in document["broken"]] == ["bad"]
    assert "echo" in [lab["id"] for lab in document["labs"]]


def test_status_and_services_with_nothing_running(desk: Desk) -> None:
    for words in (["status"], ["services"]):
        compare(json.loads(desk.qlab(*words, "--json").stdout), promised(words[0]))
    desk.qlab("start", "echo")
    document = json.loads(desk.qlab("status", "--json").stdout)
    compare(document, promised("status"))
    assert (document["lab"], document["workspace"]) == ("echo", str(desk.home))


@pytest.mark.needs("redis-server")
def test_services_that_run(desk: Desk) -> None:
    try:
        up = json.loads(desk.qlab("services", "up", "redis", "--runner", "native", "--json").stdout)
        assert up["services"][0]["name"] == "redis"
        document = json.loads(desk.qlab("services", "--json").stdout)
        compare(document, promised("services"))
        assert document["services"][0]["state"] == "up"
        assert set(document["services"][0]) >= OPTIONAL
    finally:
        down = json.loads(desk.qlab("stop", "--json").stdout)
    assert down["services"] == ["redis"]


def test_doctor(desk: Desk) -> None:
    done = desk.qlab("doctor", "--json")
    document = json.loads(done.stdout)
    compare(document, promised("doctor"))
    needed = [finding for finding in document["findings"] if finding["needed"] and not finding["ok"]]
    assert done.returncode == (3 if needed else 0)


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (["start", "echo"], {"lab", "folder", "services", "next", "written", "kept"}),
        (["read", "echo", "1"], {"lab", "step", "number", "text"}),
        (["hint", "ready", "--lab", "echo"], {"lab", "check", "number", "of", "text"}),
        (["stop"], {"services", "runs"}),
        (["init", "elsewhere"], {"workspace"}),
    ],
)
def test_the_others_say_what_they_did(desk: Desk, words: list[str], keys: set[str]) -> None:
    done = desk.qlab(*words, "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document["schema"] == 1
    assert keys <= set(document)


def test_an_error_leaves_stdout_empty(desk: Desk) -> None:
    done = desk.qlab("check", "nowhere", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "error" in done.stderr


def test_a_verdict_is_printed_though_it_cannot_be_recorded(desk: Desk) -> None:
    desk.write(GOOD)
    (desk.home / ".qlab/journal.jsonl").symlink_to("/dev/full")
    done = desk.qlab("check", "echo", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["outcome"] == "pass"
    assert "could not be recorded" in done.stderr
