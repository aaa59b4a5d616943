"""Submissions are listed with what they must prove, and assembled in layers."""

from pathlib import Path

import pytest

from qlab.catalog import manifest, submissions
from qlab.model.errors import LabBroken
from tests.catalog.conftest import EXPECT, Write


def test_correct_and_wrong_ones_are_listed_by_name(tiny: Path, write: Write) -> None:
    write("tiny/hidden/submissions/wrong/silent/expect.toml", EXPECT + '[words]\n"echo.runs" = ["said nothing"]\n')
    write("tiny/hidden/submissions/correct/_notes/a.txt", "not a submission")
    lab = manifest.read(tiny)
    assert [s.name for s in submissions.correct(lab)] == ["other", "plain"]
    (silent,) = submissions.wrong(lab)
    assert (silent.name, silent.of, silent.why) == ("silent", "plain", "It says nothing.")
    assert silent.fails == ("echo.runs", "echo.repeats")
    assert silent.words == {"echo.runs": ("said nothing",)}


def test_without_the_hidden_half_there_are_none(tiny: Path) -> None:
    (tiny / "hidden").rename(tiny.parent / "elsewhere")
    lab = manifest.read(tiny, titles=False)
    assert submissions.correct(lab) == submissions.wrong(lab) == ()


@pytest.mark.parametrize(
    ("old", "new", "complaint", "near"),
    [
        ('of = "plain"', 'of = "plane"', "of: no such correct submission", '"plain"'),
        ('"echo.runs"', '"echo.rums"', "fails[0]: no such check", '"echo.runs"'),
        ("fails", "fail", "fail: no such key", '"fails"'),
        ("why", "whi", "whi: no such key", '"why"'),
        ('fails = ["echo.runs", "echo.repeats"]', "fails = []", "fails: must not be empty", ""),
        ('why = "It says nothing."\n', "", "why: is missing", ""),
        ("of =", "of ", "is not TOML", ""),
        ("fails", '[words]\n"echo.other" = ["x"]\n[x]\nfails', "x: no such key", ""),
    ],
)
def test_a_mistake_in_expect_is_named_with_its_key(
    tiny: Path, write: Write, old: str, new: str, complaint: str, near: str
) -> None:
    write("tiny/hidden/submissions/wrong/silent/expect.toml", EXPECT.replace(old, new))
    with pytest.raises(LabBroken) as caught:
        submissions.wrong(manifest.read(tiny))
    assert f"expect.toml: {complaint}" in caught.value.what
    assert near in " ".join(caught.value.remedies)


def test_words_for_a_check_that_need_not_fail_are_refused(tiny: Path, write: Write) -> None:
    text = EXPECT.replace(', "echo.repeats"', "") + '[words]\n"echo.repeats" = ["x"]\n'
    write("tiny/hidden/submissions/wrong/silent/expect.toml", text)
    with pytest.raises(LabBroken, match=r"words\.echo\.repeats: words for a check that is not in fails"):
        submissions.wrong(manifest.read(tiny))


def test_a_wrong_submission_without_expect_is_refused(tiny: Path) -> None:
    (tiny / "hidden/submissions/wrong/silent/expect.toml").unlink()
    with pytest.raises(LabBroken, match=r"silent/expect\.toml: cannot be read"):
        submissions.wrong(manifest.read(tiny))


def test_a_wrong_one_lies_over_its_correct_one_over_the_starter(tiny: Path, tmp_path: Path, write: Write) -> None:
    write("tiny/starter/given.txt", "given")
    write("tiny/hidden/submissions/correct/plain/help.py", "help")
    lab = manifest.read(tiny)
    (silent,) = submissions.wrong(lab)
    target = tmp_path / "target"
    submissions.assemble(lab, silent, target)
    held = {file.name: file.read_text() for file in target.iterdir()}
    assert held == {"given.txt": "given", "help.py": "help", "echo.py": "pass\n"}


def test_a_correct_one_lies_over_the_starter(tiny: Path, tmp_path: Path) -> None:
    lab = manifest.read(tiny)
    submissions.assemble(lab, submissions.correct(lab)[1], tmp_path / "target")
    assert (tmp_path / "target/echo.py").read_text() == "print(input())\n"


def test_a_missing_layer_is_named(tiny: Path, tmp_path: Path) -> None:
    lab = manifest.read(tiny)
    (tiny / "starter").rename(tiny / "begin")
    with pytest.raises(LabBroken, match="starter: is missing"):
        submissions.assemble(lab, submissions.correct(lab)[0], tmp_path / "target")
