from pathlib import Path

import pytest
from faults.page import ROW, Row, Teller, page


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--reliability", type=Path, metavar="FILE", help="where the page is written")


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Teller:
    return Teller(request.node.user_properties)


class _Page:
    """Collects the rows of all workers."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._rows: list[tuple[Row, bool]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            for name, value in report.user_properties:
                if name == ROW and isinstance(value, dict):
                    self._rows.append((Row(**value), report.passed))

    def pytest_sessionfinish(self) -> None:
        self._file.write_text(page(self._rows), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    file = config.getoption("reliability", None)
    # A page of some of the faults would pass for one of all.
    if file and not hasattr(config, "workerinput") and not config.getoption("keyword"):
        config.pluginmanager.register(_Page(config.invocation_params.dir / file))
