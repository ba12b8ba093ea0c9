"""Before a handler runs: the right name, the right origin, the right token; the same headers always."""

import re

import pytest
from litestar import Litestar, get, post, websocket
from litestar.testing import TestClient

from appliance.errors import Misconfigured
from tests.web.world import World, all_routes, browser, form_token, sign_in
from webui import app as webapp
from webui.security import host_of

NO_STORE = "no-store"
CSP = re.compile(
    r"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[\w-]{22}'; "
    r"img-src 'self' data:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; "
    r"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.fixture(scope="module")
def maria(desks: dict[str, TestClient]) -> TestClient:
    return desks["Maria"]


@pytest.fixture(scope="module")
def token(maria: TestClient) -> str:
    return form_token(maria, "/activity")


def fill(path: str, world: World) -> str:
    """A path template with values that exist."""
    ref = world.recording(0) if path.startswith("/recordings") else world.calls[0].ref
    return (
        path.replace("{ref:str}", ref)
        .replace("{job:int}", "1")
        .replace("{name:path}", "x.css")
        .replace("{number:int}", "9")
        .replace("{delivery:int}", "9")
        .replace("{place:int}", "1")
        .replace("{kind:str}", "folder")
        .replace("{place:int}", "1")
        .replace("{key:str}", "0123456789ab")
    )


def unsafe_routes(client: TestClient, world: World) -> list[tuple[str, str]]:
    found = [(m, fill(p, world)) for m, p, _ in all_routes(client.app) if m not in {"GET", "HEAD"}]
    assert len(found) >= 4
    return found


def ask(client: TestClient, method: str, path: str, *, token: str = "", **headers: str) -> int:
    """Send a form with a token and some headers more; returns the status."""
    named = {name.replace("_", "-"): content for name, content in headers.items()}
    return client.request(method, path, data={"csrf": token}, headers=named).status_code


def test_no_change_happens_without_the_token_of_the_session(
    maria: TestClient, shared: World, desks: dict[str, TestClient]
):
    others = form_token(desks["Olivia"], "/activity")
    for method, path in unsafe_routes(maria, shared):
        for wrong in ("", "x", others, "é"):
            assert ask(maria, method, path, token=wrong) == 403, (method, path, wrong)
        assert ask(maria, method, path, x_csrf_token=others) == 403, (method, path)


def test_no_change_happens_on_the_word_of_another_site(
    maria: TestClient, shared: World, token: str
):
    wrong = [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "http://localhost"},
        {"origin": "https://localhost.evil.example"},
        {"sec_fetch_site": "cross-site", "origin": "https://localhost"},
        {"sec_fetch_site": "cross-site", "origin": "null"},
    ]
    for method, path in unsafe_routes(maria, shared):
        for headers in wrong:
            assert ask(maria, method, path, token=token, **headers) == 403, (method, path, headers)


def test_no_change_happens_when_nothing_says_where_it_comes_from(
    maria: TestClient, shared: World, token: str
):
    said = maria.headers.pop("sec-fetch-site")
    try:
        for method, path in unsafe_routes(maria, shared):
            assert ask(maria, method, path, token=token) == 403
            assert ask(maria, method, path, token=token, origin="null") == 403
        retry = ask(maria, "POST", "/jobs/1/retry", token=token, origin="https://localhost")
        assert retry == 404  # let in: there is only no such job
    finally:
        maria.headers["sec-fetch-site"] = said


def test_a_form_of_ours_is_let_in_though_its_origin_is_null(maria: TestClient, token: str):
    assert ask(maria, "POST", "/jobs/1/retry", token=token, origin="null") == 404


def test_htmx_may_send_the_token_in_a_header(maria: TestClient, token: str):
    assert ask(maria, "POST", "/jobs/1/retry", x_csrf_token=token) == 404


def test_no_header_or_field_turns_a_get_into_a_change(maria: TestClient, token: str):
    for header in ("x-http-method-override", "x-method-override", "x-http-method"):
        answer = maria.get("/jobs/1/retry", headers={header: "POST", "x-csrf-token": token})
        assert answer.status_code == 405
    assert maria.get(f"/jobs/1/retry?_method=POST&csrf={token}").status_code == 405
    assert maria.head("/jobs/1/retry").status_code == 405


def test_what_is_not_a_form_changes_nothing(maria: TestClient, token: str):
    for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", "x/y"):
        answer = maria.post("/jobs/1/retry", content=b'{"csrf": 1}', headers={"content-type": kind})
        assert answer.status_code in {400, 403}, kind


def test_methods_nobody_offers_are_refused(maria: TestClient, shared: World):
    for path in {fill(path, shared) for _, path, _ in all_routes(maria.app)}:
        for method in ("OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"):
            assert maria.request(method, path).status_code == 405, (method, path)


def test_nothing_but_signing_in_and_assets_is_open_to_strangers(shared: World, clinic: World):
    stranger = browser(clinic.app())
    for method, template, name in all_routes(stranger.app):
        answer = stranger.request(method, fill(template, shared))
        expected = {"signin_show": 200, "signin_try": 403, "asset_fetch": 404}.get(name, 401)
        assert answer.status_code == expected, (method, template)
    assert clinic.log() == []


def test_a_stranger_with_a_browser_is_sent_to_the_form_and_htmx_is_told(shared: World):
    stranger = browser(shared.app())
    page = stranger.get("/calls", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=%2Fcalls")
    part = stranger.get("/calls", headers={"accept": "text/html", "hx-request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/sign-in")


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "192.168.1.99", "evil.example:443", "", "[::1",
     "localhost@evil.example", "2130706433", "127.1"],
)  # fmt: skip
def test_the_box_answers_to_its_own_names_only(desks: dict[str, TestClient], host: str):
    for path in ("/", "/sign-in", "/static/base.css"):
        assert desks["Maria"].get(path, headers={"host": host}).status_code in {400, 421}


@pytest.mark.parametrize("host", ["localhost:8443", "LOCALHOST", "localhost."])
def test_the_box_answers_to_its_name_with_any_port(desks: dict[str, TestClient], host: str):
    assert desks["Maria"].get("/sign-in", headers={"host": host}).status_code == 200


def test_a_host_header_is_read_as_a_browser_reads_it():
    assert host_of("Box.Local:8443") == "box.local"
    assert host_of("[FE80::1]:8443") == "fe80::1"
    assert host_of("[") == host_of("") == ""


def test_every_answer_carries_the_protective_headers(
    maria: TestClient, shared: World, desks: dict[str, TestClient]
):
    answers = [maria.request(m, fill(p, shared)) for m, p, _ in all_routes(maria.app)]
    answers += [
        maria.get("/nowhere"),
        maria.get("/sign-in", headers={"host": "evil.example"}),
        maria.get("/calls", headers={"host": "a b"}),
        maria.request("BREW", "/calls"),
        desks["Ingrid"].get("/calls", headers={"accept": "text/html"}),
        maria.post("/sign-in", content=b"x" * 300_000),
    ]
    for answer in answers:
        about = f"{answer.request.method} {answer.request.url.path} {answer.status_code}"
        assert CSP.fullmatch(answer.headers["content-security-policy"]), about
        assert answer.headers["x-content-type-options"] == "nosniff", about
        assert answer.headers["referrer-policy"] == "no-referrer", about
        assert answer.headers["cross-origin-opener-policy"] == "same-origin", about
        assert answer.headers["cross-origin-resource-policy"] == "same-origin", about
        assert answer.headers["strict-transport-security"].startswith("max-age="), about
        assert "microphone=()" in answer.headers["permissions-policy"], about
        assert "server" not in answer.headers, about
        assert answer.headers["cache-control"] == NO_STORE, about


def test_assets_are_kept_for_a_year_under_the_hash_of_their_content(maria: TestClient):
    page = maria.get("/sign-in").text
    address = re.search(r'href="(/static/base\.css\?v=\w+)"', page)[1]
    answer = maria.get(address)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    again = maria.get("/static/base.css", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert maria.get("/static/base.css?v=old").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "name", ["../app.py", "..%2fapp.py", "%2e%2e/app.py", "/etc/passwd", "vendor", "base.css/", ""]
)
def test_no_path_leads_out_of_the_assets(maria: TestClient, name: str):
    answer = maria.get(f"/static/{name}")
    assert answer.status_code == 404 or (name == "base.css/" and answer.status_code == 200)


def test_each_page_has_a_style_nonce_of_its_own(maria: TestClient):
    answers = [maria.get("/sign-in") for _ in range(3)]
    nonces = [
        re.search(r"nonce-([\w-]+)", a.headers["content-security-policy"])[1] for a in answers
    ]
    assert len(set(nonces)) == 3
    assert all(f'nonce="{n}"' in a.text for n, a in zip(nonces, answers, strict=True))


def test_a_failure_shows_a_reference_and_nothing_of_the_inside(
    shared: World, monkeypatch: pytest.MonkeyPatch
):
    def burst(*_: object, **__: object) -> None:
        raise RuntimeError("secret path /var/lib/petsvet and number +15550100")

    monkeypatch.setattr("webui.audit.list_entries", burst)
    client = browser(shared.app())
    sign_in(client, "Ada")
    for accept in ("text/html", "*/*"):
        answer = client.get("/audit", headers={"accept": accept})
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
        assert re.search(r"\b[0-9a-f]{8}\b", answer.text)


def test_a_broken_error_page_still_answers(desks: dict[str, TestClient], monkeypatch):
    engine = desks["Maria"].app.template_engine
    monkeypatch.setattr(type(engine), "get_template", lambda *_: 1 / 0)
    answer = desks["Maria"].get("/nowhere", headers={"accept": "text/html"})
    assert (answer.status_code, "Not found" in answer.text) == (404, True)


def _app_with(shared: World, monkeypatch: pytest.MonkeyPatch, handler: object) -> Litestar:
    page = type("Page", (), {"ROUTES": [handler]})
    monkeypatch.setattr(webapp, "PAGES", (*webapp.PAGES, page))
    return shared.app()


def test_a_route_without_an_action_does_not_start(shared: World, monkeypatch: pytest.MonkeyPatch):
    @get("/new", sync_to_thread=False)
    def new() -> str:
        return ""

    @post("/new", opt={"action": "view_cals"}, sync_to_thread=False)
    def misspelt() -> None:
        return None

    @get("/new/{number:int}", opt={"action": "view_call"}, sync_to_thread=False)
    def without_ref() -> str:
        return ""

    @websocket("/new", opt={"action": "view_call"})
    async def socket(socket: object) -> None:
        return None

    for handler in (new, misspelt, without_ref, socket):
        with monkeypatch.context() as patch, pytest.raises(Misconfigured):
            _app_with(shared, patch, handler)
