"""The HTTPS API of a Grandstream UCM: challenge, cookie, call records, recordings.

Everything is one question to ``/api`` with an action in its body, the cookie too.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO, NoReturn

from appliance.errors import Misconfigured, NotFound, Unavailable
from appliance.facts.calls import FoundRecording
from connectors import logins
from connectors.grandstream_records import Named, flat_records
from connectors.http import BadAnswer, Http
from connectors.looking import shown
from connectors.mount import suffix_of
from connectors.whole import Part

API = "api:"
PAGE = 1000
MOST_PAGES = 400
_EXPIRED = (-5, -6, -8, -37)
_BUSY = (-7, -9, -45, -46, -57, -251)
_NO_SUCH = -16


class Answered(Unavailable):
    """The UCM answered with a status of its own that is not success."""

    def __init__(self, action: str, status: int) -> None:
        super().__init__(
            f"the phone system answered {action} with its error {status}; it is asked again later",
            "auth_expired" if status in _EXPIRED else "",
        )
        self.status = status


class Api:
    """One UCM and one of its API users; nothing is contacted before the first question."""

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        password: str,
        allowed: Iterable[str],
        certificate: str = "",
    ) -> None:
        shown = f"[{host}]" if ":" in host else host
        self.url = f"https://{shown}:{port}"
        self.user, self._password = user, password
        self.http = Http(self.url, allowed, certificate)
        self._account = logins.account_of(self.url, user, password)

    def _post(self, request: dict[str, Any]) -> Any:
        status, answer = self.http.json("POST", "/api", body={"request": request})
        if status == 403:
            raise Misconfigured(
                "the phone system does not let this box in; add this box to Permitted IP(s) under"
                " Integrations → API Configuration"
            )
        if status == 404 or (status >= 400 and answer is None):
            raise Misconfigured(
                "there is no API at this address; turn on the HTTPS API under Integrations → API"
                " Configuration, and check the port. Very old firmware has none: update it"
            )
        return answer

    def _cookie(self) -> str:
        """The cookie of this process, or a new one. Raises Misconfigured, Unavailable."""
        if known := logins.session_of(self._account)[0]:
            return known
        logins.check(self._account)
        challenge = self._post({"action": "challenge", "user": self.user, "version": "1.0"})
        said = _response(challenge).get("challenge")
        if not isinstance(said, str) or not said:
            self._raise_login(_status(challenge))
        token = hashlib.md5(f"{said}{self._password}".encode(), usedforsecurity=False).hexdigest()
        answer = self._post(
            {"action": "login", "user": self.user, "token": token, "url": f"{self.url}/api"}
        )
        cookie = _response(answer).get("cookie")
        if not isinstance(cookie, str) or not cookie:
            self._raise_login(_status(answer))
        logins.note_accepted(self._account, cookie)
        return cookie

    def _raise_login(self, status: int) -> NoReturn:
        """Say why nobody was let in, and do not try again soon."""
        if status in _BUSY:
            raise Answered("login", status)
        wrong = status in (-1, -5, -37, -71, 0)
        note = logins.note_refused if wrong else logins.note_blocked
        note(self._account)
        if status == -68:
            raise Unavailable(
                "the phone system has locked this box out after wrong passwords; it is left alone"
                " for a quarter of an hour. Check the API user's password meanwhile"
            )
        if status in (-70, -47):
            raise Misconfigured(
                "the phone system forbids this login; add this box to Permitted IP(s) under"
                " Integrations → API Configuration, and use the API's own user"
            )
        if wrong:
            raise Misconfigured(
                "the phone system refused the login; user and password are those under Integrations"
                " → API Configuration, not those of its web page"
            )
        raise Answered("login", status)

    def _with_cookie(self, ask: Callable[[str], Any]) -> Any:
        """What ``ask`` gives; once more with a new cookie when the old one ran out."""
        for last in (False, True):
            cookie = self._cookie()
            try:
                return ask(cookie)
            except Answered as answered:
                if answered.status not in _EXPIRED:
                    raise
                logins.forget_session(self._account, cookie)
                if last:
                    raise
        raise AssertionError("not reached")

    def ask(self, action: str, **given: str) -> Any:
        """The answer to one action. Raises Answered for any status but success."""

        def once(cookie: str) -> Any:
            answer = self._post({"action": action, "cookie": cookie, **given})
            if (status := _status(answer)) != 0:
                raise Answered(action, status)
            return answer

        return self._with_cookie(once)

    def read_back(
        self, given: dict[str, str], is_recent: Callable[[dict[str, str]], bool]
    ) -> list[dict[str, str]]:
        """All recent call records, page by page, whether or not the UCM heeds ``given``.

        Pages may come oldest or newest first, and the UCM may give the same page for ever; the
        reading ends with a page that has no news, or when what is recent has been passed.
        """
        found: list[dict[str, str]] = []
        seen: set[str] = set()
        offset, met = 0, False
        for _ in range(MOST_PAGES):
            page = self._page(offset, given)
            news = [told for told in page if _is_new(told, seen)]
            recent = [told for told in news if is_recent(told)]
            if not news or (met and not recent):
                return found
            found += recent
            met = met or bool(recent)
            offset += len(page)
        raise Unavailable(
            "the phone system's list of calls does not end; nothing was taken from it. Delete old"
            " call records on the phone system"
        )

    def _page(self, offset: int, given: dict[str, str]) -> list[dict[str, str]]:
        counted = {"numRecords": str(PAGE), "offset": str(offset), **given}
        try:
            return flat_records(self.ask("cdrapi", format="json", **counted))
        except Answered as answered:
            if answered.status not in (-1, -15, -19):
                raise
            if offset:
                return []
        return flat_records(self.ask("cdrapi", format="json"))

    def download(self, path: str, listed: int, max_bytes: int) -> BinaryIO:
        """A recording by the path a record gives. Raises NotFound, Unavailable, Unusable.

        ``listed``: its bytes as the record gives them, 0 for unknown.

        Whether the month belongs to the folder or to the name is not known for every firmware.
        """
        month, _, name = path.rpartition("/")
        ways = [("monitor", path), (f"monitor/{month}", name), ("monitor", name), ("queue", path)]
        part, statuses = Part(name=path, suffix=suffix_of(name), listed=listed), []
        for filedir, filename in ways if month else [("monitor", path), ("queue", path)]:
            try:
                return self._record(filedir, filename, max_bytes, part)
            except Answered as answered:
                if answered.status in _BUSY:
                    raise
                statuses.append(answered.status)
        if all(status == _NO_SUCH for status in statuses):
            raise NotFound("the phone system has this recording no more")
        raise Answered("recapi", statuses[0])

    def _record(self, filedir: str, filename: str, max_bytes: int, part: Part) -> BinaryIO:
        def once(cookie: str) -> BinaryIO:
            request = {"action": "recapi", "cookie": cookie, "filedir": filedir,
                       "filename": filename}  # fmt: skip
            try:
                return self.http.download(
                    "POST", "/api", body={"request": request}, max_bytes=max_bytes, part=part
                )
            except NotFound as error:
                # The whole API is gone, not the recording: that would come as a status.
                raise Unavailable("the phone system's API is away; is it turned off?") from error
            except BadAnswer as error:
                if (status := _status_in(error.body)) is None:
                    raise
                raise Answered("recapi", status) from error

        found: BinaryIO = self._with_cookie(once)
        return found


def _is_new(told: dict[str, str], seen: set[str]) -> bool:
    names = ("AcctId", "uniqueid", "session", "start", "end", "dst", "dstchannel", "lastapp")
    name = "\0".join(told.get(name, "") for name in names)
    if name in seen:
        return False
    seen.add(name)
    return True


def _response(answer: Any) -> dict[str, Any]:
    found = answer.get("response") if isinstance(answer, dict) else None
    return found if isinstance(found, dict) else {}


def _status(answer: Any) -> int:
    """The status in an answer; call records come without one, and that is success."""
    told = answer.get("status", 0) if isinstance(answer, dict) else 0
    try:
        return int(told)
    except (TypeError, ValueError):
        return -9


def _status_in(body: bytes) -> int | None:
    """The status of an error that came in place of a recording; None when it is no such."""
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return _status(answer) if isinstance(answer, dict) and "status" in answer else None


def recording_at(file: Named) -> FoundRecording:
    """The recording a record names, to be fetched through the API."""
    name = file.path.rpartition("/")[2]
    return FoundRecording(
        locator=f"{API}{file.path}",
        name=shown(name),
        size=file.size,
        modified_ns=file.at * 10**9,
        container_hint=suffix_of(name),
    )
