"""Every Python snippet of every theory page runs, alone, on a real broker: a page that lies is a broken test."""

import os
import re
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from qlab.brokers import base
from qlab.catalog.discover import Catalog, builtin_root
from qlab.catalog.lesson import page
from qlab.model.workspace import Workspace
from qlab.programs import library
from qlab.services.manager import Services

FENCE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)

SNIPPETS = [
    pytest.param(lab.id, snippet, id=f"{lab.id}-{step.id}-{number}")
    for lab in Catalog([builtin_root(), Path(__file__).parent]).labs
    if not lab.draft
    for step in lab.steps
    for number, snippet in enumerate(FENCE.findall(page(lab, step)), 1)
]


@pytest.fixture
def addresses(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Environment with the address of a fresh server of every service the lab needs."""
    lab = Catalog([builtin_root(), Path(__file__).parent]).find(request.getfixturevalue("lab"))
    services = Services(Workspace(tmp_path), os.environ)
    found: dict[str, str] = {}
    servers = []
    try:
        for name in lab.services:
            (tmp_path / name).mkdir()
            server = services.private(name, secrets.token_hex(4), tmp_path / name)
            servers.append(server)
            found |= base.find(name).environment(server.endpoint)
        yield found
    finally:
        for server in servers:
            server.stop()


@pytest.mark.parametrize(("lab", "snippet"), SNIPPETS)
def test_a_snippet_runs_as_it_stands(lab: str, snippet: str, addresses: dict[str, str], tmp_path: Path) -> None:
    whole = Catalog([builtin_root(), Path(__file__).parent]).find(lab)
    view = library.view(whole.libraries, tmp_path / "cache")
    done = subprocess.run(
        [view.python, "-c", snippet],
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **addresses},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
