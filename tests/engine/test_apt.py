"""This machine's package sources, in both forms apt knows."""

from pathlib import Path

import pytest

from qlab.engine import apt
from qlab.engine.apt import Source
from qlab.model.errors import MachineNotReady


def system(root: Path, files: dict[str, str], release: str = "bookworm") -> apt.System:
    for name, text in {"etc/os-release": f"ID=debian\nVERSION_CODENAME={release}\n", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return apt.read(root)


def test_deb822(tmp_path: Path) -> None:
    text = """
Types: deb
# a comment in between
URIs: http://a.example/debian
Suites: bookworm-updates
 bookworm
Components: main contrib
Signed-By: /usr/share/keyrings/debian.gpg

Types: deb-src
URIs: http://a.example/debian
Suites: bookworm
Components: main

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://others.example
Suites: stable
Components: main
"""
    found = system(tmp_path, {"etc/apt/sources.list.d/debian.sources": text, "usr/share/keyrings/debian.gpg": "k"})
    key = tmp_path / "usr/share/keyrings/debian.gpg"
    assert found.sources == (
        Source("http://a.example/debian", "bookworm", ("main", "contrib"), key),
        Source("http://a.example/debian", "bookworm-updates", ("main", "contrib"), key),
    )


def test_one_line_form(tmp_path: Path) -> None:
    lines = (
        "# deb http://old.example bookworm main\n"
        "deb [arch=amd64 signed-by=/k.asc] http://a.example/debian bookworm main # here\n"
        "deb-src http://a.example/debian bookworm main\n"
        "deb [trusted=yes] file:/srv/debs bookworm-security main\n"
    )
    found = system(tmp_path, {"etc/apt/sources.list": lines, "k.asc": "k"})
    assert found.sources == (
        Source("http://a.example/debian", "bookworm", ("main",), tmp_path / "k.asc"),
        Source("file:/srv/debs", "bookworm-security", ("main",), None, True),
    )


def test_a_key_written_into_the_source_is_left_to_the_system(tmp_path: Path) -> None:
    text = (
        "Types: deb\nURIs: http://a.example\nSuites: noble\nComponents: main\n"
        "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQ/abc\n"
    )
    found = system(tmp_path, {"etc/apt/sources.list.d/u.sources": text}, "noble")
    assert found.sources == (Source("http://a.example", "noble", ("main",)),)


def test_a_list_of_mirrors_gives_its_first(tmp_path: Path) -> None:
    files = {
        "etc/apt/sources.list.d/u.sources": (
            "Types: deb\nURIs: mirror+file:/etc/apt/mirrors.txt\nSuites: noble\nComponents: main\n"
        ),
        "etc/apt/mirrors.txt": "# ours\nhttp://near.example/ubuntu\tpriority:1\nhttp://far.example/ubuntu\n",
    }
    assert system(tmp_path, files, "noble").sources[0].mirror == "http://near.example/ubuntu"


def test_a_system_without_apt_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MachineNotReady) as told:
        apt.read(tmp_path)
    assert any("images load" in line for line in told.value.remedies)


def test_only_other_peoples_repositories_do_not_count(tmp_path: Path) -> None:
    with pytest.raises(MachineNotReady, match="Debian-like"):
        system(tmp_path, {"etc/apt/sources.list": "deb http://others.example stable main\n"})
