"""Asking another model for a second opinion: the Chat Completions API, as servers really speak it.

Ollama, llama.cpp's server, vLLM and their like all take ``POST /v1/chat/completions``, but not all
know how to be held to a JSON schema, and they refuse it in different ways. So the strictest way is
tried first and the next one where it is refused; the question itself asks for JSON in any case, and
``reading.answer`` believes nothing because a server was told to keep to a form.
"""

import ipaddress
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from appliance.errors import Misconfigured, PetsvetError, Refused, Unavailable, Unusable
from appliance.facts.opinions import MODES, OpinionServer, Reply, Tested
from appliance.facts.speech import Segment
from appliance.reading.answer import believe
from appliance.reading.question import LONGEST, Messages, make_schema
from connectors import doors
from connectors.http import BadAnswer, Http

# Where words may go while nothing is taken out of them: addresses that no router leads outside.
LAN: Final = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
MAX_REPLY: Final = 512 * 1024
MAX_TOKENS: Final = 2000
TOO_SLOW: Final = "the server did not answer in time"
LONGEST_NAME: Final = 200
MOST_MODELS: Final = 50
_SIGNS_A_TOKEN: Final = 12  # plain English has four; a server that counts fewer has not read it all
_ABOUT_FORM: Final = ("response_format", "json_schema", "schema", "grammar", "guided", "structured")
_ABOUT_LENGTH: Final = ("context length", "context size", "context window", "maximum context",
                        "too long", "exceeds the available context")  # fmt: skip
_HTML: Final = (b"<!doctype", b"<html")


class Adviser(Protocol):
    """Whoever gives second opinions: a server in the clinic's network, later one outside."""

    mode: str

    def ask(self, messages: Messages) -> Reply:
        """One answer. Raises Misconfigured, Later or Unusable, in words for people."""
        ...

    def test(self, messages: Messages, segments: Sequence[Segment]) -> Tested:
        """Whether it can be used, tried with a made-up call; what is wrong is told, not raised."""
        ...


class Later(Unavailable):
    """The server cannot answer now; ``wait_s`` is what it asked for, 0 where it said nothing.

    ``counts``: it was there and failed on this call, so the call may be to blame.
    """

    def __init__(self, message: str, *, wait_s: int = 0, counts: bool = True) -> None:
        super().__init__(message)
        self.wait_s, self.counts = wait_s, counts


class ChatServer:
    """An OpenAI-compatible server in the clinic's network. Nothing is contacted before a question.

    ``mode`` is how it was last held to the form of the answer; it starts there and steps down.
    Raises Misconfigured for settings with which nobody can be asked.
    """

    def __init__(self, server: OpinionServer, key: str = "", mode: str = MODES[0]) -> None:
        check_allowed(server.allowed)
        if not server.model:
            raise Misconfigured("enter the name of the model that the server should use")
        self.server = server
        self.mode = mode if mode in MODES else MODES[0]
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = Http(
            base_of(server.url), (server.allowed,), server.certificate, headers, server.timeout_s
        )

    def ask(self, messages: Messages) -> Reply:
        """See Adviser. Steps down to a less strict form where the server refuses this one."""
        if sum(len(message["content"]) for message in messages) > LONGEST:
            raise Unusable("this call is too long for a second opinion", "too_long")
        for mode in MODES[MODES.index(self.mode) :]:
            status, body = self._post(messages, mode)
            if status == 200:
                self.mode = mode
                return _read_reply(body, mode, messages)
            if not _is_about_form(status, body) or mode == MODES[-1]:
                raise _refusal(status, body, self._http.asked_to_wait_s)
        raise AssertionError("the last way of asking either answers or raises")

    def _post(self, messages: Messages, mode: str) -> tuple[int, bytes]:
        question = {
            "model": self.server.model,
            "messages": messages,
            "temperature": 0,
            "max_tokens": MAX_TOKENS,
            "stream": False,
            **_form_of(mode),
        }
        try:
            with self._bounded():
                return self._http.content(
                    "POST", "/chat/completions", body=question, max_bytes=MAX_REPLY
                )
        except Later as error:
            if str(error) == TOO_SLOW:
                error.counts = self._is_there()
            raise

    def _is_there(self) -> bool:
        """Whether it answers at all: then this call is too much for it, else it is only away."""
        try:
            self.list_models()
        except PetsvetError:
            return False
        return True

    def list_models(self) -> tuple[str, ...]:
        """The models that the server offers, as it names them."""
        with self._bounded():
            status, body = self._http.content("GET", "/models", max_bytes=MAX_REPLY)
        if status != 200:
            raise _refusal(status, body, self._http.asked_to_wait_s)
        told = _object_of(body).get("data")
        names = (m.get("id") for m in told if isinstance(m, dict)) if isinstance(told, list) else ()
        return tuple(_name(name) for name in names if isinstance(name, str))[:MOST_MODELS]

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """End a question at its deadline, even if the answer drips in byte by byte."""
        late = threading.Event()

        def end() -> None:
            late.set()
            self._http.close()

        ending = threading.Timer(self.server.timeout_s, end)
        ending.daemon = True
        ending.start()
        try:
            yield
        except Exception as error:
            if late.is_set():  # the connection was taken away under the reader
                raise Later(TOO_SLOW) from error
            if isinstance(error, PetsvetError):
                raise _in_our_words(error) from error
            raise
        finally:
            ending.cancel()
            ending.join()
            self._http.close()

    def test(self, messages: Messages, segments: Sequence[Segment]) -> Tested:
        """See Adviser: which models it offers, and what of its answer could be believed."""
        started = time.monotonic()
        models: tuple[str, ...] = ()
        try:
            models = self.list_models()
            reply = self.ask(messages)
            answer = believe(reply.text, segments)
        except PetsvetError as error:
            return Tested(problem=str(error), models=models, mode=self.mode)
        return Tested(
            models=models,
            mode=reply.mode,
            took_ms=round((time.monotonic() - started) * 1000),
            believed=len(answer.claims),
            notes=tuple(self._notes(reply, models)),
        )

    def _notes(self, reply: Reply, models: Sequence[str]) -> Iterator[str]:
        if models and self.server.model not in models:
            yield "The server does not list this model, but it answers under its name."
        if reply.mode in ("json_object", "plain"):
            yield (
                "This server cannot be held to a form, so some of its answers may be unreadable;"
                " a newer version of it can."
            )


def check_allowed(entry: str) -> None:
    """Raise unless this is one address, or a small network, that lies inside the clinic's own."""
    try:
        network = ipaddress.ip_network(entry.strip(), strict=False)
    except ValueError:
        raise Misconfigured(
            "enter the address of the server in your network, like 192.168.1.50"
        ) from None
    if reason := doors.reason_against(network.network_address):
        raise Refused(f"words cannot be sent there: it {reason}")
    if not is_in_lan(network):
        raise Refused(
            "this address lies outside your own network; words of calls are not sent there"
            " as long as the box cannot take names and numbers out of them"
        )
    if network.num_addresses > 256:
        raise Refused("this network is too wide; enter the address of the one server")


def is_in_lan(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    """Whether all of it is private address space."""
    return any(
        network.version == own.version and network.subnet_of(own)  # type: ignore[arg-type]
        for own in LAN
    )


def base_of(url: str) -> str:
    """The address up to ``/v1``, however it was typed. Raises Misconfigured for none."""
    text = url.strip().rstrip("/").removesuffix("/chat/completions").removesuffix("/models")
    try:
        parts = urlsplit(text)
        path, host = parts.path, parts.hostname
    except ValueError:
        path, host = "", None
    if not host:
        raise Misconfigured("enter an address like http://192.168.1.50:11434/v1")
    return text if path else f"{text}/v1"


def _form_of(mode: str) -> dict[str, Any]:
    """How a server is held to the form of the answer."""
    named = {"name": "labels", "strict": True, "schema": make_schema()}
    forms: dict[str, dict[str, Any]] = {
        "json_schema": {"response_format": {"type": "json_schema", "json_schema": named}},
        # Ollama before 0.5 and llama.cpp; the latter keeps to a schema that stands here
        "json_object": {"response_format": {"type": "json_object", "schema": make_schema()}},
        "guided_json": {"guided_json": make_schema()},  # vLLM before it knew the above
    }
    return forms.get(mode, {})


def _read_reply(body: bytes, mode: str, messages: Messages) -> Reply:
    told = _object_of(body)
    choices = told.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    text = message.get("content") if isinstance(message, dict) else None
    if not isinstance(first, dict) or not isinstance(text, str) or not text.strip():
        raise Unusable("the server answered without saying anything", "no_answer")
    if first.get("finish_reason") == "length":
        raise Unusable(
            "the server's answer broke off before its end; models that think aloud first need"
            " to be told not to, or be replaced by one that does not",
            "cut",
        )
    _check_all_was_read(told.get("usage"), messages)
    model = told.get("model")
    return Reply(text=text, mode=mode, told_model=_name(model) if isinstance(model, str) else "")


def _check_all_was_read(usage: Any, messages: Messages) -> None:
    """Ollama silently forgets the beginning of what is longer than its context; usage tells."""
    read = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    signs = sum(len(message["content"]) for message in messages)
    if isinstance(read, int) and 0 < read < signs / _SIGNS_A_TOKEN:
        raise Unusable(
            "the server read only a part of the call; give its model a longer context"
            " (Ollama: OLLAMA_CONTEXT_LENGTH=16384)",
            "context",
        )


def _object_of(body: bytes) -> dict[str, Any]:
    if body.lstrip()[:9].lower().startswith(_HTML):
        raise Misconfigured(
            "a web page answers at this address, not a model server; check address and port"
        )
    try:
        told = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Unusable("the server's answer cannot be read", "no_answer") from None
    if not isinstance(told, dict):
        raise Unusable("the server's answer cannot be read", "no_answer")
    return told


def _is_about_form(status: int, body: bytes) -> bool:
    """Whether the server refuses the way of asking, not the asking."""
    said = body[:4000].decode("utf-8", "replace").lower()
    if any(words in said for words in _ABOUT_LENGTH):
        return False
    if status in (415, 422, 501):
        return True
    return status in (400, 500) and any(words in said for words in _ABOUT_FORM)


def _refusal(status: int, body: bytes, wait_s: int) -> PetsvetError:
    """What a status means, in words; what the server itself writes is not shown to anybody."""
    said = body[:4000].decode("utf-8", "replace").lower()
    if status in (401, 403):
        return Misconfigured("the server does not accept the key; enter the right one")
    if status == 404 and "model" in said:
        return Misconfigured("the server does not have this model; install it or choose another")
    if status in (404, 405):
        return Misconfigured("no model server answers at this address; is its path right (/v1)?")
    if status == 413 or any(words in said for words in _ABOUT_LENGTH):
        return Unusable("this call is too long for the server's model", "too_long")
    if status == 429:
        return Later("the server has too much to do", wait_s=wait_s, counts=False)
    if status >= 500:
        return Later(f"the server failed (status {status})", wait_s=wait_s)
    return Unusable(f"the server refused the question (status {status})", "refused")


def _in_our_words(error: PetsvetError) -> PetsvetError:
    """What ``connectors.http`` says of phone systems, said of a model server."""
    if isinstance(error, BadAnswer) and 300 <= error.status < 400:
        return Misconfigured(
            "the server points to another address, which is not followed;"
            " enter the address at which it really answers"
        )
    text = str(error).replace("phone system", "server").replace("this connector", "the box")
    if isinstance(error, Unavailable):
        return Later(text, counts="broke off" in text or "endless" in text or "slow" in text)
    return type(error)(text)


def _name(text: str) -> str:
    """A name that a server gives, fit for one line."""
    return "".join(c for c in text if c.isprintable())[:LONGEST_NAME]
