"""Correcting a call on its page: what is kept, what is refused, and what the log says of it."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
from httpx import Response

from appliance.db import rows, value
from appliance.store import corrections, transcripts
from tests.web.world import CANARY, World, browser, build_world, sign_in

PAGE = {"accept": "text/html"}


class Desk:
    """Somebody at a browser, on the page of the clinic's first call."""

    def __init__(self, world: World, name: str = "Maria") -> None:
        self.world, self.client = world, browser(world.app())
        assert sign_in(self.client, name).status_code == 303
        self.call = world.calls[0]
        self.at = f"/calls/{self.call.ref}"

    def see(self, path: str = "") -> str:
        answer = self.client.get(self.at + path, headers=PAGE)
        assert answer.status_code == 200, answer.text
        return unescape(answer.text)

    def fields(self, path: str) -> dict[str, str]:
        """The hidden fields of the form that goes to a path, on any page that has it."""
        page = self.see("/lines/1" if "/lines/" in path else "")
        form = next(f for f in page.split("<form")[1:] if f'action="{self.at}{path}"' in f)
        return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))

    def send(self, path: str, *, htmx: bool = False, **typed: str) -> Response:
        token = re.findall(r'name="csrf" value="([^"]+)"', self.client.get("/calls").text)[0]
        headers = {"hx-request": "true"} if htmx else PAGE
        return self.client.post(self.at + path, data={"csrf": token, **typed}, headers=headers)

    def fix(self, **typed: str) -> Response:
        return self.send("/lines/1", **(self.fields("/lines/1") | typed))

    def lines(self) -> list[tuple[str, str]]:
        db = self.world.open_db()
        try:
            stored = transcripts.list_segments(db, self.call.id)
            return [(s.holds.speaker, s.holds.text) for s in stored]
        finally:
            db.close()

    def jobs(self) -> list[str]:
        db = self.world.open_db()
        try:
            return [r["kind"] for r in rows(db, "SELECT kind FROM job WHERE state = 'waiting'")]
        finally:
            db.close()


@pytest.fixture
def maria(clinic: World) -> Desk:
    return Desk(clinic)


def test_a_word_is_corrected_and_the_call_read_again(maria: Desk) -> None:
    answer = maria.fix(text="my dog Rexy is limping")
    assert answer.headers["location"] == f"{maria.at}?fixed=1#s=1"
    assert maria.lines()[1] == ("caller", "my dog Rexy is limping")
    assert maria.jobs() == ["analyze"]
    page = maria.see("?fixed=1")
    assert "Corrected by Maria" in page
    assert "Recognized: “my dog Rex number 0 is limping " in page
    assert "reads this call again" in page


def test_one_undo_brings_back_what_was_recognized(maria: Desk) -> None:
    maria.fix(text="my dog Rexy is limping", speaker="staff")
    assert maria.lines()[1] == ("staff", "my dog Rexy is limping")
    undo = re.findall(r'action="(/calls/\w+/corrections/\d+/undo)"', maria.see())
    assert len(set(undo)) == 2
    for path in dict.fromkeys(undo):
        assert maria.send(path.removeprefix(maria.at)).status_code == 303
    assert maria.lines()[1] == ("caller", "my dog Rex number 0 is limping ")
    assert maria.send(undo[0].removeprefix(maria.at)).status_code == 404
    assert "Corrected by" not in maria.see()


def test_the_log_tells_who_corrected_what_kind_and_no_word_of_it(maria: Desk) -> None:
    maria.fix(text="quetzalcoatl", speaker="unknown")
    maria.send("/staff", **(maria.fields("/staff") | {"staff_name": "Esperanza"}))
    db = maria.world.open_db()
    told = rows(db, "SELECT * FROM audit WHERE action = 'correct_call' ORDER BY seq")
    db.close()
    assert [json.loads(r["detail"]) for r in told] == [
        {"what": "words and speaker"}, {"what": "staff name"},
    ]  # fmt: skip
    assert not {"quetzalcoatl", "Esperanza"} & set(re.findall(r"\w+", str(told)))


def test_what_changed_meanwhile_is_not_overwritten_and_no_typed_word_lost(maria: Desk) -> None:
    seen = maria.fields("/lines/1")
    olivia = Desk(maria.world, "Olivia")
    olivia.fix(text="Olivia was here")
    late = maria.send("/lines/1", **(seen | {"text": "Maria's long and careful words"}))
    assert late.status_code == 409
    page = unescape(late.text)
    assert "Maria's long and careful words</textarea>" in page
    assert "was changed meanwhile" in page and "“Olivia was here”" in page
    quick = maria.send("/lines/1", htmx=True, **(seen | {"text": "Maria's words"}))
    assert (quick.status_code, "was changed meanwhile" in quick.text) == (409, True)
    assert maria.lines()[1][1] == "Olivia was here"
    again = re.findall(r'name="seen" value="(\w+)"', page)[0]
    kept = maria.send("/lines/1", **(seen | {"seen": again, "text": "Maria's words"}))
    assert kept.status_code == 303
    assert maria.lines()[1][1] == "Maria's words"


def test_a_speaker_is_corrected_in_one_line_or_in_all_alike(maria: Desk) -> None:
    maria.fix(speaker="staff")
    assert [who for who, _ in maria.lines()] == ["staff", "staff"]
    maria.fix(speaker="unknown", scope="all")
    assert [who for who, _ in maria.lines()] == ["unknown", "unknown"]
    assert maria.fix(speaker="doctor").status_code == 403
    assert "Corrected by a person who listened" in maria.see()


def test_caller_and_staff_are_swapped_in_the_whole_call_at_once(maria: Desk) -> None:
    seen = maria.fields("/speakers")
    assert maria.send("/speakers", **seen).status_code == 303
    assert [who for who, _ in maria.lines()] == ["caller", "staff"]
    assert maria.send("/speakers", **seen).status_code == 409
    assert [who for who, _ in maria.lines()] == ["caller", "staff"]


def test_who_took_the_call_is_corrected_and_taken_back(maria: Desk) -> None:
    fields = maria.fields("/staff")
    assert maria.send("/staff", **(fields | {"staff_name": "Priya"})).status_code == 303
    assert "Priya (corrected by Maria)" in maria.see()
    assert maria.send("/staff", **(fields | {"staff_name": "Tom"})).status_code == 409
    assert maria.send("/staff", **(maria.fields("/staff") | {"staff_name": ""})).status_code == 403
    db = maria.world.open_db()
    number = corrections.list_corrections(db, maria.call.id)[0].id
    db.close()
    assert maria.send(f"/corrections/{number}/undo").status_code == 303
    assert "corrected by" not in maria.see()


def test_nothing_changed_is_no_correction(maria: Desk) -> None:
    assert maria.fix(text="my dog  Rex number 0 is limping", speaker="caller").status_code == 303
    db = maria.world.open_db()
    assert value(db, "SELECT count(*) FROM correction") == 0
    db.close()
    assert maria.jobs() == []


def test_a_line_too_long_is_refused_with_what_to_do(maria: Desk) -> None:
    answer = maria.fix(text="a" * 1001)
    assert (answer.status_code, "at most 1000 characters" in answer.text) == (403, True)
    assert maria.lines()[1][1].startswith("my dog Rex")


@pytest.mark.parametrize("index", [2, 99, 10**12])
def test_a_line_that_is_not_there_is_told(maria: Desk, index: int) -> None:
    assert maria.client.get(f"{maria.at}/lines/{index}", headers=PAGE).status_code == 404


@pytest.mark.parametrize("name", ["Finn", "Ingrid", "Ada"])
def test_whoever_may_not_correct_sees_no_way_to_and_has_none(clinic: World, name: str) -> None:
    """The front desk disputes instead: their calls are judged by these words."""
    desk, refused = Desk(clinic, name), {403, 404}
    for path in ("/lines/1", "/speakers", "/staff", "/corrections/1/undo"):
        assert desk.client.post(desk.at + path).status_code in refused
    if name == "Finn":
        page = desk.see()
        assert "my dog Rex" in page
        assert "/lines/" not in page and "/speakers" not in page and 'action="/calls' not in page


def test_hostile_words_stay_words(maria: Desk) -> None:
    maria.fix(text=f"{CANARY} \u202etxet\u202c \x07 {{{{ 7*7 }}}}")
    maria.send("/staff", **(maria.fields("/staff") | {"staff_name": CANARY[:40]}))
    raw = maria.client.get(maria.at, headers=PAGE).text
    assert CANARY not in raw and "&lt;script&gt;alert" in raw
    assert "\u202e" not in raw and "\x07" not in raw
    assert "{{ 7*7 }}" in raw
    assert CANARY not in maria.client.get(f"{maria.at}/lines/1", headers=PAGE).text


def test_a_correction_without_a_place_is_shown_until_it_is_let_go(maria: Desk) -> None:
    maria.fix(text="my dog Rexy is limping")
    db = maria.world.open_db()
    db.conn.execute("UPDATE correction SET placed = 0")
    db.close()
    page = maria.see()
    assert "found no place any more" in page and "“my dog Rexy is limping” instead of" in page
    assert "Let it go" in page


def test_hostile_recognition_can_be_corrected(tmp_path: Path) -> None:
    (tmp_path / "box").mkdir()
    desk = Desk(build_world(tmp_path / "box", hostile=True))
    assert desk.fix(text="my dog Rex is limping").status_code == 303
    assert CANARY not in desk.client.get(desk.at, headers=PAGE).text
