"""Templates are compiled once, and what was kept of one is never older than its text."""

from pathlib import Path

import pytest

from gates.report import templating


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "page.html").write_text("<p>{{ words }}</p>", encoding="utf-8")
    monkeypatch.setattr(templating, "TEMPLATES", folder)
    monkeypatch.setattr(templating, "COMPILED", folder / "__pycache__")
    return folder


def filled(words: str) -> str:
    return templating.environment(autoescape=True).get_template("page.html").render(words=words)


def test_a_template_is_compiled_once(templates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert filled("a & b") == "<p>a &amp; b</p>"
    assert len(list((templates / "__pycache__").iterdir())) == 1
    monkeypatch.setattr("jinja2.Environment._compile", None)
    assert filled("c") == "<p>c</p>"


def test_a_template_that_has_changed_is_compiled_anew(templates: Path) -> None:
    filled("a")
    (templates / "page.html").write_text("<b>{{ words }}</b>", encoding="utf-8")
    assert filled("a") == "<b>a</b>"
    assert len(list((templates / "__pycache__").iterdir())) == 1


def test_what_is_cut_off_is_not_believed(templates: Path) -> None:
    filled("a")
    (file,) = (templates / "__pycache__").iterdir()
    whole = file.read_bytes()
    for length in (*range(80), len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        assert filled("a") == "<p>a</p>"
        assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(templates: Path) -> None:
    (templates / "__pycache__").write_text("in the way", encoding="utf-8")
    assert filled("a") == "<p>a</p>"
