"""Webhooks: signed, tried again, never led elsewhere, and switched off when nobody listens."""

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance import clock
from appliance.db import writing
from appliance.errors import Misconfigured, NotFound, Tampered
from appliance.facts.notices import Handed, Hook
from appliance.store import audit, calls, happenings, hooks, readers
from appliance.store.egress import list_egress
from connectors import doors
from connectors import hooks as calling
from tests.connectors.servers import Certificate, read_request, serving
from tests.notices.helpers import count, mails, make_notices, ring, set_up, subscribe, turned_away
from tests.notices.postbox import certificate_text
from tests.world import BEGIN, World

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Receiver:
    """What came in, and the answers it gives in turn; then 200."""

    answers: list[bytes] = field(default_factory=list)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0
    ending: threading.Event = field(default_factory=threading.Event)

    def serve(self, connection: socket.socket) -> None:
        while request := read_request(connection):
            head, _, body = request.partition(b"\r\n\r\n")
            lines = (line.partition(": ") for line in head.decode().split("\r\n")[1:])
            self.heard.append(({name.lower(): value for name, _, value in lines}, body))
            answer = self.answers.pop(0) if self.answers else OK
            if not answer:
                return
            if answer == b"hang":
                self.ending.wait(60)
            elif answer == b"drip":
                with_head = b"HTTP/1.1 200 OK\r\n"
                while not self.ending.wait(0.05):
                    connection.sendall(with_head)
                    with_head = b"x-more: y\r\n"
            elif answer == b"endless":
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                while True:
                    connection.sendall(b"x" * 65536)
            else:
                connection.sendall(answer)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=abc"

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.heard]


@contextmanager
def receiver(*answers: bytes, certificate: Certificate | None = None) -> Iterator[Receiver]:
    found = Receiver(list(answers))
    with serving(found.serve, certificate) as port:
        found.port = port
        try:
            yield found
        finally:
            found.ending.set()


def status(code: int, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {code} So", "Content-Length: 0", *headers, "", ""]
    return "\r\n".join(lines).encode()


def hook(url: str, *events: str, **other: Any) -> Hook:
    usual: dict[str, Any] = {"allowed": ("127.0.0.1",), "created_at": BEGIN, "set_by": "Maria"}
    return Hook(id=0, url=url, events=events or ("turnaway.opened",), **(usual | other))


def add(world: World, url: str, *events: str, **other: Any) -> tuple[int, str]:
    with writing(world.db):
        return hooks.add_hook(
            world.db, world.keys.connectors, hook(url, *events, **other), now=BEGIN
        )


def send(world: World) -> None:
    make_notices(world)
    clock.post(world.tools())
    world.work(("courier",))


def lose(world: World, key: str = "lost") -> None:
    ring(world, key, world.now - timedelta(minutes=5), turned_away(), caller_name="Kim Doe",
         caller_number="+15125550142")  # fmt: skip


def test_without_a_webhook_nothing_is_queued_and_nothing_leaves(world: World) -> None:
    lose(world)
    send(world)
    assert count(world, "hook_delivery") == 0
    assert list_egress(world.db) == []


def test_an_event_is_told_once_signed_and_without_content(
    world: World, loopback: tuple[str, ...]
) -> None:
    with receiver() as there:
        number, secret = add(world, there.url, "turnaway.opened", "call.ready")
        lose(world)
        send(world)
        send(world)
    assert [told["type"] for told in there.told] == ["call.ready", "turnaway.opened"]
    assert there.told[1]["data"] == {
        "ref": world.call("lost").ref, "intent": "sick_visit", "kind": "skill", "reason": "no_ask",
    }  # fmt: skip
    headers, body = there.heard[1]
    assert b"Kim" not in body and b"0142" not in body
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mark = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mark}"
    assert headers["webhook-timestamp"] == str(int(world.now.timestamp()))
    assert headers["content-type"] == "application/json"
    gone = list_egress(world.db)[0]
    assert (gone.kind, gone.reason, gone.allowed_by) == ("webhook", "turnaway.opened", "Maria")
    assert gone.destination == there.url.partition("?")[0], (
        "a token in the address is not written down"
    )
    assert gone.sha256 == hashlib.sha256(body).hexdigest()
    entry = audit.list_entries(world.db)[0]
    assert (entry.action, entry.subject) == ("send_hook", f"webhook {number}")


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    from datetime import UTC, datetime

    moment = datetime.fromtimestamp(1614265330, UTC)
    body = b'{"test": 2432232314}'
    signed = hooks.sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", moment, body)
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (status(500), "the receiver answered 500"),
        (status(404), "the receiver answered 404"),
        (status(302, "Location: http://169.254.169.254/"), "points to another address"),
        (b"", "broke off"),
        (b"nonsense\r\n\r\n", "broke off"),
    ],
)
def test_whatever_is_not_a_yes_is_tried_again_with_the_same_id(
    world: World, loopback: tuple[str, ...], answer: bytes, words: str
) -> None:
    with receiver(answer) as there:
        number, _ = add(world, there.url)
        lose(world)
        send(world)
        found = hooks.list_deliveries(world.db, number)[0]
        assert (found.state, found.attempts) == ("waiting", 1)
        assert words in found.error
        world.wait(seconds=40)
        send(world)
    assert hooks.list_deliveries(world.db, number)[0].state == "sent"
    first, second = there.heard
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert first[1] == second[1]
    assert hooks.get_hook(world.db, number).failing_since is None


@pytest.mark.parametrize("answer", [b"hang", b"drip"])
def test_a_receiver_that_never_ends_its_answer_is_left_in_time(
    monkeypatch: pytest.MonkeyPatch, loopback: tuple[str, ...], answer: bytes
) -> None:
    monkeypatch.setattr(calling, "WHOLE_S", 0.5)
    monkeypatch.setattr(calling, "TIMEOUT_S", 5)
    with receiver(answer) as there:
        handed = calling.post(hook(there.url), {}, b"{}")
    assert (handed.state, handed.left) == ("again", True)


def test_an_endless_answer_is_not_read_on(loopback: tuple[str, ...]) -> None:
    with receiver(b"endless") as there:
        assert calling.post(hook(there.url), {}, b"{}").state == "sent"


def test_a_failing_receiver_holds_its_own_events_and_nobody_elses(
    world: World, loopback: tuple[str, ...]
) -> None:
    with receiver(status(500)) as bad, receiver() as good:
        add(world, bad.url)
        add(world, good.url)
        for n in range(3):
            lose(world, f"lost{n}")
        send(world)
        assert (len(bad.heard), len(good.heard)) == (1, 3)
        world.wait(minutes=2)
        send(world)
        assert len(bad.heard) == 4


def test_an_address_that_says_it_is_gone_is_switched_off_and_those_who_want_to_know_are_told(
    world: World, loopback: tuple[str, ...]
) -> None:
    set_up(world)
    subscribe(world, "Ingrid", "system")
    subscribe(world, "Maria", "brief")
    with receiver(status(410)) as there:
        number, _ = add(world, there.url)
        lose(world)
        send(world)
    assert not hooks.get_hook(world.db, number).enabled
    assert [(m["kind"], m["recipient"]) for m in mails(world, "system")] == [("system", "ingrid@clinic.example")]  # fmt: skip
    assert f"/settings/webhooks/{number}" in mails(world, "system")[0]["text"]
    assert "stop_hook" in [e.action for e in audit.list_entries(world.db)]


def test_after_five_days_of_failures_a_webhook_is_switched_off_and_told_nothing_more(
    world: World,
) -> None:
    number, _ = add(world, "https://10.0.0.5/hook", allowed=())
    for day in range(8):
        lose(world, f"day{day}")
        send(world)
        world.wait(days=1)
    found = hooks.get_hook(world.db, number)
    assert not found.enabled
    assert "add 10.0.0.5 to its allowed addresses" in found.problem
    days = {d.created_at.date() for d in hooks.list_deliveries(world.db, number)}
    assert len(days) == 6
    assert list_egress(world.db) == [], "not one byte left"


def test_after_eleven_tries_a_delivery_is_parked_and_can_be_replayed(
    world: World, loopback: tuple[str, ...]
) -> None:
    with receiver(*[status(500)] * 11) as there:
        number, _ = add(world, there.url)
        lose(world)
        for wait in (*hooks.WAITS, timedelta(0)):
            send(world)
            world.wait(seconds=wait.total_seconds() * 1.2)
        (found,) = hooks.list_deliveries(world.db, number)
        assert (found.state, found.attempts) == ("parked", 11)
        with writing(world.db):
            hooks.replay(world.db, number, found.id, now=world.now)
        send(world)
        assert hooks.list_deliveries(world.db, number)[0].state == "sent"
        with pytest.raises(NotFound), writing(world.db):
            hooks.replay(world.db, number + 1, found.id, now=world.now)
    ids = {headers["webhook-id"] for headers, _ in there.heard}
    assert len(ids) == 1


EVERYTHING = ("0.0.0.0/0", "::/0")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0",
     "169.254.169.254", "[fe80::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1"],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_this_box_and_what_is_no_device_are_never_talked_to(host: str, scheme: str) -> None:
    handed = calling.post(hook(f"{scheme}://{host}:9/x", allowed=EVERYTHING), {}, b"{}")
    assert (handed.state, handed.left) == ("again", False)


def test_the_clinics_network_needs_an_entry_and_the_internet_needs_encryption(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert doors.check_host("8.8.8.8", 443, (), calling.ANYWHERE) == "8.8.8.8"
    for url in ("https://192.168.1.9/x", "http://192.168.1.9/x", "http://8.8.8.8/x"):
        handed = calling.post(hook(url, allowed=()), {}, b"{}")
        assert "to its allowed addresses if that is the receiver" in handed.why, url


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [["8.8.8.8"], ["127.0.0.1"]]
    asked: list[str] = []

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        if host != "hooks.example":  # an address that was judged
            asked.append(host)
            raise socket.gaierror
        return [(2, 1, 6, "", (address, port)) for address in answers.pop(0)]

    def dial(address: tuple[str, int], *_: Any, **__: Any) -> Any:
        asked.append(address[0])
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", dial)
    calling.post(hook("https://hooks.example/x", allowed=()), {}, b"{}")
    assert asked == ["8.8.8.8"]


@pytest.mark.parametrize(
    "url",
    ["", "ftp://x.example/", "https://", "javascript:alert(1)", "https://u:p@x.example/",
     "https://x.example/#a", "https://x.example/a b", "https://x.example/\r\nHost: y", "//x.example"],
)  # fmt: skip
def test_what_is_no_address_of_a_receiver_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured):
        calling.check_url(url)


def test_a_certificate_is_verified_and_one_of_the_clinics_own_may_be_given(
    tmp_path: Path, loopback: tuple[str, ...]
) -> None:
    certificate = Certificate(tmp_path, "localhost")
    with receiver(certificate=certificate) as there:
        url = f"https://localhost:{there.port}/hook"
        handed = calling.post(hook(url), {}, b"{}")
        assert "certificate is not trusted" in handed.why
        assert (handed.left, there.heard) == (False, [])
        own = hook(url, authority=certificate_text(certificate))
        assert calling.post(own, {}, b"{}").state == "sent"


def test_a_secret_is_bound_to_its_webhook_and_renewed_on_request(world: World) -> None:
    key = world.keys.connectors
    first, secret = add(world, "https://x.example/1")
    second, _ = add(world, "https://x.example/2")
    assert hooks.read_secret(world.db, key, first) == secret
    from appliance.db import execute

    with writing(world.db):
        execute(world.db, "UPDATE hook SET secret = (SELECT secret FROM hook WHERE id = ?) WHERE id = ?", (first, second))  # fmt: skip
    with pytest.raises(Tampered):
        hooks.read_secret(world.db, key, second)
    with writing(world.db):
        assert hooks.renew_secret(world.db, key, first) != secret


def test_a_webhook_that_is_removed_while_it_is_told_leaves_nothing(
    world: World, loopback: tuple[str, ...]
) -> None:
    with receiver() as there:
        number, _ = add(world, there.url)
        lose(world)
        make_notices(world)
        with writing(world.db):
            hooks.remove_hook(world.db, number)
        world.work(("courier",))
    assert there.heard == []
    assert (count(world, "hook_delivery"), count(world, "job WHERE kind = 'send_hooks'")) == (0, 0)


def test_a_test_message_tells_nothing_and_is_not_tried_again(
    world: World, loopback: tuple[str, ...]
) -> None:
    with receiver(status(500)) as there:
        number, _ = add(world, there.url)
        with writing(world.db):
            hooks.queue_test(world.db, number, now=world.now)
        send(world)
    assert there.told[0]["type"] == "test.ping"
    assert hooks.list_deliveries(world.db, number)[0].state == "parked"


def test_a_webhook_needs_an_event_that_exists_and_there_are_only_so_many(world: World) -> None:
    for events in ((), ("call.deleted",)):
        with pytest.raises(Misconfigured), writing(world.db):
            hooks.add_hook(world.db, world.keys.connectors, Hook(id=0, url="https://x.example/", events=events, created_at=BEGIN), now=BEGIN)  # fmt: skip
    for n in range(hooks.MOST_HOOKS):
        add(world, f"https://x.example/{n}")
    with pytest.raises(Misconfigured, match="remove one first"):
        add(world, "https://x.example/more")
    assert readers.list_confirmed(world.db) == []


def test_what_was_told_long_ago_is_forgotten_and_what_waits_is_kept(world: World) -> None:
    number, _ = add(world, "https://10.0.0.5/hook", allowed=())
    lose(world)
    make_notices(world)
    with writing(world.db):
        hooks.queue_test(world.db, number, now=world.now)
        due = hooks.list_deliveries(world.db, number)[0]
        hooks.settle_delivery(world.db, due, Handed(state="sent"), timedelta(0), now=world.now)
    world.wait(days=100)
    with writing(world.db):
        hooks.prune_deliveries(world.db, now=world.now)
        happenings.prune_happenings(world.db, now=world.now)
    assert [d.event for d in hooks.list_deliveries(world.db, number)] == ["turnaway.opened"]
    assert count(world, "happening") == 0


def test_a_forgotten_call_takes_its_happenings_along(world: World) -> None:
    lose(world)
    with writing(world.db):
        calls.forget_call(world.db, world.call("lost").id)
    assert count(world, "happening") == 0
