"""The S-Series' interface: an MD5 for a password, a token kept alive, recordings for one-time words."""

import hashlib
from collections.abc import Iterable
from typing import Any, BinaryIO

from appliance.errors import Misconfigured, NotFound, Unavailable
from connectors import logins
from connectors.http import BadAnswer, Http
from connectors.mount import suffix_of
from connectors.whole import Part

_LOCKED, _WRONG, _NO_FILE, _BAD_PORT = "20002", "20003", "10023", "20008"
_NO_TOKEN = ("20004", "20005", "20006")
_UNKNOWN_CALLS = ("10003", "30001")


class SApi:
    """One S-Series at an address; nothing is contacted before the first question."""

    def __init__(
        self, url: str, user: str, password: str, version: str, port: int,
        allowed: Iterable[str], certificate: str,
    ) -> None:  # fmt: skip
        self.http = Http(url, allowed, certificate)
        self._base = f"/api/{version}"
        # The vendor's own way of sending it; the phone system knows nothing better.
        digest = hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()
        self._login = {
            "username": user,
            "password": digest,
            "port": str(port),
            "version": version.removeprefix("v"),
        }
        self._account = logins.account_of(url, user, digest)

    def ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer; the token is renewed once. Raises NotFound, Unavailable, Misconfigured."""
        for _ in range(2):
            token = logins.session_of(self._account)[0] or self.sign_in()
            answer = self._post(path, body, {"token": token})
            if answer.get("status") == "Success":
                return answer
            code = str(answer.get("errno", ""))
            if code not in _NO_TOKEN:
                raise _trouble(code)
            logins.forget_session(self._account, token)
        raise Unavailable(
            "the phone system takes back its own token; we ask again later", "auth_expired"
        )

    def sign_in(self) -> str:
        """A new token; it also tells the phone system where to push. Raises as ``ask`` does."""
        logins.check(self._account)
        answer = self._post("login", self._login, {})
        code, token = str(answer.get("errno", "")), str(answer.get("token") or "")
        if answer.get("status") == "Success" and token:
            logins.note_accepted(self._account, token)
            return token
        if code == _LOCKED:
            logins.note_blocked(self._account)
            raise Unavailable(
                "the phone system has locked this box out after wrong passwords; it lets go after"
                " ten minutes, and we wait longer than that"
            )
        if code == _WRONG:
            logins.note_refused(self._account)
            raise Misconfigured(
                "the phone system does not take this user and password; they are those of Settings"
                " → PBX → General → API, where the API must also be enabled"
            )
        raise _trouble(code)

    def _post(self, path: str, body: dict[str, Any], params: dict[str, str]) -> dict[str, Any]:
        status, answer = self.http.json("POST", f"{self._base}/{path}", params=params, body=body)
        if isinstance(answer, dict) and "status" in answer:
            return answer
        if status in (401, 403, 404):
            raise Misconfigured(
                "the phone system has no API here; enable it under Settings → PBX → General → API,"
                " and check the version entered here"
            )
        raise Unavailable(f"the phone system answered something unexpected (status {status})")

    def stay(self) -> None:
        """Keep the token, and with it the pushing, alive."""
        self.ask("heartbeat", {"port": self._login["port"]})

    def word_for(self, recording: str) -> str:
        """The word with which a recording can be fetched once within half a minute.

        Raises NotFound when the phone system does not have it, or not yet.
        """
        answer = self.ask("recording/get_random", {"recording": recording})
        if not (word := str(answer.get("random") or "")):
            raise NotFound("the phone system does not have this recording")
        return word

    def fetch(self, recording: str, max_bytes: int) -> BinaryIO:
        """A recording. Raises as ``Http.download`` does."""
        word = self.word_for(recording)
        token, _ = logins.session_of(self._account)
        params = {"recording": recording, "random": word, "token": token}
        path = f"{self._base}/recording/download"
        part = Part(name=recording, suffix=suffix_of(recording))
        try:
            return self.http.download("GET", path, params=params, max_bytes=max_bytes, part=part)
        except BadAnswer as error:
            logins.forget_session(self._account, token)
            raise Unavailable(str(error), error.outcome) from error


def _trouble(code: str) -> Exception:
    if code == _NO_FILE:
        return NotFound("the phone system does not have this recording")
    if code == _BAD_PORT:
        return Misconfigured("the phone system does not take the port for pushed records")
    if code in _UNKNOWN_CALLS:
        return Misconfigured("the phone system does not know this version of the API")
    return Unavailable(f"the phone system refuses (its error {code[:8]}); we ask again later")
