"""How much of minutes, usage and shot zones the player table holds: by season and by month."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from gates.decide.record import Entry
from gates.decide.record_series import Month, Season, Series
from gates.report.pictures.canvas import SMALL, WIDTH, Canvas, Panel, Sketch

SOURCE = "phase2.player_game_summary"
# A column of the series -> the gate that asks for it.
MEASURES = {
    "minutes_played": "minutes_played",
    "usage_rate": "usage_rate",
    "paint_attempts": "shot_zones",
}
HEAD, BAR, GAP = 20, 17, 12
MONTHS_HIGH, MONTHS_NAMED = 62, 10


@dataclass(frozen=True)
class Share:
    """A part of the rows of a season or month; `of` is never 0."""

    name: str
    part: int
    of: int

    @property
    def percent(self) -> float:
        """0 to 100."""
        return 100 * self.part / self.of

    @property
    def text(self) -> str:
        """The share with its counts."""
        return f"{self.name} {percent(self.part, self.of)} ({self.part:,} of {self.of:,} rows)"


@dataclass(frozen=True)
class Measure:
    """A measure's shares, and the percentage of rows with a value that its gate asks for."""

    name: str
    shares: list[Share]
    at_least: float | None
    only_warns: bool

    def short(self, with_value: float) -> bool:
        """Whether fewer rows have a value, in %, than the gate asks for."""
        return self.at_least is not None and with_value < self.at_least

    def ink(self, with_value: float) -> str:
        """The colour of a bar."""
        wrong = "warn" if self.only_warns else "bad"
        return wrong if self.short(with_value) else "good"


def percent(part: int, of: int) -> str:
    """With as many digits as it takes not to read as all or nothing."""
    digits = next((n for n in range(1, 6) if round(100 * part / of, n) not in (0, 100)), 1)
    return f"{100 * part / of:.{digits}f}%"


def _measures(rows: Mapping[str, Season | Month], gates: Sequence[Entry]) -> list[Measure]:
    """`rows`: what a season or a month is called -> its rows."""
    by_id = {gate.id: gate for gate in gates}
    found = []
    for column, measure in MEASURES.items():
        gate = by_id.get(f"{SOURCE}.{measure}")
        shares = [
            Share(name, getattr(row, column), row.rows)
            for name, row in rows.items()
            if row.rows and getattr(row, column) is not None
        ]
        if shares:
            only_warns = gate is not None and gate.severity == "warn"
            found.append(Measure(measure, shares, _at_least(gate), only_warns))
    return found


def _at_least(gate: Entry | None) -> float | None:
    if gate is None or isinstance(gate.threshold, list) or gate.comparison != ">=":
        return None
    return gate.threshold


def of_seasons(series: Series, gates: Sequence[Entry]) -> Iterator[Sketch]:
    """Coverage per season against the thresholds."""
    seasons = series.seasons.get(SOURCE, ())
    rows = {f"{row.season}-{(row.season + 1) % 100:02}": row for row in seasons}
    if measures := _measures(rows, gates):
        lines = [
            f"{measure.name}{_asked(measure)}: {', '.join(share.text for share in measure.shares)}"
            for measure in measures
        ]
        high = sum(HEAD + BAR * len(measure.shares) + GAP for measure in measures)
        yield Sketch(
            "Coverage per season of player_game_summary",
            f"Rows with a value, per season. {'. '.join(lines)}.",
            high,
            partial(_draw_seasons, measures),
            SOURCE.partition(".")[0],
        )


def _asked(measure: Measure) -> str:
    return "" if measure.at_least is None else f" (at least {measure.at_least:g}%)"


def _draw_seasons(measures: Sequence[Measure], canvas: Canvas) -> None:
    top = 0
    for measure in measures:
        canvas.write(0, top + 12, measure.name, bold=True)
        high = BAR * len(measure.shares)
        for row, share in enumerate(measure.shares):
            _season(canvas, measure, share, top + HEAD + BAR * row)
        canvas.strokes([(58, top + HEAD + high, 218, top + HEAD + high)], "faint", 0.8)
        if measure.at_least is not None:
            x = 58 + 1.6 * measure.at_least
            canvas.strokes([(x, top + HEAD, x, top + HEAD + high)], "ink", 1.5)
            asked = f"at least {measure.at_least:g}%"
            canvas.write(x, top + 14, asked, size=SMALL, anchor="middle")
        top += HEAD + high + GAP


def _season(canvas: Canvas, measure: Measure, share: Share, y: float) -> None:
    sign = "✗ below" if measure.short(share.percent) else "✓"
    bar = (58, y + 0.15 * BAR, 1.6 * share.percent, 0.7 * BAR)
    canvas.boxes([bar], measure.ink(share.percent))
    canvas.write(0, y + 12, share.name)
    canvas.write(224, y + 12, f"{percent(share.part, share.of)} {sign}")
    canvas.write(WIDTH, y + 12, f"{share.of:,} rows", "faint", size=SMALL, anchor="end")


def of_months(series: Series, gates: Sequence[Entry]) -> Iterator[Sketch]:
    """The NULL rate by month, with what the thresholds leave room for."""
    rows = {row.month: row for row in series.months.get(SOURCE, ())}
    if measures := _measures(rows, gates):
        yield Sketch(
            "NULL rate by month of player_game_summary",
            f"Rows without a value, per month. {' '.join(map(_null_text, measures))}",
            len(measures) * (HEAD + MONTHS_HIGH + GAP) + 14,
            partial(_draw_months, measures),
            SOURCE.partition(".")[0],
        )


def _null_text(measure: Measure) -> str:
    rows = sum(share.of for share in measure.shares)
    nulls = Share("all months", sum(share.part for share in measure.shares), rows)
    worst = max(measure.shares, key=lambda share: share.percent)
    over = [share for share in measure.shares if measure.short(100 - share.percent)]
    text = f"{measure.name}{_allowed(measure)}: {nulls.text}, at most {worst.text}"
    if over:
        named = ", ".join(share.text for share in over[:MONTHS_NAMED])
        more = len(over) - MONTHS_NAMED
        text += f"; above that: {named}" + (f" and {more:,} more" if more > 0 else "")
    return f"{text}."


def _allowed(measure: Measure) -> str:
    return "" if measure.at_least is None else f" (at most {100 - measure.at_least:g}% NULL)"


def _draw_months(measures: Sequence[Measure], canvas: Canvas) -> None:
    top, panel = 0, None
    for measure in measures:
        canvas.write(0, top + 12, f"{measure.name}{_allowed(measure)}", bold=True)
        worst = max(measure.shares, key=lambda share: share.percent)
        most = f"most: {percent(worst.part, worst.of)} in {worst.name}"
        canvas.write(WIDTH, top + 12, most, size=SMALL, anchor="end")
        panel = _bars(canvas, measure, top + HEAD)
        top += HEAD + MONTHS_HIGH + GAP
    if panel:
        # Month numbers below the last bars, with the year where it begins.
        names = [share.name.partition("-") for share in measures[-1].shares]
        panel.name_bars([month for _, _, month in names], [year for year, _, _ in names], most=24)


def _bars(canvas: Canvas, measure: Measure, top: float) -> Panel:
    values = [share.percent for share in measure.shares]
    allowed = None if measure.at_least is None else 100 - measure.at_least
    highest = 1.25 * max(*values, allowed or 0, 0.1)
    across = (-0.6, len(values) - 0.4)
    panel = Panel(canvas, 34, top, WIDTH - 36, MONTHS_HIGH, across, (0, highest))
    for ink in ("good", "warn", "bad"):
        bars = [(at, v) for at, v in enumerate(values) if measure.ink(100 - v) == ink]
        panel.columns(bars, ink)
    panel.ground()
    panel.name(0, "0%")
    if allowed is not None:
        panel.level(allowed)
        panel.name(allowed, f"{allowed:g}%")
    for at, value in enumerate(values):
        if measure.short(100 - value):
            panel.mark(at, value + highest / 40, "✗")
    return panel
