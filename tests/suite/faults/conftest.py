from pathlib import Path
from typing import Any

import pytest
from faults.page import ROW, Row, Teller, page


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--reliability", type=Path, metavar="FILE", help="where the page is written")


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Teller:
    return Teller(request.node.user_properties)


class _Page:
    """Collects the rows of all workers; with --lf, what is not repeated stays as it was."""

    def __init__(self, config: pytest.Config, file: Path) -> None:
        self._file, self._cache = file, config.cache
        self._rows: dict[str, list[Any]] = {}
        if self._cache and config.getoption("lf"):
            self._rows = self._cache.get(ROW, {})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            for name, value in report.user_properties:
                if name == ROW and isinstance(value, dict):
                    self._rows[f"{value['where']}: {value['fault']}"] = [value, report.passed]

    def pytest_sessionfinish(self) -> None:
        if self._cache:
            self._cache.set(ROW, self._rows)
        rows = ((Row(**value), passed) for value, passed in self._rows.values())
        self._file.write_text(page(rows), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    file = config.getoption("reliability", None)
    # A page of some of the faults would pass for one of all.
    if file and not hasattr(config, "workerinput") and not config.getoption("keyword"):
        config.pluginmanager.register(_Page(config, config.invocation_params.dir / file))
