"""Asking a phone system over HTTP: only the address that was allowed, bounded, never led elsewhere.

Answers come from a machine we do not trust: no redirect is followed, no proxy taken from the
environment, and neither the bytes nor what they unpack to may grow past their limit.
"""

import contextlib
import io
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

import httpx

from appliance.errors import Misconfigured, NotFound, Unavailable, Unusable
from connectors import doors, tls
from connectors.bodies import STEP, Download, is_text, unpacked
from connectors.jsons import read_json
from connectors.tls import certificate_of
from connectors.whole import Ending, Part

__all__ = ["BadAnswer", "Http", "certificate_of"]

MAX_ANSWER = 16 * 1024**2
_PATIENCE = 4  # a whole answer may take this many times what a silence may
_SNIFFED = 4096
_BROKEN_OFF = "the phone system broke off its answer (partial_http)"
_NO_AUDIO = ("text/", "application/json", "application/xml", "application/xhtml")


class BadAnswer(Unavailable):
    """An answer that is not what was asked for; ``body`` is its beginning.

    A dialect may know better what it says: an expired session, a recording not there yet.
    """

    def __init__(self, message: str, status: int, body: bytes = b"", outcome: str = "") -> None:
        super().__init__(message, outcome)
        self.status, self.body = status, body


class Http:
    """One phone system at ``base_url``; nothing is contacted before the first question.

    ``allowed``: see doors. ``certificate``: pinned SHA-256 of its certificate, "" for known CAs.
    Cookies it sets are kept for as long as this lives. Raises Misconfigured for a wrong address.
    """

    def __init__(
        self,
        base_url: str,
        allowed: Iterable[str],
        certificate: str = "",
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 30,
    ) -> None:
        self.base = _base_of(base_url)
        self.timeout_s = timeout_s
        self._allowed, self._certificate = tuple(allowed), certificate
        if certificate:
            tls.normal_fingerprint(certificate)
        self._headers = {"accept-encoding": "identity", **(headers or {})}
        self._client: httpx.Client | None = None
        self.asked_to_wait_s = 0  # what the last answer said in Retry-After, in seconds

    def close(self) -> None:
        """Hang up; the next question opens it anew, without cookies."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def json(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Status and decoded answer; None for an error page (status 400 to 499) without JSON.

        Raises Unavailable on network trouble, cut or endless answers and what is no JSON;
        Misconfigured for a forbidden address or a certificate nobody confirmed.
        """
        status, content = self.content(
            method, path, params=params, body=body, form=form, headers=headers
        )
        if status == 204:
            return status, None
        try:
            return status, read_json(content)
        except (ValueError, RecursionError) as error:
            if 400 <= status < 500:
                return status, None
            message = f"the phone system answered with something that is no JSON (status {status})"
            raise BadAnswer(message, status, content[:_SNIFFED]) from error

    def content(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        form: Mapping[str, Any] | None = None,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = MAX_ANSWER,
    ) -> tuple[int, bytes]:
        """Status and whole body, whatever it is: XML, CSV, text. Raises as ``json`` does."""
        given = {"params": params, "json": body, "data": form, "content": raw, "headers": headers}
        with self._asked(method, path, given) as answer:
            limit = time.monotonic() + _PATIENCE * self.timeout_s
            found = bytearray()
            for part in _parts_of(answer):
                found += part
                if len(found) > max_bytes:
                    raise Unavailable("the phone system's answer is endless; it was not read on")
                if time.monotonic() > limit:
                    raise Unavailable("the phone system answers too slowly")
            return answer.status_code, bytes(found)

    def download(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int,
        part: Part,
    ) -> BinaryIO:
        """A recording as a stream that is read once, from start to end; close it.

        Reading raises Unavailable when it breaks off (partial_http): before its told length, or
        where that was not told, before what it says of itself. Raises NotFound (404, 410),
        BadAnswer for any other status and for a page or an error text in place of audio
        (html_instead_of_audio), Unusable when too long, empty, or nothing we could read.
        """
        given = {"params": params, "json": body, "data": form, "headers": headers}
        with contextlib.ExitStack() as stack:
            answer = stack.enter_context(self._asked(method, path, given))
            parts = _parts_of(answer)
            _check_status(answer, parts)
            told = answer.headers.get("content-length", "")
            if told.isdigit() and int(told) > max_bytes:
                raise Unusable("the recording is longer than any may be", "too_long")
            ending = None if _is_length_told(answer) else Ending(self.base, part)
            reader = Download(parts, max_bytes, ending)
            reader.fill(_SNIFFED)
            beginning = bytes(reader.ready[:_SNIFFED])
            _check_audio(answer, beginning)
            part.check_format(beginning)
            reader.closing = stack.pop_all()
            return io.BufferedReader(reader, STEP)

    @contextlib.contextmanager
    def _asked(self, method: str, path: str, given: dict[str, Any]) -> Iterator[httpx.Response]:
        client = self._open_client()
        known = {key: value for key, value in given.items() if value is not None}
        with _telling():
            request = client.build_request(method, self._url(path), **known)
            answer = client.send(request, stream=True)
        waiting = answer.headers.get("retry-after", "").strip()
        self.asked_to_wait_s = int(waiting) if waiting.isdecimal() and len(waiting) < 7 else 0
        try:
            if answer.is_redirect:
                raise BadAnswer(
                    "the phone system points to another address, which is not followed;"
                    " enter the address at which it really answers",
                    answer.status_code,
                )
            yield answer
        finally:
            answer.close()

    def _open_client(self) -> httpx.Client:
        if self._client is None:
            transport = Pinpoint(self._allowed, tls.context_for(self._certificate))
            self._client = httpx.Client(
                transport=transport,
                headers=self._headers,
                timeout=self.timeout_s,
                trust_env=False,
                follow_redirects=False,
            )
        return self._client

    def _url(self, path: str) -> httpx.URL:
        """The address of ``path``, which may also be a full one at the same phone system."""
        text = path if "://" in path.partition("?")[0] else f"{self.base}/{path.lstrip('/')}"
        try:
            url = httpx.URL(text)
        except httpx.InvalidURL as error:
            raise Unavailable("the phone system gave an address that is none") from error
        base = httpx.URL(self.base)
        if (url.scheme, url.host, url.port, url.userinfo) != (*_origin(base), b""):
            raise Unavailable("the phone system points to another address, which is not followed")
        return url


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _base_of(base_url: str) -> str:
    try:
        url = httpx.URL(base_url.strip())
    except httpx.InvalidURL as error:
        raise Misconfigured("this is no address; write it like https://192.168.1.10") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise Misconfigured("an address begins with https:// or http:// and a host")
    if url.userinfo or url.query or url.fragment:
        raise Misconfigured("the address may hold neither a user nor a password nor a question")
    return str(url).rstrip("/")


class Pinpoint(httpx.HTTPTransport):
    """Connects to the judged address itself, under the name that was asked for."""

    def __init__(
        self, allowed: tuple[str, ...], context: Any, aim: doors.Aim = doors.PHONES
    ) -> None:
        super().__init__(verify=context, trust_env=False)
        self._allowed, self._aim = allowed, aim

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """As httpx calls it."""
        url = request.url
        port = url.port or (443 if url.scheme == "https" else 80)
        address = doors.check_host(url.host, port, self._allowed, self._aim)
        # The Host header was made from the name before; TLS is told it here.
        pinned = httpx.Request(
            request.method,
            url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": url.host},
        )
        return super().handle_request(pinned)


@contextlib.contextmanager
def _telling() -> Iterator[None]:
    """Failures of the network as our own errors, in words."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise Unavailable("the phone system did not answer in time") from error
    except httpx.ConnectError as error:
        tls.raise_untrusted(error)
        cause = os_error_of(error)
        raise Unavailable(tls.why_no_tls(cause)) from error
    except httpx.RemoteProtocolError as error:
        raise Unavailable(_BROKEN_OFF, "partial_http") from error
    except httpx.HTTPError as error:
        raise Unavailable("the connection to the phone system failed") from error


def os_error_of(error: BaseException) -> OSError:
    """The failure of the system behind one of httpx's."""
    current: BaseException | None = error
    while current is not None:
        if isinstance(current, OSError):
            return current
        current = current.__cause__ or current.__context__
    return OSError()


def _parts_of(answer: httpx.Response) -> Iterator[bytes]:
    """The body in parts of a bounded size, unpacked where it came packed though not asked for."""
    packing = answer.headers.get("content-encoding", "identity").strip().lower()
    with _telling():
        if packing in ("", "identity"):
            yield from answer.iter_raw()
        elif packing in ("gzip", "x-gzip", "deflate"):
            yield from unpacked(answer.iter_raw())
        else:
            raise Unavailable("the phone system packs its answers in a way nobody asked for")


def _check_status(answer: httpx.Response, parts: Iterator[bytes]) -> None:
    status = answer.status_code
    if status == 200:
        return
    beginning = next(parts, b"")[:_SNIFFED]
    if status in (404, 410):
        raise NotFound("the phone system has this recording no more")
    if status in (401, 403):
        raise BadAnswer("the phone system does not let us have the recording", status, beginning)
    raise BadAnswer(
        f"the phone system did not give the recording (status {status})", status, beginning
    )


def _check_audio(answer: httpx.Response, beginning: bytes) -> None:
    if not beginning:
        raise Unusable("the phone system gave an empty recording", "empty")
    kind = answer.headers.get("content-type", "").strip().lower()
    if kind.startswith(_NO_AUDIO) or is_text(beginning):
        raise BadAnswer(
            "the phone system sent a page or a message in place of the recording"
            " (html_instead_of_audio)",
            answer.status_code,
            beginning,
            "html_instead_of_audio",
        )


def _is_length_told(answer: httpx.Response) -> bool:
    """Whether the transport itself notices an answer that is cut."""
    names = ("content-length", "transfer-encoding")
    packed = answer.headers.get("content-encoding", "identity").strip().lower()
    return any(name in answer.headers for name in names) or packed not in ("", "identity")
