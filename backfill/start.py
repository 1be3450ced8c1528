"""Start a run: permission, lock, plan, ledger, service; then its summary."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from backfill.attempts import Attempt
from backfill.ledger import Ledger, opened
from backfill.lock import only_run
from backfill.permission import permission
from backfill.plan import STAGE, DateSelection, Plan, PlanError, check_range, dates_from, plan
from backfill.progress import Progress
from backfill.run import Run
from backfill.service import RetryPolicy, Service
from backfill.summary import Closing, closing_lines, summary
from backfill.tokens import TokenError, Tokens, default_auth
from gates.config.settings import Settings
from gates.files import remove_partial, write_json
from gates.measure import readback
from gates.measure.all_runs import Begun, State, ledger_in
from gates.measure.summary import Summary
from gates.measure.warehouse import Warehouse
from gates.program import OperatorError
from gates.text import one_line

INTERRUPTED = "interrupted with Ctrl-C"


class RefusedError(OperatorError):
    """Why a run does not start, a sentence per reason."""


@dataclass(frozen=True)
class RunOptions:
    """What the operator asked for on the command line."""

    selection: DateSelection
    dates_file: Path | None = None
    retry_failed: bool = False
    workers: int | None = None
    min_interval_s: float | None = None
    override: str | None = None

    @property
    def is_choice(self) -> bool:
        """Whether other dates may be owed than those that are asked for."""
        return bool(self.selection != DateSelection() or self.dates_file or self.retry_failed)


def planned(
    settings: Settings, warehouse: Warehouse, asked: RunOptions, failed: frozenset[date]
) -> Plan:
    """The plan for what was asked. Raises PlanError, WarehouseError."""
    window = settings.windows[STAGE]
    check_range(asked.selection, window)
    held = readback.read(settings, warehouse, window)
    dates = dates_from(asked.dates_file, held, window) if asked.dates_file else None
    if asked.retry_failed:
        dates = failed if dates is None else dates & failed
        if not dates:
            raise PlanError(
                "--retry-failed: no such date has failed by the ledger; leave it out, or look at "
                "`make backfill-status`."
            )
    selection = asked.selection.over(dates)
    return plan(held, selection, settings.backfill, window)


def service_url(settings: Settings, command: str) -> str:
    """Where the Phase 4 service is. Raises RefusedError, with the `command` that starts one."""
    if settings.phase4_url is None:
        raise RefusedError(f"No Phase 4 service is named; set PHASE4_URL or run `{command}`.")
    # Before anything is written or sent: whether a token may go there at all.
    tokens_for(settings, settings.phase4_url)
    return settings.phase4_url


def tokens_for(settings: Settings, url: str) -> Tokens:
    """Tokens for the service, as PHASE4_AUTH says or else its address. Raises RefusedError."""
    try:
        return Tokens(settings.phase4_auth or default_auth(url), url)
    except TokenError as problem:
        raise RefusedError(str(problem)) from problem


def service_at(settings: Settings, url: str, tokens: Tokens, say: Callable[[str], None]) -> Service:
    """A client that retries as configured; `say` is told what it waits for."""
    asked = settings.backfill
    policy = RetryPolicy(
        asked.timeout_s,
        asked.max_retries,
        float(settings.target.phase4.backoff_s),
        asked.retry_after_max_s,
    )
    return Service(url, tokens, policy, asked.required_processors, asked.optional_processors, say)


def start(settings: Settings, asked: RunOptions) -> Summary | None:
    """Run the backfill; the summary as it was written, None where there was nothing to do.

    Raises RefusedError, LockedError, LedgerError, PlanError, WarehouseError, and KeyboardInterrupt
    once all is saved.
    """
    check_range(asked.selection, settings.windows[STAGE])
    allowed = permission(settings, datetime.now(UTC))
    url = service_url(settings, "make backfill")
    if allowed.against and asked.override is None:
        raise RefusedError("\n".join(allowed.against))
    begun = Begun(
        started_at=datetime.now(UTC),
        config_sha256=settings.config_sha256,
        server=settings.server,
        decisions=allowed.decisions,
        reason=None if asked.override is None else one_line(asked.override),
    )
    window = settings.windows[STAGE]
    with (
        only_run(settings.state),
        opened(ledger_in(settings.state), settings.target_name, window) as ledger,
    ):
        return _run(settings, url, asked, ledger, begun)


def _run(
    settings: Settings, url: str, asked: RunOptions, ledger: Ledger, begun: Begun
) -> Summary | None:
    warehouse, before = Warehouse(settings), ledger.content()
    todo = planned(settings, warehouse, asked, failed_in(before.states))
    _enter(ledger, todo, frozenset(before.states))
    ledger.run(begun.model_copy(update={"nothing": todo.nothing}))
    if todo.nothing:
        print(todo.nothing)
        return None
    workers = asked.workers or settings.backfill.workers
    pause = asked.min_interval_s
    if pause is None:
        pause = float(settings.target.phase4.min_interval_s)
    log = settings.reports / "backfill/backfill.log"
    remove_partial(log.parent)
    with Progress(len(todo.dates), settings.backfill.required_processors, log) as progress:
        service = service_at(settings, url, tokens_for(settings, url), progress.line)
        run = Run(settings, service, warehouse, ledger, progress.on_attempt, workers, pause)
        for line in todo.lines(settings.target.phase4, workers, before.attempts.seconds_per_date):
            progress.line(line)
        stopped: str | None = None
        try:
            stopped = run.send(
                [held.game_date for held in todo.dates],
                _unsettled(settings, before.attempts.unanswered, begun.started_at),
            )
        except KeyboardInterrupt:
            stopped = INTERRUPTED
            with suppress(KeyboardInterrupt):
                run.give_up()
            raise
        except Exception as error:
            stopped = one_line(f"{type(error).__name__}: {error}")
            raise
        finally:
            content = _closed(settings, todo, ledger, begun, stopped)
            for line in closing_lines(content):
                progress.line(line)
    return content


def _closed(
    settings: Settings, todo: Plan, ledger: Ledger, begun: Begun, stopped: str | None
) -> Summary:
    """The run's summary, in a file of its own; summary.json is that of the last to try a date."""
    held = ledger.content()
    closing = Closing(
        started_at=begun.started_at,
        finished_at=datetime.now(UTC),
        stopped_because=stopped,
        decisions=begun.decisions,
        overrides=held.overrides,
        target=settings.target_name,
        config_sha256=settings.config_sha256,
    )
    content = summary(todo, held.states, held.attempts, closing)
    folder = settings.reports / "backfill"
    write_json(folder / "runs" / f"{begun.started_at:%Y%m%dT%H%M%S.%fZ}.json", content.content())
    if any(last.started >= begun.started_at for last in held.attempts.last.values()):
        write_json(folder / "summary.json", content.content())
    return content


def failed_in(states: Mapping[date, State]) -> frozenset[date]:
    """The dates that `--retry-failed` is about."""
    return frozenset(day for day, state in states.items() if state == "failed")


def _unsettled(settings: Settings, unanswered: Iterable[Attempt], now: datetime) -> frozenset[date]:
    """Dates that the service may still be at work on for a run that did not see its answer."""
    own_time = timedelta(seconds=float(settings.target.phase4.service_timeout_s))
    return frozenset(each.day for each in unanswered if now - each.started < own_time)


def _enter(ledger: Ledger, todo: Plan, known: frozenset[date]) -> None:
    """Bring the ledger to what was read back: planned dates pending, complete ones complete."""
    ledger.plan(held.game_date for held in todo.dates)
    ledger.mark(known & todo.complete_days, "complete")
