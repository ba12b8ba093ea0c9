"""3CX's API, version 1, read only: one token at a time, pages that advance, recordings as streams."""

import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from appliance.errors import Misconfigured, Unavailable
from connectors import logins
from connectors.http import BadAnswer, Http
from connectors.whole import Part

PAGE = 100
_LOG_PAGE = 500
_MOST_PAGES = 2_000
_EARLY_S = 10  # a token is renewed this long before it ends; it lives for a minute

_GATE = "/connect/token"
_RECORDINGS = "/xapi/v1/Recordings"
_LOG = (
    "/xapi/v1/ReportCallLogData/Pbx.GetCallLogData(periodFrom={},periodTo={},sourceType=0,"
    "sourceFilter='',destinationType=0,destinationFilter='',callsType=0,callTimeFilterType=0,"
    "callTimeFilterFrom='0:00:0',callTimeFilterTo='0:00:0',hidePcalls=true)"
)
NO_LICENSE = (
    "this 3CX does not give its API to us: it needs an Enterprise license and an API client with"
    " the role System Owner; without them, connect the folder of recordings instead (kind 3cx)"
)

Row = dict[str, Any]


# 3CX keeps one token valid: a second one would end the first in the middle of a download. So all
# connectors of this process share it, and one at a time asks for it.
_asking = threading.Lock()


class Api:
    """The API of one 3CX for one client."""

    def __init__(self, http: Http, client_id: str, secret: str) -> None:
        self._http, self._client, self._secret = http, client_id, secret
        self._account = logins.account_of(http.base, client_id, secret)

    def recordings(self, after: int) -> Iterator[Row]:
        """The recordings with a number above ``after``, page after page until an empty one.

        A page may be shorter than asked for, and a server may ignore the filter or the order:
        then pages are skipped by count, and what was seen is passed over.
        """
        bound, skip, seen = after, 0, set[int]()
        for _ in range(_MOST_PAGES):
            rows = self._page(
                _RECORDINGS,
                {"$filter": f"Id gt {bound}", "$orderby": "Id", "$top": PAGE, "$skip": skip},
            )
            if not rows:
                return
            numbers = [int(row["Id"]) for row in rows]
            yield from (row for row in rows if int(row["Id"]) > after and row["Id"] not in seen)
            seen.update(numbers)
            if numbers == sorted(numbers) and numbers[0] > bound and not skip:
                bound = numbers[-1]
            else:
                skip += len(rows)
        raise Unavailable("3CX gives its list of recordings without end")

    def log(self, since: datetime, until: datetime) -> Iterator[Row]:
        """The legs of the calls begun in a time, in no order; a leg may come twice.

        No order is asked for: with one, 3CX leaves out the newest. Days are asked one by one,
        because a report ends silently at a number of rows.
        """
        while since < until:
            end = min(until, since + timedelta(days=1))
            skip = 0
            path = _LOG.format(_instant(since), _instant(end))
            while rows := self._page(path, {"$top": _LOG_PAGE, "$skip": skip}):
                yield from rows
                skip += len(rows)
                if skip > _MOST_PAGES * _LOG_PAGE:
                    raise Unavailable("3CX gives its call log without end")
            since = end

    def download(self, number: int, max_bytes: int) -> BinaryIO:
        """One recording. Raises NotFound, Unusable, Unavailable."""
        path = f"{_RECORDINGS}/Pbx.DownloadRecording(recId={number})"
        part = Part(name=str(number), suffix="wav")
        token = ""
        for last in (False, True):
            token = self._token(token)
            try:
                return self._http.download(
                    "GET", path, headers=_headers(token), max_bytes=max_bytes, part=part
                )
            except BadAnswer as error:
                if error.status == 403:
                    raise Misconfigured(NO_LICENSE) from error
                if error.status != 401:
                    raise
                if last:
                    raise _taken_back() from error
        raise AssertionError("not reached")

    def _page(self, path: str, params: Mapping[str, Any]) -> list[Row]:
        token = ""
        for _ in range(2):
            token = self._token(token)
            status, answer = self._http.json("GET", path, params=params, headers=_headers(token))
            if status != 401:
                return _rows_of(status, answer)
        raise _taken_back()

    def _token(self, refused: str) -> str:
        """The token of this process, a new one where there is none but one that was ``refused``."""
        with _asking:
            if refused:
                logins.forget_session(self._account, refused)
            return logins.session_of(self._account)[0] or self._ask_token()

    def _ask_token(self) -> str:
        logins.check(self._account)
        form = {
            "client_id": self._client,
            "client_secret": self._secret,
            "grant_type": "client_credentials",
        }
        status, answer = self._http.json("POST", _GATE, form=form)
        if status in (400, 401):
            logins.note_refused(self._account)
            raise Misconfigured(
                "3CX does not know this client or its secret; make an API client in its admin"
                " console under Integrations, and enter its number and key here"
            )
        if status in (402, 403, 404):
            raise Misconfigured(NO_LICENSE)
        if status != 200 or not isinstance(answer, dict) or not answer.get("access_token"):
            raise Unavailable("3CX gave no token; it will be asked again")
        token, lives = str(answer["access_token"]), answer.get("expires_in")
        seconds = float(lives) if isinstance(lives, int | float) else 60.0
        logins.note_accepted(self._account, token, lasts_s=max(1, seconds - _EARLY_S))
        return token


def _headers(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", "accept": "*/*"}


def _taken_back() -> Unavailable:
    return Unavailable(
        "3CX refuses the token it has just given; it will be asked again", "auth_expired"
    )


def _rows_of(status: int, answer: Any) -> list[Row]:
    if status in (402, 403, 404):
        raise Misconfigured(NO_LICENSE)
    if status == 200 and isinstance(answer, dict) and isinstance(answer.get("value"), list):
        rows: list[Row] = answer["value"]
        if all(isinstance(row, dict) for row in rows):
            return rows
    raise Unavailable("3CX answered with something else than a list; it will be asked again")


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
