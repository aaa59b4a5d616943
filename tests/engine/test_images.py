"""Images come, go to a file and back; what cannot be had is told with what to do."""

from pathlib import Path

import pytest

from qlab.engine import images
from qlab.engine.reach import Engine
from qlab.model.errors import ImageMissing, NotWritable
from qlab.model.events import ImageProgress, ImageReady
from tests.engine.conftest import forget

pytestmark = pytest.mark.needs("docker")


def test_an_image_that_is_here_is_found(engine: Engine, small_image: str) -> None:
    facts = images.here(engine, small_image)
    assert facts is not None
    assert facts.reference == small_image
    assert images.here(engine, "qlab/none:0") is None


def test_save_and_load_carry_an_image(engine: Engine, small_image: str, tmp_path: Path) -> None:
    file = tmp_path / "stick.tar"
    events = list(images.save(engine, [small_image], file))
    assert isinstance(events[-1], ImageProgress)
    assert events[-1].done == file.stat().st_size
    forget(engine, small_image)
    assert images.here(engine, small_image) is None
    *progress, last = images.load(engine, file)
    assert progress
    assert isinstance(last, ImageReady)
    assert last.image == small_image
    assert images.here(engine, small_image)
    assert list(tmp_path.iterdir()) == [file]


def test_what_is_not_here_cannot_be_saved(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(ImageMissing, match="qlab/none:0"):
        list(images.save(engine, ["qlab/none:0"], tmp_path / "x.tar"))
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_save_leaves_no_half_file(engine: Engine, small_image: str, tmp_path: Path) -> None:
    saving = images.save(engine, [small_image], tmp_path / "x.tar")
    next(iter(saving))
    saving.close()  # type: ignore[attr-defined] - a generator
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_cannot_be_written(engine: Engine, small_image: str, tmp_path: Path) -> None:
    with pytest.raises(NotWritable):
        list(images.save(engine, [small_image], tmp_path / "no" / "x.tar"))


@pytest.mark.parametrize("content", [b"", b"this is no tar file" * 100])
def test_a_file_that_holds_no_images_is_told_so(engine: Engine, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "odd.tar"
    file.write_bytes(content)
    with pytest.raises(ImageMissing) as told:
        list(images.load(engine, file))
    assert "odd.tar" in told.value.what
    assert any("images save" in line for line in told.value.remedies)


def test_a_file_that_is_not_there(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(ImageMissing, match="cannot be read"):
        list(images.load(engine, tmp_path / "none.tar"))


def test_a_registry_that_does_not_answer(engine: Engine) -> None:
    with pytest.raises(ImageMissing) as told:
        list(images.pull(engine, "127.0.0.1:1/qlab/none:0", "redis"))
    assert any("qlab images build redis" in line for line in told.value.remedies)
    assert told.value.found
