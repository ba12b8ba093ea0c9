"""The P-Series' own interface: tokens that run out and are renewed, lists by page, downloads.

Every question carries ``User-Agent: OpenAPI``. A list is read from its newest end: what the phone
system deletes by itself are the oldest, and pages counted from there would slide under us.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO

from appliance.errors import Misconfigured, NotFound, Unavailable, Unusable
from connectors import logins
from connectors.http import BadAnswer, Http
from connectors.whole import Part
from connectors.yeastar_legs import whole

BASE = "/openapi/v1.0"
PAGE = 100
_MOST_PAGES = 2000
_EXPIRED, _DENIED, _NO_SUCH, _NO_DATA, _BLOCKED = 10004, 10005, 10001, 60001, 70004
_BUSY = (2, -2, 70082)
# An mp3 is made while we wait, one at a time; a second question meanwhile is refused.
_downloading = threading.Lock()


class Answered(Exception):
    """An answer with an error code, inside this module and its dialect only."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


class Api:
    """One P-Series at an address; nothing is contacted before the first question."""

    def __init__(
        self, url: str, client_id: str, secret: str, allowed: Iterable[str], certificate: str
    ) -> None:
        self.http = Http(url, allowed, certificate, headers={"User-Agent": "OpenAPI"})
        self._names = {"username": client_id, "password": secret}
        self._account = logins.account_of(url, client_id, secret)

    def ask(self, path: str, **params: Any) -> dict[str, Any]:
        """The answer to a question. The token is renewed once where it ran out.

        Raises Answered for an error code of the phone system's, Unavailable, Misconfigured.
        """
        token = logins.session_of(self._account)[0] or self._sign_in()
        try:
            return self._ask("GET", path, {**params, "access_token": token})
        except Answered as answered:
            if answered.code != _EXPIRED:
                raise self._told(answered) from answered
        token = self._renew(token)
        try:
            return self._ask("GET", path, {**params, "access_token": token})
        except Answered as answered:
            if answered.code == _EXPIRED:
                logins.forget_session(self._account, token)
                message = "the phone system takes back its own token at once; we ask again later"
                raise Unavailable(message, "auth_expired") from answered
            raise self._told(answered) from answered

    def _told(self, answered: Answered) -> Exception:
        """Codes that mean the same for every question, as errors in words."""
        if answered.code == _BLOCKED:
            logins.note_blocked(self._account)
            return Unavailable(
                "the phone system blocks the address of this box; on it, look under Security →"
                " Security Rules → Blocked IP Addresses, or wait until it is let go"
            )
        if answered.code in _BUSY:
            return Unavailable("the phone system is busy; we ask again later")
        return answered

    def _ask(
        self, method: str, path: str, params: Mapping[str, Any] | None = None, body: Any = None
    ) -> dict[str, Any]:
        status, answer = self.http.json(method, BASE + path, params=params, body=body)
        if not isinstance(answer, dict) or not isinstance(answer.get("errcode"), int):
            if status in (401, 403):
                raise Misconfigured(_CLOSED)
            if status == 404:
                raise Answered(_NO_SUCH)
            raise Unavailable(f"the phone system answered something unexpected (status {status})")
        if answer["errcode"] != 0:
            raise Answered(answer["errcode"])
        return answer

    def _sign_in(self) -> str:
        logins.check(self._account)
        try:
            return self._keep(self._ask("POST", "/get_token", body=self._names))
        except Answered as answered:
            if answered.code == _NO_SUCH:
                raise Misconfigured(_CLOSED) from answered
            if isinstance(told := self._told(answered), Unavailable):
                raise told from answered
            logins.note_refused(self._account)
            if answered.code == _DENIED:
                raise Misconfigured(_CLOSED) from answered
            raise Misconfigured(
                "the phone system does not take this Client ID and Client Secret; copy both anew"
                " from its page Integrations → API"
            ) from answered

    def _renew(self, expired: str) -> str:
        """A new token for one that ran out; the paper it is renewed with changes every time."""
        token, renewal = logins.session_of(self._account)
        if token and token != expired:
            return token
        logins.forget_session(self._account, expired)
        if renewal:
            try:
                return self._keep(
                    self._ask("POST", "/refresh_token", body={"refresh_token": renewal})
                )
            except Answered as answered:
                if isinstance(told := self._told(answered), Unavailable):
                    raise told from answered
        return self._sign_in()

    def _keep(self, answer: Mapping[str, Any]) -> str:
        token = str(answer.get("access_token") or "")
        if not token:
            raise Unavailable("the phone system let us in without a token; we ask again later")
        logins.note_accepted(self._account, token, str(answer.get("refresh_token") or ""))
        return token

    def read_back(
        self, path: str, is_old: Callable[[dict[str, Any]], bool]
    ) -> list[dict[str, Any]]:
        """The rows of a list from its newest end, until a whole page ``is_old``.

        Where the phone system does not sort as asked, all pages are read.
        """
        found: list[dict[str, Any]] = []
        for page in range(1, _MOST_PAGES):
            answer = self.ask(path, page=page, page_size=PAGE, sort_by="id", order_by="desc")
            rows = [row for row in answer.get("data") or () if isinstance(row, dict)]
            found += rows
            ids = [whole(row.get("id")) for row in rows]
            sorted_as_asked = ids == sorted(ids, reverse=True)
            if not rows or (sorted_as_asked and all(is_old(row) for row in rows)):
                break
            total = answer.get("total_number")
            if len(found) >= total if isinstance(total, int) else len(rows) < PAGE:
                break
        return found

    def fetch(self, recording: int, suffix: str, listed: int, max_bytes: int) -> BinaryIO:
        """A recording: first where it lies for half an hour, then itself.

        ``suffix`` and ``listed``: of its name, and its bytes, as the phone system lists it. Raises NotFound when the phone system has deleted it, and as ``Http.download`` does.
        """
        part = Part(name=str(recording), suffix=suffix, listed=listed)
        with _downloading:
            path = self.find(recording)
            token, _ = logins.session_of(self._account)
            params = {"access_token": token}
            try:
                return self.http.download(
                    "GET", path, params=params, max_bytes=max_bytes, part=part
                )
            except BadAnswer as error:
                logins.forget_session(self._account, token)
                raise Unavailable(str(error), error.outcome) from error

    def find(self, recording: int) -> str:
        """The path at which a recording can be fetched now. Raises NotFound."""
        try:
            answer = self.ask("/recording/download", id=recording)
        except Answered as answered:
            if answered.code == _NO_DATA:
                raise NotFound("the phone system has deleted this recording") from answered
            if answered.code == _DENIED:
                raise Unavailable(
                    "the phone system denies the recording; see Integrations → API"
                ) from answered
            raise Unavailable("the phone system does not give the recording now") from answered
        path = str(answer.get("download_resource_url") or "")
        if not path.startswith("/") or path.startswith("//") or ".." in path or "?" in path:
            raise Unusable("the phone system gave no path within itself", "path_escape")
        return path


_CLOSED = (
    "the phone system does not open its API to us: on it, turn on Integrations → API, and where"
    " that page limits addresses, add the address of this box"
)
