"""The Phase 4 service: whether it answers, and takes this machine's token.

The service has no request that processes nothing, so no date is asked for: `make service-check`
does that.
"""

from collections.abc import Iterator
from http import HTTPStatus

import requests

from backfill.check import REMEDIES
from backfill.start import RefusedError, tokens_for
from backfill.tokens import TokenError
from doctor.finding import Finding
from gates.config.settings import Settings
from gates.measure.refusals import CONNECT_S
from gates.measure.transport import PlainSession, within

WHAT = "Phase 4 service"


def service(settings: Settings) -> Iterator[Finding]:
    """Token and answer; a note where no service is named."""
    url = settings.phase4_url
    if url is None:
        said = "none is named; make starts an embedded one"
        yield Finding(WHAT, said, "Set PHASE4_URL for another.", is_note=True)
        return
    try:
        bearer = tokens_for(settings, url).bearer()
    except (RefusedError, TokenError) as problem:
        yield Finding(f"{WHAT}, token", "there is none", str(problem))
        return
    try:
        with within(CONNECT_S):
            status = PlainSession().get(url, auth=bearer, timeout=CONNECT_S).status_code
    except (requests.RequestException, OSError) as error:
        yield Finding(
            WHAT, f"no answer ({type(error).__name__})", "Check PHASE4_URL and that it runs."
        )
        return
    barred = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    remedy = REMEDIES[status] if status in barred else ""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        remedy = "Look at the service's log, or try `make service-check` with a date."
    said = f"it answers with HTTP {status}"
    if status == HTTPStatus.NOT_FOUND:
        # A service without a page of that name says it, and Google does of an address without one.
        remedy = "Whether a service stands behind it, `make service-check` with a date says."
        yield Finding(WHAT, said, remedy, is_note=True)
        return
    yield Finding(WHAT, said, remedy)
