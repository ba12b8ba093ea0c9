"""The pages of the vocabulary: terms, lists, replacements and suggestions."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from httpx import Response
from litestar.testing import TestClient

from appliance.db import Database, rows, writing
from appliance.facts.vocabulary import Term
from appliance.store import calls, replacements, vocabulary, word_suggestions
from tests.pages.lexicon import pet_of
from tests.web.world import World, browser, form_token, sign_in

HERE = "/settings/vocabulary"


@pytest.fixture
def as_(clinic: World) -> Callable[[str], TestClient]:
    app = clinic.app()

    def signed_in(name: str) -> TestClient:
        client = browser(app)
        assert sign_in(client, name).status_code == 303
        return client

    return signed_in


@pytest.fixture
def db(clinic: World) -> Iterator[Database]:
    opened = clinic.open_db()
    yield opened
    opened.close()


def post(client: TestClient, path: str, **typed: str) -> Response:
    return client.post(path, data={"csrf": form_token(client, HERE), **typed})


def look(client: TestClient, *, file: bytes = b"", **typed: str) -> Response:
    form = {"csrf": form_token(client, HERE), "group": "pets", "pasted": "", **typed}
    files = {"file": ("list.csv" if file else "", file)}
    return client.post(f"{HERE}/import", data=form, files=files)


def hidden_list(page: str) -> str:
    from html import unescape

    found = re.search(r'<textarea name="list"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found
    return unescape(found[1])


def test_a_term_is_added_changed_starred_and_removed(as_, clinic: World, db: Database) -> None:
    maria = as_("Maria")
    typed = {"text": "Bravecto", "group": "drugs", "note": "brah"}
    answer = post(maria, HERE, **typed)
    assert answer.headers["location"] == f"{HERE}?told=added&group=drugs"
    page = maria.get(f"{HERE}/terms/1").text
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    changed = {"text": "Bravecto chew", "group": "drugs", "seen": seen[1]}
    assert post(maria, f"{HERE}/terms/1", **changed).status_code == 303
    again = post(maria, f"{HERE}/terms/1", **changed | {"text": "Typed in vain"})
    assert again.status_code == 400
    assert "changed meanwhile" in again.text and "Typed in vain" in again.text
    assert post(maria, f"{HERE}/terms/1/star", star="yes").status_code == 303
    (term,) = vocabulary.list_terms(db)
    assert (term.text, term.note, term.pinned) == ("Bravecto chew", "", True)
    assert post(maria, f"{HERE}/terms/1/remove").status_code == 303
    assert vocabulary.list_terms(db) == []
    assert [subject for _, _, subject in clinic.log("change_vocabulary")] == ["term 1"] * 4


def test_the_log_never_holds_a_word(as_, db: Database) -> None:
    maria = as_("Maria")
    post(maria, HERE, text="Fluffernutter", group="pets")
    form = {"heard": "fluffer nutter", "meant": "Fluffernutter"}
    post(maria, f"{HERE}/replacements", do="look", **form)
    post(maria, f"{HERE}/replacements", do="save", **form)
    post(maria, f"{HERE}/replacements/1/remove")
    post(maria, f"{HERE}/import/take", list="pets,Nutterfluff")
    told = " ".join(f"{r['subject']} {r['detail']}" for r in rows(db, "SELECT * FROM audit"))
    assert "nutter" not in told.lower()


def test_what_is_wrong_is_told_and_what_was_typed_stays(as_, db: Database) -> None:
    maria = as_("Maria")
    for text, told in (("", "A term is a word"), ("a,b", "no commas"), ("x" * 61, "at most 60")):
        answer = post(maria, HERE, text=text, group="drugs", note="typed note")
        assert answer.status_code == 400
        assert told in answer.text and "typed note" in answer.text
    assert "no such group" in post(maria, HERE, text="Rex", group="lions").text
    assert post(maria, HERE, text="Rex", group="pets").status_code == 303
    assert "stands in this group already" in post(maria, HERE, text="REX", group="pets").text
    assert vocabulary.count_terms(db) == 1


def test_a_list_is_looked_at_before_it_counts(as_, db: Database) -> None:
    maria = as_("Maria")
    post(maria, HERE, text="Biscuit", group="pets")
    table = "group;term;sounds_like\npets;Biscuit;\npets;Ünal;OO-nal\ndoctors;=SUM(A1);\n"
    page = look(maria, file=table.encode("cp1252")).text
    assert vocabulary.count_terms(db) == 1
    assert "Line 4</span> A term begins with a letter" in page
    assert "Line 2</span> Biscuit" in page
    answer = post(maria, f"{HERE}/import/take", list=hidden_list(page))
    assert answer.headers["location"] == f"{HERE}?told=taken"
    assert vocabulary.list_names(db, "pets") == ["Biscuit", "Ünal"]


def test_a_list_that_cannot_be_read_leaves_everything_typed(as_, db: Database) -> None:
    maria = as_("Maria")
    answer = look(maria, file=b"PK\x03\x04\x00", pasted="kept line")
    assert answer.status_code == 400
    assert "save the table as CSV" in answer.text and "kept line" in answer.text
    assert "There is nothing in it" in look(maria, pasted=" ").text
    assert vocabulary.count_terms(db) == 0


def test_ten_thousand_terms_go_in_and_out_and_their_page_is_quick(as_, db: Database) -> None:
    maria = as_("Maria")
    text = "\n".join(pet_of(number) for number in range(10_000))
    page = look(maria, file=text.encode()).text
    assert "Take in 10,000 new terms" in page
    assert post(maria, f"{HERE}/import/take", list=hidden_list(page)).status_code == 303
    assert vocabulary.count_terms(db) == 10_000
    exported = maria.get(f"{HERE}/export")
    assert exported.text.count("\r\n") == 10_001
    assert "attachment" in exported.headers["content-disposition"]
    times = []
    for path in (HERE, f"{HERE}?q=gu&page=3", f"{HERE}?group=pets&page=100"):
        began = time.perf_counter()
        assert maria.get(path).status_code == 200
        times.append(time.perf_counter() - began)
    assert max(times) < 3, times  # tests.pages.bench tells the real time; this finds a runaway


def test_the_page_says_how_many_terms_fit_and_marks_them(as_, db: Database, clinic: World) -> None:
    with writing(db):
        many = [Term(group="pets", text=pet_of(number)) for number in range(90)]
        vocabulary.add_terms(db, many, "Maria", now=clinic.now)
    page = as_("Maria").get(HERE).text
    fitting = page.count(">Listened for<")
    assert f"About the first {fitting} of 90 terms fit" in page
    assert page.count(">No room<") == 90 - fitting > 0
    assert '/settings/reanalyze"' in page


def test_a_replacement_is_counted_before_it_is_saved(as_, db: Database, clinic: World) -> None:
    maria = as_("Maria")
    form = {"heard": "is limping", "meant": "was limping"}
    page = post(maria, f"{HERE}/replacements", do="look", **form).text
    assert "It stands in 3 lines of the last 90 days" in page
    assert replacements.list_pairs(db) == ()
    assert post(maria, f"{HERE}/replacements", do="save", **form).status_code == 303
    assert replacements.list_pairs(db) == (("is limping", "was limping"),)
    clinic.wait(days=100)
    page = post(as_("Maria"), f"{HERE}/replacements", do="look", heard="dog rex", meant="X1").text
    assert "It stands in no line" in page


def test_a_replacement_that_does_harm_is_told_with_what_was_typed(as_, db: Database) -> None:
    maria = as_("Maria")
    for do in ("look", "save"):
        answer = post(maria, f"{HERE}/replacements", do=do, heard="the", meant="Bravecto")
        assert answer.status_code == 400
        assert "heard rightly" in answer.text and 'value="Bravecto"' in answer.text
    assert replacements.list_pairs(db) == ()


def test_it_may_change_words_but_learns_nothing_of_what_was_said(
    as_, db: Database, clinic: World
) -> None:
    with writing(db):
        vocabulary.add_terms(db, [Term(group="pets", text="Rex")], "Maria", now=clinic.now)
        vocabulary.save_counts(db, [(1, "Rex", 777)])
    ingrid = as_("Ingrid")
    assert "777" in as_("Maria").get(HERE).text
    assert "777" not in ingrid.get(HERE).text
    assert "Suggestions" not in ingrid.get(HERE).text
    page = post(ingrid, f"{HERE}/replacements", do="look", heard="is limping", meant="limps").text
    assert "It can be saved" in page and "lines of the last" not in page
    assert post(ingrid, HERE, text="Apoquel", group="drugs").status_code == 303


def test_suggestions_are_taken_or_dismissed_once(as_, db: Database, clinic: World) -> None:
    with writing(db):
        calls.name_staff(db, "101", "Priya")
        calls.name_staff(db, "102", "Marcus")
    maria = as_("Maria")
    assert "Priya" in maria.get(f"{HERE}/suggestions").text
    here = f"{HERE}/suggestions"
    assert post(maria, here, do="take", meant="Priya", group="staff").status_code == 303
    assert post(maria, here, do="dismiss", meant="Marcus").status_code == 303
    assert word_suggestions.list_suggestions(db) == []
    assert vocabulary.list_names(db, "staff") == ["Priya"]
    assert post(maria, here, do="take", meant="Priya", group="staff").status_code == 400
    assert "Nothing to suggest" in maria.get(here).text


def test_words_of_people_are_shown_as_text(as_) -> None:
    maria = as_("Maria")
    post(maria, HERE, text="Rex & Co", group="pets", note="<script>alert(1)</script>")
    for path in (HERE, f"{HERE}/terms/1", f"{HERE}?q=<script>"):
        assert "<script>alert" not in maria.get(path).text
