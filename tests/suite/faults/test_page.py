from faults.page import Row, Teller, page


def test_what_did_not_end_as_it_should_is_marked_and_counted() -> None:
    good, bad = Row("A disk", "full", "exit 1", 1.04), Row("A disk", "gone", "GO", 2)
    text = page([(bad, False), (good, True)])
    assert "2 faults, 1 of them ended as they should." in text
    assert "| full | exit 1 | 1.0 |\n| gone | ❌ not as it should: GO | 2.0 |" in text


def test_a_cell_is_one_cell_on_one_line() -> None:
    row = Row("A disk", "a | b", "two\nlines <b>", 0)
    assert "| a \\| b | two lines &lt;b> | 0.0 |" in page([(row, True)])


def test_a_port_is_not_told() -> None:
    properties: list[tuple[str, object]] = []
    Teller(properties)("A service", "refused", "127.0.0.1:40001 does not answer")
    ((_, row),) = properties
    assert isinstance(row, dict)
    assert row["happened"] == "127.0.0.1 does not answer"
