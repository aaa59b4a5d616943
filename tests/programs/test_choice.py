"""Every mistake in a learner's qlab.toml names the file, the key and the nearest good word."""

from pathlib import Path

import pytest

from qlab.catalog import manifest
from qlab.model.errors import NoSuchProgram, UsageError
from qlab.model.lab import Lab
from qlab.programs.choice import choose
from tests.desk import LABS


@pytest.fixture(scope="module")
def lab() -> Lab:
    return manifest.read(LABS / "echo", titles=False)


def test_without_a_file_it_is_python(lab: Lab, tmp_path: Path) -> None:
    chosen = choose(lab, tmp_path)
    assert chosen.language == "python"
    assert chosen.command("echo").run == ("python", "echo.py")


def test_another_language_of_the_lab(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "qlab.toml").write_text('language = "go"')
    assert choose(lab, tmp_path).command("echo").run == ("./bin/echo",)


def test_a_command_of_ones_own(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "qlab.toml").write_text(
        'language = "rust"\n[programs.echo]\nbuild = ["cargo", "build"]\nrun = ["./target/echo"]\nreads = ["/opt/rust"]'
    )
    command = choose(lab, tmp_path).command("echo")
    assert (command.build, command.run, command.reads) == (("cargo", "build"), ("./target/echo",), ("/opt/rust",))


def test_a_mistyped_program_gets_the_nearest_name(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(NoSuchProgram) as wrong:
        choose(lab, tmp_path).command("ecko")
    assert wrong.value.remedies == ("did you mean 'echo'?",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("language = ", "cannot be read"),
        ("a = " + "[" * 5_000, "cannot be read"),
        ("langauge = 'go'", "'langauge'"),
        ("language = 7", "`language` must be a text"),
        ("language = 'cobol'", "no 'cobol' command"),
        ("programs = 1", "`programs` must be a table"),
        ("[programs.eco]\nrun = ['x']", "`programs.eco` is not a program"),
        ("[programs.echo]\nbuild = ['x']", "needs a `run` list"),
        ("[programs]\necho = 'x'", "needs a `run` list"),
        ("[programs.echo]\nrun = []", "`programs.echo`.run must be a list of texts"),
        ("[programs.echo]\nrun = 'x'", "must be a list of texts"),
        ("[programs.echo]\nrun = ['x', 1]", "must be a list of texts"),
        ('[programs.echo]\nrun = ["x\\u0000y"]', "must be a list of texts"),
        ("[programs.echo]\nrun = ['x']\nenv = ['y']", "unknown key 'env'"),
    ],
)
def test_a_mistake_is_named(lab: Lab, tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "qlab.toml").write_text(text)
    with pytest.raises(UsageError) as wrong:
        choose(lab, tmp_path, shown=Path("/home/me/echo"))
    assert words in wrong.value.what
    everything = " ".join([wrong.value.what, wrong.value.found, *wrong.value.remedies])
    assert "/home/me/echo/qlab.toml" in everything
    assert str(tmp_path) not in everything


def test_a_file_that_is_no_text_is_named(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "qlab.toml").write_bytes(b"language = '\xff'")
    with pytest.raises(UsageError):
        choose(lab, tmp_path)
