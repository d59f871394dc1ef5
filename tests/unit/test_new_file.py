"""A file that comes into being whole or not at all, and never in place of another."""

from __future__ import annotations

import resource
import stat
from pathlib import Path

import pytest

from daemon.commands.new_file import NewFile
from daemon.errors import NotNow, StewardError, Usage

TEXT = "Ana,Zoë\r\n"


def test_a_file_that_is_kept_is_whole_and_its_owners_alone(tmp_path: Path) -> None:
    with NewFile(tmp_path / "x.csv", TEXT) as file:
        file.keep()

    assert (tmp_path / "x.csv").read_bytes() == TEXT.encode()
    assert stat.S_IMODE((tmp_path / "x.csv").stat().st_mode) == 0o600
    assert len(list(tmp_path.iterdir())) == 1


def test_until_it_is_kept_there_is_nothing_to_read_under_its_name(tmp_path: Path) -> None:
    with NewFile(tmp_path / "x.csv", TEXT):
        assert (tmp_path / "x.csv").read_bytes() == b""

    assert list(tmp_path.iterdir()) == []


def test_what_goes_wrong_inside_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotNow, match="later"), NewFile(tmp_path / "x.csv", TEXT):
        raise NotNow("later")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["there.csv", "dangling.csv", "no/x.csv", "x" * 300, "."])
def test_what_cannot_become_a_file_is_said_in_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "there.csv").write_text("theirs")
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "nowhere")
    with pytest.raises(Usage) as caught:
        NewFile(tmp_path / name, TEXT)

    assert str(caught.value).startswith("--out ")
    assert "\n" not in str(caught.value)
    assert (tmp_path / "there.csv").read_text() == "theirs"


def test_a_file_that_appeared_meanwhile_stays_whose_it_is(tmp_path: Path) -> None:
    late = NewFile(tmp_path / "x.csv", TEXT)
    (tmp_path / "x.csv").write_text("theirs")
    with pytest.raises(Usage, match="is there already"), late:
        raise AssertionError("it was entered")

    assert [path.read_text() for path in tmp_path.iterdir()] == ["theirs"]


def test_a_folder_that_went_meanwhile_takes_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    late = NewFile(tmp_path / "folder" / "x.csv", TEXT)
    (tmp_path / "folder").rmdir()
    with pytest.raises(StewardError, match="cannot be written"), late:
        raise AssertionError("it was entered")


def test_a_disk_that_takes_only_half_of_it_is_left_as_it_was(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(NotNow, match="nothing is left of it"), NewFile(tmp_path / "x.csv", "x" * 1000):
            raise AssertionError("it was entered")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert list(tmp_path.iterdir()) == []
