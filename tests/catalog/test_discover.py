"""Labs are found where they lie, a broken one hides no other, and a name is understood as people type it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from qlab.catalog.discover import Catalog, builtin_root
from qlab.model.errors import LabBroken, ManifestBroken, NoSuchLab, UsageError
from tests.catalog.conftest import Write


def announce(write: Write, folder: str, part: str = "Days") -> None:
    """A draft is the smallest lab there is."""
    id = folder.rpartition("/")[2]
    write(
        f"{folder}/lab.toml",
        f'format = 1\nid = "{id}"\ntitle = "T"\nabout = "A"\npart = "{part}"\nminutes = 5\ndraft = true\n',
    )


@pytest.fixture
def school(tmp_path: Path, write: Write) -> Path:
    """A root as the repository is: days, labs, and folders that are neither."""
    for folder in ("day02", "day10", "day01"):
        announce(write, f"school/{folder}")
    for folder in ("kafka-ordering", "kafka-basics", "_template", ".hidden"):
        announce(write, f"school/labs/{folder}", "More")
    announce(write, "school/extra", "More")
    write("school/qlab/module.py", "")
    write("school/file.txt", "")
    return tmp_path / "school"


def ids(catalog: Catalog) -> list[str]:
    return [lab.id for lab in catalog.labs]


def test_days_come_by_number_and_parts_in_order_of_first_appearance(school: Path) -> None:
    catalog = Catalog([school])
    assert ids(catalog) == ["day01", "day02", "day10", "extra", "kafka-basics", "kafka-ordering"]
    assert not catalog.broken


def test_a_root_may_be_a_lab_itself(school: Path) -> None:
    assert ids(Catalog([school / "labs/kafka-basics"])) == ["kafka-basics"]


def test_a_root_may_hold_labs_directly(school: Path) -> None:
    assert ids(Catalog([school / "labs"])) == ["kafka-basics", "kafka-ordering"]


def test_an_empty_root_has_no_labs(tmp_path: Path) -> None:
    assert Catalog([tmp_path]).labs == ()
    with pytest.raises(NoSuchLab) as caught:
        Catalog([tmp_path]).find("day3")
    assert "no labs were found" in caught.value.remedies[0]


@pytest.mark.parametrize("name", ["nowhere", "file.txt"])
def test_a_root_that_is_no_folder_is_named(school: Path, name: str) -> None:
    with pytest.raises(UsageError, match=name):
        Catalog([school, school / name])


def test_a_broken_lab_does_not_hide_the_good_ones(school: Path) -> None:
    (school / "day02/lab.toml").write_text("format = one")
    catalog = Catalog([school])
    assert ids(catalog)[:2] == ["day01", "day10"]
    assert list(catalog.broken) == ["day02"]
    with pytest.raises(ManifestBroken, match="is not TOML"):
        catalog.find("day2")
    assert catalog.find("day1").id == "day01"


def test_two_labs_of_one_name_are_an_error_that_names_both_when_asked_for(school: Path, write: Write) -> None:
    announce(write, "other/day01")
    other = school.parent / "other"
    catalog = Catalog([school, other])
    assert "day01" not in ids(catalog)
    with pytest.raises(LabBroken) as caught:
        catalog.find("day01")
    assert str(school / "day01") in caught.value.found
    assert str(other / "day01") in caught.value.found
    assert catalog.find("day02").id == "day02"


def test_the_same_folder_twice_is_one_lab(school: Path) -> None:
    (school.parent / "link").symlink_to(school)
    assert ids(Catalog([school, school, school.parent / "link"])) == ids(Catalog([school]))


@pytest.mark.parametrize("name", ["day1", "1", "01", "day01", "DAY1", " day01 ", "day01/", "Day001"])
def test_a_day_is_found_however_it_is_typed(school: Path, name: str) -> None:
    assert Catalog([school]).find(name).id == "day01"


def test_ten_is_not_one(school: Path) -> None:
    assert Catalog([school]).find("10").id == "day10"


def test_the_beginning_of_one_name_is_enough(school: Path) -> None:
    assert Catalog([school]).find("kafka-b").id == "kafka-basics"


def test_the_beginning_of_two_names_is_answered_with_both(school: Path) -> None:
    with pytest.raises(NoSuchLab, match="more than one lab") as caught:
        Catalog([school]).find("kafka")
    assert caught.value.found == "kafka-basics, kafka-ordering"


def test_an_unknown_name_is_answered_with_the_nearest_and_the_list(school: Path) -> None:
    with pytest.raises(NoSuchLab, match="no lab 'kafka-basisc'") as caught:
        Catalog([school]).find("kafka-basisc")
    assert caught.value.remedies == (
        "did you mean kafka-basics?",
        "labs: day01, day02, day10, extra, kafka-basics, kafka-ordering",
    )


@pytest.mark.parametrize("name", ["", "/", "99", "_template"])
def test_nonsense_finds_nothing(school: Path, name: str) -> None:
    with pytest.raises(NoSuchLab):
        Catalog([school]).find(name)


def test_the_list_leaves_the_hidden_checks_closed_and_find_opens_them(tiny: Path) -> None:
    catalog = Catalog([tiny])
    assert [check.title for check in catalog.labs[0].checks] == ["", ""]
    assert [check.title for check in catalog.find("tiny").checks] == ["It starts.", "It says what it heard."]


def test_a_lab_is_read_once(school: Path) -> None:
    catalog = Catalog([school])
    assert catalog.find("1") is catalog.find("day01")


def test_find_does_not_read_the_other_labs(school: Path) -> None:
    catalog = Catalog([school])
    shutil.rmtree(school / "day02")
    assert catalog.find("day01").id == "day01"


def test_the_built_in_days_are_there() -> None:
    catalog = Catalog([builtin_root()])
    assert {"day01", "day02", "day04", "day05", "day06"} <= set(catalog.folders)
    for id in ("day01", "day02", "day04", "day05", "day06"):
        assert catalog.find(id).part == "The six days"
    if "day03" not in catalog.broken and "day03" in catalog.folders:
        assert ids(catalog)[:3] == ["day01", "day02", "day03"]


def test_listing_imports_nothing_heavy() -> None:
    program = (
        "import sys; from qlab.catalog.discover import Catalog, builtin_root; Catalog([builtin_root()]).labs;"
        "print({name.partition('.')[0] for name in sys.modules} & set(sys.argv[1:]))"
    )
    heavy = ["docker", "redis", "pytest", "textual", "typer", "pika", "kafka", "asyncio", "subprocess"]
    said = subprocess.run([sys.executable, "-c", program, *heavy], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"
