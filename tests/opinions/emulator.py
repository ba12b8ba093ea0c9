"""A model server as clinics run it, on loopback: Ollama, llama.cpp's server, vLLM, and broken ones.

It speaks the Chat Completions API over real HTTP. What it refuses, and in which words, follows those
servers; what it answers is given by the test, or read out of the question by ``read_honestly``.
"""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.connectors.servers import read_request, serving

MODEL = "qwen2.5:14b"
Content = str | Callable[[dict[str, Any]], str]


def http(status: str, body: bytes | str, *headers: str) -> bytes:
    """One whole answer."""
    content = body.encode() if isinstance(body, str) else body
    kind = "Content-Type: application/json"
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", kind, *headers, "", ""]
    return "\r\n".join(lines).encode() + content


def completion(content: Any, **more: Any) -> bytes:
    """A completion as all of them write it."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": content},
        "finish_reason": more.pop("finish_reason", "stop"),
    }
    told = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1795000000,
        "model": MODEL,
        "choices": [choice],
        **more,
    }
    return http("200 OK", json.dumps(told))


def error(status: str, message: str, *headers: str, kind: str = "invalid_request_error") -> bytes:
    """An error in OpenAI's form, as Ollama and llama.cpp give it."""
    code = int(status.split(maxsplit=1)[0])
    return http(
        status,
        json.dumps({"error": {"code": code, "message": message, "type": kind}}),
        *headers,
    )


def vllm_error(status: str, message: str) -> bytes:
    """An error in the form of older vLLM."""
    code = int(status.split(maxsplit=1)[0])
    told = {"object": "error", "message": message, "type": "BadRequestError", "code": code}
    return http(status, json.dumps(told))


def labels(**told: Any) -> str:
    """An answer in the form that is asked for: label=(value, *lines)."""
    unknown = ("unknown",)
    names = ("intent", "outcome", "turnaway", "urgency", "caller_relation")
    return json.dumps(
        {
            name: {"value": said[0], "lines": list(said[1:])}
            for name in names
            for said in [told.get(name, unknown)]
        }
    )


def lines_of(question: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of the call in a question, read as a server would read them."""
    call: list[dict[str, Any]] = json.loads(question["messages"][1]["content"])["call"]
    return call


def read_honestly(question: dict[str, Any]) -> str:
    """A model that finds shots and bookings by their words, and else cannot tell."""
    told = {}
    for line in lines_of(question):
        if "rabies" in line["said"]:
            told["intent"] = ("wellness", line["line"])
        if "perfect" in line["said"]:
            told["outcome"] = ("booked", line["line"])
    return labels(turnaway=("none",), **told)


@dataclass
class Emulator:
    """A running server; ``asked`` are the questions it got, ``heads`` their first lines."""

    url: str
    answer: Callable[[dict[str, Any]], bytes | None]
    asked: list[dict[str, Any]] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    models: tuple[str, ...] = (MODEL,)
    models_answer: bytes | None = None


@contextmanager
def model_server(
    content: Content = read_honestly,
    *,
    answer: Callable[[dict[str, Any]], bytes | None] | None = None,
    raw: bytes | None = None,
    send: Callable[[socket.socket], None] | None = None,
) -> Iterator[Emulator]:
    """A server that gives completions of ``content``, or ``raw`` bytes, or does ``send``."""

    def usual(question: dict[str, Any]) -> bytes | None:
        return raw or completion(content(question) if callable(content) else content)

    def serve(connection: socket.socket) -> None:
        while request := read_request(connection):
            head, _, body = request.partition(b"\r\n\r\n")
            emulator.heads.append(head)
            if head.startswith(b"GET "):
                listed = {"object": "list", "data": [{"id": m} for m in emulator.models]}
                connection.sendall(emulator.models_answer or http("200 OK", json.dumps(listed)))
                continue
            question = json.loads(body)
            emulator.asked.append(question)
            if send:
                send(connection)
                return
            told = emulator.answer(question)
            if told is None:
                return
            connection.sendall(told)

    emulator = Emulator("", answer or usual)
    with serving(serve) as port:
        emulator.url = f"http://127.0.0.1:{port}/v1"
        yield emulator


def form_of(question: dict[str, Any]) -> str:
    """How a question wants the answer's form to be kept."""
    if "guided_json" in question:
        return "guided_json"
    return str(question.get("response_format", {}).get("type", "plain"))


def knows_only(*forms: str, refusal: bytes, content: Content = read_honestly) -> Any:
    """A server that refuses every other form."""

    def answer(question: dict[str, Any]) -> bytes:
        if form_of(question) not in forms:
            return refusal
        return completion(content(question) if callable(content) else content)

    return answer


# What real servers say to a form they do not know.
OLD_LLAMA = error(
    "500 Internal Server Error",
    'response_format type must be one of "text" or "json_object", but got: json_schema',
    kind="server_error",
)
LLAMA_GRAMMAR = error("400 Bad Request", "Failed to initialize samplers: failed to parse grammar")
OLD_VLLM = vllm_error(
    "400 Bad Request",
    "[{'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), 'msg': \"Input should"
    " be 'text' or 'json_object'\", 'input': 'json_schema'}]",
)
VLLM_TOO_LONG = vllm_error(
    "400 Bad Request",
    "This model's maximum context length is 4096 tokens. However, you requested 9120 tokens.",
)
LLAMA_TOO_LONG = error(
    "400 Bad Request",
    "the request exceeds the available context size, try increasing it",
    kind="exceed_context_size_error",
)
NO_MODEL = error(
    "404 Not Found", f'model "{MODEL}" not found, try pulling it first', kind="api_error"
)
