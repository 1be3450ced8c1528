"""Files that are whole or not there, and what is said where one cannot be written."""

import errno
import os
from pathlib import Path

import pytest

from gates import files


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "new folder/decision.json"
    for text in ("a first", "and a second\n"):
        files.write_text(file, text)
        assert file.read_text(encoding="utf-8") == text
    assert [each.name for each in file.parent.iterdir()] == ["decision.json"]


def test_a_write_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file = tmp_path / "decision.json"
    files.write_text(file, "the old one")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.write_text(file, "the new one")
    assert file.read_text(encoding="utf-8") == "the old one"
    assert [each.name for each in tmp_path.iterdir()] == ["decision.json"]


def test_what_is_not_a_file_is_neither_replaced_nor_removed(tmp_path: Path) -> None:
    folder = tmp_path / "decision.json"
    folder.mkdir()
    with pytest.raises(OSError, match="is there and is not a file"):
        files.write_text(folder, "a text")
    files.remove(folder)
    assert folder.is_dir()


def test_what_a_killed_run_left_half_written_goes(tmp_path: Path) -> None:
    for name in (f"{files.PARTIAL}decision.json-x7", "decision.json"):
        (tmp_path / name).write_text("{", encoding="utf-8")
    files.remove_partial(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["decision.json"]


def test_a_report_that_cannot_be_drawn_costs_a_sentence_and_leaves_no_old_one(
    tmp_path: Path,
) -> None:
    file = tmp_path / "report.html"
    assert files.show(file, lambda: "<html>") is None

    def broken() -> str:
        raise KeyError("a\x1b[2Jb")

    said = files.show(file, broken)
    assert said is not None
    assert said.startswith(f"{file} was not written (KeyError: ")
    assert said.endswith("); the record holds all that it would show.")
    assert said.isprintable()
    assert not file.exists()


def test_a_text_is_read_up_to_its_size_and_only_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "gates.toml"
    file.write_text("12345", encoding="utf-8")
    assert files.read_text(file, 5) == "12345"
    with pytest.raises(OSError, match="larger than 4 bytes"):
        files.read_text(file, 4)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        files.read_text(tmp_path / "pipe", 5)


def test_what_goes_wrong_in_the_background_is_raised_by_who_asks() -> None:
    def fails() -> None:
        raise LookupError("nothing there")

    assert files.in_background(lambda: 7).result(60) == 7
    with pytest.raises(LookupError, match="nothing there"):
        files.in_background(fails).result(60)
