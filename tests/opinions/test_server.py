"""Asking model servers over the network: their quirks, their refusals, and what breaks."""

import json
import socket
import time
from typing import Any

import pytest

from appliance.chores.try_opinion import MADE_UP
from appliance.errors import Misconfigured, PetsvetError, Refused, Unusable
from appliance.facts.opinions import OpinionServer
from appliance.facts.speech import Segment
from appliance.opinion_server import ChatServer, Later, base_of, check_allowed
from appliance.reading.question import ask_about
from tests.opinions.emulator import (
    LLAMA_GRAMMAR,
    LLAMA_TOO_LONG,
    MODEL,
    NO_MODEL,
    OLD_LLAMA,
    OLD_VLLM,
    VLLM_TOO_LONG,
    Emulator,
    completion,
    error,
    form_of,
    http,
    knows_only,
    labels,
    model_server,
)

pytestmark = pytest.mark.usefixtures("lan")
QUESTION = ask_about(MADE_UP)


def towards(
    emulator: Emulator, *, key: str = "", mode: str = "json_schema", **more: Any
) -> ChatServer:
    settings = {"url": emulator.url, "allowed": "127.0.0.1", "model": MODEL, "timeout_s": 30}
    return ChatServer(OpinionServer(**(settings | more)), key, mode)


def test_a_question_keeps_a_server_to_the_schema_and_gets_an_answer() -> None:
    with model_server() as emulator:
        reply = towards(emulator, key="sk-secret").ask(QUESTION)
    assert json.loads(reply.text)["intent"] == {"value": "wellness", "lines": [1]}
    assert (reply.mode, reply.told_model) == ("json_schema", MODEL)
    asked = emulator.asked[0]
    form = asked["response_format"]["json_schema"]
    assert form["strict"] is True
    assert form["schema"]["additionalProperties"] is False
    assert set(form["schema"]["required"]) == set(form["schema"]["properties"])
    assert (asked["stream"], asked["temperature"], asked["model"]) == (False, 0, MODEL)
    assert b"authorization: bearer sk-secret" in emulator.heads[0].lower()
    assert emulator.heads[0].startswith(b"POST /v1/chat/completions ")


@pytest.mark.parametrize(
    ("refusal", "knows", "mode"),
    [
        (OLD_LLAMA, ("json_object",), "json_object"),
        (LLAMA_GRAMMAR, ("json_object",), "json_object"),
        (OLD_VLLM, ("json_object",), "json_object"),
        (OLD_VLLM, ("guided_json",), "guided_json"),
        (http("422 Unprocessable Entity", '{"detail": "extra fields"}'), ("plain",), "plain"),
        (http("501 Not Implemented", ""), ("plain",), "plain"),
    ],
)
def test_a_server_that_knows_no_schema_is_asked_less_strictly_and_remembered(
    refusal: bytes, knows: tuple[str, ...], mode: str
) -> None:
    with model_server(answer=knows_only(*knows, refusal=refusal)) as emulator:
        server = towards(emulator)
        assert server.ask(QUESTION).mode == mode
        before = len(emulator.asked)
        assert server.ask(QUESTION).mode == server.mode == mode
        assert len(emulator.asked) == before + 1
    assert form_of(emulator.asked[0]) == "json_schema"


def test_a_server_that_refuses_every_form_is_told_as_such() -> None:
    with model_server(raw=OLD_VLLM) as emulator, pytest.raises(Unusable, match="refused"):
        towards(emulator).ask(QUESTION)
    assert len(emulator.asked) == 4


@pytest.mark.parametrize(
    ("raw", "kind", "words"),
    [
        (error("401 Unauthorized", "Invalid API Key"), Misconfigured, "key"),
        (http("403 Forbidden", ""), Misconfigured, "key"),
        (NO_MODEL, Misconfigured, "does not have this model"),
        (http("404 Not Found", '{"detail":"Not Found"}'), Misconfigured, "path right"),
        (http("405 Method Not Allowed", ""), Misconfigured, "path right"),
        (VLLM_TOO_LONG, Unusable, "too long"),
        (LLAMA_TOO_LONG, Unusable, "too long"),
        (http("413 Payload Too Large", ""), Unusable, "too long"),
        (http("400 Bad Request", '{"error": "no"}'), Unusable, "refused the question"),
        (http("429 Too Many Requests", "", "Retry-After: 90"), Later, "too much to do"),
        (http("500 Internal Server Error", "<h1>oops</h1>"), Later, "status 500"),
        (http("502 Bad Gateway", ""), Later, "status 502"),
        (error("503 Service Unavailable", "Loading model"), Later, "status 503"),
        (http("301 Moved", "", "Location: http://192.0.2.1/"), Misconfigured, "another address"),
        (http("200 OK", "<!DOCTYPE html><p>Welcome"), Misconfigured, "web page"),
        (http("200 OK", "<html><body>router"), Misconfigured, "web page"),
        (http("200 OK", ""), Unusable, "cannot be read"),
        (http("200 OK", '{"choices": [{"message": {"con'), Unusable, "cannot be read"),
        (http("200 OK", "[1, 2]"), Unusable, "cannot be read"),
        (http("200 OK", b"\xff\xfe\x00"), Unusable, "cannot be read"),
        (http("200 OK", "[" * 100_000), Unusable, "cannot be read"),
        (http("200 OK", '{"choices": []}'), Unusable, "without saying"),
        (http("200 OK", '{"choices": {"0": 1}}'), Unusable, "without saying"),
        (http("200 OK", '{"choices": [7]}'), Unusable, "without saying"),
        (completion(None), Unusable, "without saying"),
        (completion("  "), Unusable, "without saying"),
        (completion(["a", "list"]), Unusable, "without saying"),
        (completion(labels(), finish_reason="length"), Unusable, "broke off before its end"),
        (completion("x" * 600_000), Later, "endless"),
        (http("200 OK", b"{}", "Content-Encoding: br"), Later, "nobody asked for"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{", Later, "broke off"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Later, "broke off"),
    ],
)  # fmt: skip
def test_what_a_server_does_wrong_is_told_in_plain_words(
    raw: bytes, kind: type[PetsvetError], words: str
) -> None:
    def send(connection: socket.socket) -> None:
        connection.sendall(raw)

    with model_server(send=send) as emulator, pytest.raises(kind, match=words) as told:
        towards(emulator).ask(QUESTION)
    assert "phone system" not in str(told.value)
    assert "oops" not in str(told.value)


def test_retry_after_is_kept() -> None:
    busy = http("429 Too Many Requests", "", "Retry-After: 90")
    with model_server(raw=busy) as emulator, pytest.raises(Later) as told:
        towards(emulator).ask(QUESTION)
    assert (told.value.wait_s, told.value.counts) == (90, False)


def test_an_answer_that_drips_in_is_ended_at_its_deadline() -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            connection.sendall(b"a")
            time.sleep(0.1)

    started = time.monotonic()
    with model_server(send=drip) as emulator, pytest.raises(Later, match="in time") as told:
        towards(emulator, timeout_s=4).ask(QUESTION)
    assert time.monotonic() - started < 90
    assert told.value.counts  # it lists its models, so this call is too much for it


def test_a_server_that_is_switched_off_does_not_count_against_the_call() -> None:
    with model_server() as emulator:
        server = towards(emulator)
    with pytest.raises(Later, match="refused the connection") as told:
        server.ask(QUESTION)
    assert not told.value.counts


def test_a_server_that_read_only_a_part_is_noticed_by_its_count() -> None:
    long = tuple(Segment(index=n, text="the dog is doing well today " * 8) for n in range(100))
    told = completion(labels(), usage={"prompt_tokens": 2048, "completion_tokens": 40})
    with model_server(raw=told) as emulator, pytest.raises(Unusable, match="longer context"):
        towards(emulator).ask(ask_about(long))


def test_a_very_long_call_is_not_sent() -> None:
    endless = tuple(Segment(index=n, text="well " * 40) for n in range(600))
    with model_server() as emulator, pytest.raises(Unusable, match="too long"):
        towards(emulator).ask(ask_about(endless))
    assert not emulator.asked


def test_a_test_tells_models_form_and_time() -> None:
    with model_server() as emulator:
        emulator.models = (MODEL, "llama3.1:8b\n\x1b[31m", "x" * 900)
        tested = towards(emulator).test(QUESTION, MADE_UP)
    assert tested.problem == ""
    assert tested.models[:2] == (MODEL, "llama3.1:8b[31m")
    assert len(tested.models[2]) == 200
    assert (tested.mode, tested.believed) == ("json_schema", 5)


def test_a_test_tells_what_is_wrong_and_raises_nothing() -> None:
    with model_server(raw=NO_MODEL) as emulator:
        tested = towards(emulator).test(QUESTION, MADE_UP)
    assert "does not have this model" in tested.problem
    assert tested.models == (MODEL,)
    with model_server("I am only a poem.") as emulator:
        assert "form" in towards(emulator).test(QUESTION, MADE_UP).problem


@pytest.mark.parametrize(
    "listed", [b"[]", b'{"data": 1}', b'{"data": [1, {"id": 2}, {}]}', b'{"object": "list"}']
)
def test_a_strange_list_of_models_is_an_empty_one(listed: bytes) -> None:
    with model_server() as emulator:
        emulator.models_answer = http("200 OK", listed)
        if listed == b"[]":
            with pytest.raises(Unusable):
                towards(emulator).list_models()
        else:
            assert towards(emulator).list_models() == ()


@pytest.mark.parametrize(
    "entry",
    ["203.0.113.9", "8.8.8.8", "2001:db8::1", "100.64.0.1", "192.0.0.0/8", "10.0.0.0/8",
     "169.254.169.254", "0.0.0.0", "224.0.0.1", "::ffff:8.8.8.8"],
)  # fmt: skip
def test_words_go_to_no_address_outside_the_own_network(entry: str) -> None:
    with pytest.raises(Refused):
        check_allowed(entry)


@pytest.mark.parametrize("entry", ["192.168.1.50", "10.1.2.3", "172.16.9.0/24", "fd00::5"])
def test_an_address_of_the_own_network_may_be_entered(entry: str) -> None:
    check_allowed(entry)


def test_a_name_that_leads_elsewhere_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    outside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 80))]
    monkeypatch.setattr("connectors.doors.socket.getaddrinfo", lambda *_, **__: outside)
    server = OpinionServer(url="http://ai.lan/v1", allowed="192.168.1.50", model=MODEL)
    with pytest.raises(Misconfigured, match=r"the box may not talk to 8\.8\.8\.8"):
        ChatServer(server).ask(QUESTION)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("http://10.0.0.2:11434", "http://10.0.0.2:11434/v1"),
        ("http://10.0.0.2:11434/", "http://10.0.0.2:11434/v1"),
        (" http://10.0.0.2:8080/v1/ ", "http://10.0.0.2:8080/v1"),
        ("http://10.0.0.2/v1/chat/completions", "http://10.0.0.2/v1"),
        ("https://ai.lan/api", "https://ai.lan/api"),
    ],
)
def test_an_address_is_understood_however_it_is_typed(typed: str, meant: str) -> None:
    assert base_of(typed) == meant


@pytest.mark.parametrize("typed", ["", "10.0.0.2", "http://", "http://[::1", "just words"])
def test_what_is_no_address_is_told(typed: str) -> None:
    with pytest.raises(Misconfigured):
        base_of(typed)
