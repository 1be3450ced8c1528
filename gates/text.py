"""Text from elsewhere (a service, a table, a log, a record, an exception, an operator) as one line.

Used where such text comes in, so that nothing behind it can print a second line, move a terminal's
cursor, turn text around or fill a page.
"""

MOST = 300
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def one_line(text: object, most: int = MOST) -> str:
    """`text` as one printable line of at most `most` characters; what was cut ends in an ellipsis.

    Runs of white space become one space. Every other character that is not printable (control,
    bidirectional, zero-width, lone surrogate, unassigned) becomes U+FFFD, so that it is seen.
    """
    # Only so much is looked at: a megabyte of blanks must not cost a second for each line.
    whole = str(text)
    line = " ".join(whole[: 4 * most].split())
    shown = line
    if not line.isprintable():
        shown = "".join(each if each.isprintable() else REPLACEMENT for each in line)
    cut = len(shown) > most or len(whole) > 4 * most
    return f"{shown[: most - 1]}…" if cut else shown


def noun(plural: str, number: object) -> str:
    """The noun of so many: 1 row, 2 rows, 1 row per game; two nouns at once stay as they are."""
    first, *rest = plural.split(" ")
    if number != 1 or "and" in rest:
        return plural
    singular = first.removesuffix("es") if first.endswith("sses") else first.removesuffix("s")
    return " ".join([singular, *rest])
