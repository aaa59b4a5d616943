"""lab.toml is read whole, and every mistake in it is named with its key, what was found and what is near."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qlab.catalog import manifest
from qlab.model.errors import ManifestBroken
from qlab.model.lab import Check, Command, Setting, Step, StepKind
from tests.catalog.conftest import MANIFEST, Write

ANNOUNCED = 'format = 1\nid = "soon"\ntitle = "Soon"\nabout = "x"\npart = "y"\nminutes = 5\n'


def spoil(lab: Path, old: str, new: str) -> ManifestBroken:
    """The complaint after replacing one piece of the good manifest."""
    assert MANIFEST.count(old) >= 1
    (lab / "lab.toml").write_text(MANIFEST.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ManifestBroken) as caught:
        manifest.read(lab)
    assert str(lab) in caught.value.what
    return caught.value


def test_a_whole_manifest_becomes_a_lab(tiny: Path) -> None:
    lab = manifest.read(tiny)
    assert (lab.id, lab.title, lab.about, lab.part, lab.minutes) == ("tiny", "A tiny lab", "For tests.", "Tests", 10)
    assert lab.folder == tiny
    assert (lab.services, lab.libraries, lab.reference, lab.draft) == (("redis",), ("redis",), "plain", False)
    assert lab.settings == (Setting("TTL_SECONDS", "300", "seconds a code stays valid"),)
    assert lab.programs["echo"].commands == {
        "python": Command(run=("python", "echo.py")),
        "go": Command(run=("./bin/echo",), build=("go", "build", "-o", "bin/echo", "./echo"), reads=("/usr/local/go",)),
    }
    assert lab.steps == (
        Step("theory", StepKind.READ, "What an echo is", "lesson/01-echo.md"),
        Step("echo", StepKind.PRACTICE, "Write it", "lesson/02-task.md", ("echo",)),
    )
    assert lab.checks == (
        Check("echo.runs", "echo", "It starts."),
        Check("echo.repeats", "echo", "It says what it heard.", 3, ("echo.runs",), True, 5.0, True),
    )


def test_a_title_in_the_manifest_needs_no_hidden_half(tiny: Path) -> None:
    (tiny / "hidden/checks/test_echo.py").unlink()
    (tiny / "lab.toml").write_text(MANIFEST.replace("[[checks]]\n", '[[checks]]\ntitle = "By hand"\n'))
    assert {check.title for check in manifest.read(tiny).checks} == {"By hand"}


def test_the_hidden_checks_are_never_run_to_learn_their_titles(tiny: Path, write: Write) -> None:
    file = tiny / "hidden/checks/test_echo.py"
    file.write_text('import sys\nsys.exit("imported")\n' + file.read_text())
    assert manifest.read(tiny).checks[0].title == "It starts."


def test_without_titles_the_hidden_half_is_not_opened(tiny: Path) -> None:
    (tiny / "hidden/checks/test_echo.py").unlink()
    assert [check.title for check in manifest.read(tiny, titles=False).checks] == ["", ""]


def test_a_draft_needs_no_more_than_its_announcement(write: Write) -> None:
    file = write("soon/lab.toml", ANNOUNCED + "draft = true\n")
    lab = manifest.read(file.parent)
    assert lab.draft
    assert (lab.steps, lab.checks) == ((), ())


def test_a_draft_may_name_pages_and_checks_that_are_not_written_yet(tiny: Path) -> None:
    (tiny / "lab.toml").write_text("draft = true\n" + MANIFEST)
    (tiny / "hidden/checks/test_echo.py").unlink()
    (tiny / "lesson/01-echo.md").unlink()
    assert len(manifest.read(tiny).checks) == 2


def test_without_draft_an_announcement_is_not_a_lab(write: Write) -> None:
    file = write("soon/lab.toml", ANNOUNCED)
    with pytest.raises(ManifestBroken, match="steps: is missing"):
        manifest.read(file.parent)


def test_a_byte_order_mark_and_windows_line_ends_are_harmless(tiny: Path) -> None:
    (tiny / "lab.toml").write_bytes(b"\xef\xbb\xbf" + MANIFEST.replace("\n", "\r\n").encode())
    assert manifest.read(tiny).id == "tiny"


def test_what_is_not_toml_is_named_with_its_line(tiny: Path) -> None:
    error = spoil(tiny, 'title = "A tiny lab"', "title = A tiny lab")
    assert "is not TOML" in error.what
    assert "line 3" in error.found


def test_what_is_not_utf8_is_named_with_its_line(tiny: Path) -> None:
    (tiny / "lab.toml").write_bytes(MANIFEST.replace("A tiny lab", "Ünï").encode("latin-1"))
    with pytest.raises(ManifestBroken, match="line 3 is not UTF-8") as caught:
        manifest.read(tiny)
    assert caught.value.found == "byte 0xdc"


def test_a_missing_manifest_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(ManifestBroken, match=r"lab\.toml: cannot be read"):
        manifest.read(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "key", "near"),
    [
        ("minutes = 10", "minuts = 10", "minuts: no such key", '"minutes"'),
        ("needs =", "need =", "checks[1].need: no such key", '"needs"'),
        ("kind =", "knd =", "steps[0].knd: no such key", '"kind"'),
        ("go.build", "go.buidl", "programs.echo.go.buidl: no such key", '"build"'),
        (
            "[settings.TTL_SECONDS]\ndefault",
            "[settings.TTL_SECONDS]\ndefualt",
            "settings.TTL_SECONDS.defualt",
            "default",
        ),
        ('about = "repeats', 'abuot = "repeats', "programs.echo.abuot: no such key", '"about"'),
        ('kind = "practice"', 'kind = "practise"', "steps[1].kind: must be one of", '"practice"'),
        ('programs = ["echo"]', 'programs = ["ecko"]', "steps[1].programs (echo): no such program", '"echo"'),
        (
            'needs = ["echo.runs"]',
            'needs = ["echo.rnus"]',
            "checks[1].needs (echo.repeats): no such check",
            "echo.runs",
        ),
        ('id = "echo.runs"', 'id = "eco.runs"', "checks[0].id (eco.runs): no such step", '"echo"'),
        ("lesson/01-echo.md", "lesson/01-ecko.md", "steps[0].page (theory): no such file", "lesson/01-echo.md"),
    ],
)
def test_a_mistyped_name_is_answered_with_the_nearest_known_one(
    tiny: Path, old: str, new: str, key: str, near: str
) -> None:
    error = spoil(tiny, old, new)
    assert key in error.what
    assert near in error.remedies[0]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("minutes = 10", 'minutes = "10"', "minutes: must be a whole number"),
        ("minutes = 10", "minutes = true", "minutes: must be a whole number"),
        ("minutes = 10", "minutes = 0", "minutes: must be at least 1"),
        ("points = 3", "points = -1", "checks[1].points: must be at least 0"),
        ("seconds = 5", "seconds = nan", "checks[1].seconds: must be at least 1"),
        ("alone = true", "alone = 1", "checks[1].alone: must be true or false"),
        ('services = ["redis"]', 'services = "redis"', "services: must be a list of texts"),
        ('services = ["redis"]', "services = [3]", "services[0]: must be a text in quotes"),
        ('title = "A tiny lab"', 'title = ""', "title: must not be empty"),
        ('["python", "echo.py"]', "[]", "programs.echo.python.run: must not be empty"),
        ("[settings.TTL_SECONDS]", "[settings.ttl]", "settings.ttl: this name must be capital letters"),
        ("[programs.echo]", '[programs."../x"]', "programs.../x: this name must be small letters"),
        ('id = "theory"', 'id = "The Theory"', "steps[0].id: must be small letters"),
        ('id = "echo.runs"', 'id = "runs"', "checks[0].id: must be <step>.<name>"),
        ('id = "echo"', 'id = "theory"', "steps[1].id: an earlier step has this id"),
        ('id = "echo.repeats"', 'id = "echo.runs"', "checks[1].id: an earlier check has this id"),
        ('id = "tiny"', 'id = "tinny"', "id: must be the name of the folder"),
        ("format = 1", "format = 2\nnovelty = 1", "format: this qlab reads format 1 and older"),
        ("format = 1\n", "", "format: is missing"),
        ('kind = "read"\n', "", "steps[0].kind: is missing"),
        ("lesson/01-echo.md", "../other/page.md", "steps[0].page (theory): the page must lie inside"),
        ("lesson/01-echo.md", "/etc/hostname", "steps[0].page (theory): the page must lie inside"),
        ("lesson/01-echo.md", "lesson", "steps[0].page (theory): no such file"),
    ],
)
def test_a_mistake_is_named_with_its_key(tiny: Path, old: str, new: str, complaint: str) -> None:
    error = spoil(tiny, old, new)
    assert f"lab.toml: {complaint}" in error.what
    assert error.found


def test_a_page_that_is_a_link_out_of_the_lab_is_refused(tiny: Path, write: Write) -> None:
    outside = write("outside.md", "# Not ours\n")
    (tiny / "lesson/01-echo.md").unlink()
    (tiny / "lesson/01-echo.md").symlink_to(outside)
    with pytest.raises(ManifestBroken, match="must lie inside"):
        manifest.read(tiny)


def test_needs_that_go_in_a_circle_are_drawn(tiny: Path) -> None:
    error = spoil(tiny, 'id = "echo.runs"', 'id = "echo.runs"\nneeds = ["echo.repeats"]')
    assert "needs go in a circle" in error.what
    assert "echo.runs → echo.repeats → echo.runs" in error.found or "echo.repeats → echo.runs" in error.found


def test_a_check_that_needs_itself_is_a_circle_too(tiny: Path) -> None:
    error = spoil(tiny, 'needs = ["echo.runs"]', 'needs = ["echo.repeats"]')
    assert error.found == '"echo.repeats → echo.repeats"'


def test_a_check_without_file_function_or_docstring_says_where_it_was_looked_for(tiny: Path) -> None:
    file = tiny / "hidden/checks/test_echo.py"
    whole = file.read_text()

    def complaint() -> str:
        with pytest.raises(ManifestBroken) as caught:
            manifest.read(tiny)
        return " ".join([caught.value.what, caught.value.found, *caught.value.remedies])

    file.write_text(whole.replace('    """It says what it heard."""\n', "    pass\n"))
    assert f"{file}: test_repeats has no docstring" in complaint()
    file.write_text(whole.replace("test_repeats", "test_repeat"))
    assert f"{file} has no function test_repeats" in complaint()
    assert 'did you mean "test_repeat"?' in complaint()
    file.write_text("def test_runs(:\n")
    assert f"{file}: line 1 is not Python" in complaint()
    file.unlink()
    assert f"write test_runs in {file}" in complaint()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=60), at=st.integers(0, len(MANIFEST)))
def test_noise_anywhere_in_a_manifest_gives_a_lab_or_manifest_broken(tiny: Path, noise: bytes, at: int) -> None:
    text = MANIFEST.encode()
    (tiny / "lab.toml").write_bytes(text[:at] + noise + text[at:])
    with suppress(ManifestBroken):
        manifest.read(tiny)
