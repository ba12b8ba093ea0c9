"""Signing in: a new id each time, the same words for every reason, and slow for those who guess."""

import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient

from appliance.db import execute, rows, value, writing
from appliance.store import users
from tests.web.world import PASSWORD, World, browser, form_token, sign_in
from webui.signin import safe_path

SECRET = "this-is-my-password-typed-as-a-name"


def cookie_line(answer, name: str) -> str:
    return next(c for c in answer.headers.get_list("set-cookie") if c.startswith(name + "="))


def test_people_land_on_the_page_they_work_in(door: TestClient):
    homes = {"Olivia": "/today", "Finn": "/today", "Ingrid": "/activity", "Ada": "/audit"}
    for name, home in homes.items():
        assert sign_in(door, name).headers["location"] == home
        assert door.get(home).status_code == 200


def test_the_session_cookie_has_exactly_the_flags_it_must_have(door: TestClient):
    line = cookie_line(sign_in(door, "Maria"), "__Host-sid")
    flags = sorted(part.strip() for part in line.split(";")[1:])
    assert flags == ["HttpOnly", "Path=/", "SameSite=strict", "Secure"]


def test_the_form_cookie_has_exactly_the_flags_it_must_have(door: TestClient):
    line = cookie_line(door.get("/sign-in"), "__Host-csrf")
    flags = sorted(part.strip() for part in line.split(";")[1:])
    assert flags == ["HttpOnly", "Path=/", "SameSite=strict", "Secure"]


def test_a_session_id_chosen_by_somebody_else_is_never_taken_over(door: TestClient):
    door.cookies.set("__Host-sid", "chosen-by-an-attacker", domain="localhost.local", path="/")
    line = cookie_line(sign_in(door, "Maria"), "__Host-sid")
    assert "chosen-by-an-attacker" not in line
    door.cookies.clear()
    answer = door.get("/calls", headers={"cookie": "__Host-sid=chosen-by-an-attacker"})
    assert answer.status_code == 401


def test_signing_in_again_ends_the_former_session(door: TestClient, clinic: World):
    sign_in(door, "Maria")
    former = door.cookies["__Host-sid"]
    sign_in(door, "Maria")
    assert door.cookies["__Host-sid"] != former
    door.cookies.clear()
    assert door.get("/calls", headers={"cookie": f"__Host-sid={former}"}).status_code == 401


def test_the_box_keeps_only_a_hash_of_the_session_id(door: TestClient, clinic: World):
    sign_in(door, "Maria")
    db = clinic.open_db()
    kept = str(rows(db, "SELECT * FROM session"))
    db.close()
    assert door.cookies["__Host-sid"] not in kept


def test_signing_out_ends_the_session_on_the_box(door: TestClient, clinic: World):
    sign_in(door, "Maria")
    former = door.cookies["__Host-sid"]
    answer = door.post("/sign-out", data={"csrf": form_token(door, "/calls")})
    assert answer.headers["location"] == "/sign-in"
    assert "Max-Age=0" in cookie_line(answer, "__Host-sid")
    door.cookies.clear()
    assert door.get("/calls", headers={"cookie": f"__Host-sid={former}"}).status_code == 401
    assert ("Maria", "sign_out", "") in clinic.log()


@pytest.mark.parametrize("change", ["UPDATE user SET disabled = 1", "DELETE FROM session"])
def test_a_person_shut_out_is_out_at_once(door: TestClient, clinic: World, change: str):
    sign_in(door, "Finn")
    db = clinic.open_db()
    with writing(db):
        execute(db, change)
    db.close()
    assert door.get("/calls").status_code == 401


def test_a_disabled_person_cannot_sign_in_and_hears_the_usual_words(
    door: TestClient, clinic: World
):
    db = clinic.open_db()
    with writing(db):
        execute(db, "UPDATE user SET disabled = 1 WHERE name = 'Finn'")
    db.close()
    assert "not right" in sign_in(door, "Finn").text


def test_a_session_ends_after_half_an_hour_without_use(door: TestClient, clinic: World):
    sign_in(door, "Maria")
    clinic.wait(minutes=29)
    assert door.get("/calls").status_code == 200
    clinic.wait(minutes=29)
    assert door.get("/calls").status_code == 200
    clinic.wait(minutes=31)
    assert door.get("/calls").status_code == 401


def test_a_session_ends_after_twelve_hours_however_busy(door: TestClient, clinic: World):
    sign_in(door, "Maria")
    for _ in range(28):
        clinic.wait(minutes=25)
        assert door.get("/calls").status_code == 200
    clinic.wait(minutes=25)
    assert door.get("/calls").status_code == 401


def test_a_page_that_renews_itself_keeps_no_session_alive(door: TestClient, clinic: World):
    sign_in(door, "Maria")
    for _ in range(3):
        clinic.wait(minutes=9)
        assert door.get("/activity/now").status_code == 200
    clinic.wait(minutes=4)
    assert door.get("/activity/now").status_code == 401


def test_looking_around_notes_the_use_at_most_once_a_minute(door: TestClient, clinic: World):
    sign_in(door, "Maria")
    db = clinic.open_db()
    seen = [value(db, "SELECT seen_at FROM session")]
    for seconds in (30, 29, 1):
        clinic.wait(seconds=seconds)
        door.get("/")
        seen.append(value(db, "SELECT seen_at FROM session"))
    db.close()
    assert seen[0] == seen[1] == seen[2] < seen[3]


def test_the_words_are_the_same_for_a_wrong_name_and_a_wrong_password(door: TestClient):
    token = form_token(door)
    texts = []
    for name in ("Maria", "Nobody"):
        form = {"name": name, "password": "not the password at all", "csrf": token}
        answer = door.post("/sign-in", data=form)
        assert answer.status_code == 403
        texts.append(answer.text.replace(form_token(door), ""))
        token = form_token(door)
    trimmed = [text.partition("Sign in</h1>")[2].partition("<form")[0] for text in texts]
    assert trimmed[0] == trimmed[1]
    assert "not right" in trimmed[0]


def test_an_unknown_name_costs_as_much_hashing_as_a_known_one(
    door: TestClient, monkeypatch: pytest.MonkeyPatch
):
    hashed = []
    real = users._hasher

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            hashed.append(stored)
            return real.verify(stored, password)

        def __getattr__(self, name: str):
            return getattr(real, name)

    monkeypatch.setattr(users, "_hasher", Counting())
    sign_in(door, "Maria", "not the password at all")
    sign_in(door, "Nobody", "not the password at all")
    assert len(hashed) == 2


def test_after_five_wrong_tries_even_the_right_password_waits(door: TestClient, clinic: World):
    answers = [sign_in(door, "Maria", "wrong wrong wrong").status_code for _ in range(100)]
    assert answers[:5] == [403] * 5
    assert set(answers[5:]) == {429}
    assert sign_in(door, "Maria").status_code == 429
    assert len(clinic.log("sign_in_failed")) == 5
    clinic.wait(minutes=16)
    assert sign_in(door, "Maria").status_code == 303


def test_an_address_that_tries_many_names_is_held_back_too(door: TestClient):
    answers = [sign_in(door, f"Name {n}", "wrong wrong wrong").status_code for n in range(8)]
    assert answers == [403] * 5 + [429] * 3


def test_tries_sent_at_once_are_counted_one_by_one(clinic: World):
    app, answers = clinic.app(), []

    def one_try() -> None:
        answers.append(sign_in(browser(app), "Maria", "wrong wrong wrong").status_code)

    threads = [threading.Thread(target=one_try) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(403) == 5
    assert answers.count(429) == 7


def test_what_was_typed_as_a_name_is_never_kept(door: TestClient, clinic: World):
    sign_in(door, SECRET, "x")
    db = clinic.open_db()
    kept = str([rows(db, f"SELECT * FROM {t}") for t in ("audit", "sign_in_failure", "session")])
    db.close()
    assert SECRET not in kept
    ((actor, _, _),) = clinic.log("sign_in_failed")
    assert actor.startswith("unknown ")


def test_a_failed_try_of_a_known_person_is_logged_under_their_name(door: TestClient, clinic: World):
    sign_in(door, "maria", "wrong wrong wrong")
    assert clinic.log("sign_in_failed") == [("Maria", "sign_in_failed", "")]


def test_the_form_of_another_browser_does_not_sign_in(door: TestClient, clinic: World):
    foreign = form_token(browser(clinic.app()))
    form_token(door)
    form = {"name": "Maria", "password": PASSWORD, "csrf": foreign}
    assert door.post("/sign-in", data=form).status_code == 403
    assert not clinic.log("sign_in")


def test_a_form_token_made_elsewhere_is_refused_even_if_the_cookie_agrees(door: TestClient):
    form = {"name": "Maria", "password": PASSWORD, "csrf": "mine.mine"}
    answer = door.post("/sign-in", data=form, headers={"cookie": "__Host-csrf=mine.mine"})
    assert answer.status_code == 403


def test_after_signing_in_people_get_the_page_they_wanted(door: TestClient):
    wanted = door.get("/search?q=two words", headers={"accept": "text/html"}).headers["location"]
    assert wanted.startswith("/sign-in?next=%2Fsearch%3Fq%3D")
    page = door.get(wanted)
    target = page.text.partition('name="next" value="')[2].partition('"')[0].replace("&#43;", "+")
    assert sign_in(door, "Maria", next=target).headers["location"].startswith("/search?q=two")


FROM_MAIL = {"accept": "text/html", "sec-fetch-site": "cross-site", "sec-fetch-dest": "document"}


def test_a_link_in_webmail_finds_who_is_signed_in_though_the_cookie_is_strict(door: TestClient):
    first = door.get('/worklist?tab=mine&x="<b>', headers=FROM_MAIL)
    assert first.status_code == 200
    assert 'content="0; url=/worklist?tab=mine&amp;x=%22%3Cb%3E"' in first.text
    sign_in(door, "Maria")
    assert "Call back" in door.get("/worklist?tab=mine", headers=FROM_MAIL).text, "cookie and all"


def test_going_on_by_itself_happens_once_and_only_for_pages_of_the_box(door: TestClient):
    again = door.get("/worklist", headers=FROM_MAIL | {"sec-fetch-site": "same-origin"})
    assert again.headers["location"] == "/sign-in?next=%2Fworklist", "then people sign in"
    stale = door.get("/worklist", headers=FROM_MAIL | {"cookie": "__Host-sid=ended"})
    assert stale.status_code == 303
    for other in ({"sec-fetch-dest": "iframe"}, {"hx-request": "true"}):
        assert "http-equiv" not in door.get("/worklist", headers=FROM_MAIL | other).text
    assert "http-equiv" not in door.get("https://localhost//evil.example/", headers=FROM_MAIL).text


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "evil",
     "/\t/evil.example", "/%0d%0aSet-Cookie:x=1\r\nX: y", "javascript:alert(1)", " /calls",
     "/sign-out", "/\x00", "/\x80", "/\u202e", "///evil.example", "/" + "a" * 600],
)  # fmt: skip
def test_signing_in_never_leads_away_from_the_box(door: TestClient, target: str):
    assert sign_in(door, "Maria", next=target).headers["location"] == "/today"


@given(st.text(max_size=40) | st.from_regex(r"[/\\:@?#a-z.\t %]{1,30}", fullmatch=True))
def test_a_safe_path_stays_on_this_box_whatever_it_was_made_of(target: str):
    path = safe_path(target)
    assert path in {"", target}
    assert not path or (path[0] == "/" and path[1:2] not in {"/", "\\"} and path.isprintable())


def test_a_long_password_works_and_an_endless_one_is_refused(door: TestClient, clinic: World):
    long = "p" * 1000
    db = clinic.open_db()
    with writing(db):
        users.add_user(db, "Otto", "owner", long, now=clinic.now)
    db.close()
    assert sign_in(door, "Otto", long).status_code == 303
    assert sign_in(door, "Otto", "p" * 300_000).status_code == 413


def test_the_clock_of_the_window_is_the_clock_of_the_box(clinic: World):
    assert clinic.now.utcoffset() == timedelta(0)
