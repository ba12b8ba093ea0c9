"""The web application: routes, what handlers may ask for, templates and the headers of all answers.

Handlers name what they need: ``db`` (a connection of their own), ``now``, ``person``, ``box``.
Templates always have ``person`` (None before sign-in), ``csrf``, ``csp_nonce``, ``path``,
``rubric_words``, ``may(action)`` and ``asset("app.css")``. A page module exports ``ROUTES`` and, if it has any,
``FILTERS`` for its templates. Every route names its action: ``opt={"action": "view_call"}``; a
partial that the page fetches by itself adds ``"poll": True`` so that it keeps no session alive.
"""

import secrets
import warnings
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import jinja2
from litestar import Litestar, Request, Router
from litestar.concurrency import sync_to_thread
from litestar.contrib.jinja import JinjaTemplateEngine
from litestar.datastructures import MutableScopeHeaders, State
from litestar.di import Provide
from litestar.exceptions.base_exceptions import LitestarDeprecationWarning
from litestar.routes import HTTPRoute
from litestar.template import TemplateConfig
from litestar.types import Message, Scope

from appliance.config import Config
from appliance.db import Database
from appliance.errors import Misconfigured
from appliance.keys import Keys
from webui import (
    activity,
    agreement,
    assets,
    audio,
    audit,
    calibration,
    calls,
    coaching,
    corrections,
    disputes,
    examples,
    fees,
    filters,
    mail,
    menu,
    mine,
    notices,
    opinions,
    people,
    phone,
    phone_parts,
    phones,
    reanalyze,
    replacements,
    reports,
    reviews,
    rubric,
    safety,
    search,
    settings,
    signin,
    today,
    trends,
    vocabulary,
    vocabulary_lists,
    webhooks,
    work_item,
    worklist,
)
from webui.errors import HANDLERS
from webui.policy import ABOUT_A_CALL, OPEN, RULES, Person, may
from webui.security import Box, Clock, admit

HERE = Path(__file__).parent
LARGEST_BODY = 256 * 1024
PAGES: tuple[ModuleType, ...] = (
    assets,
    signin,
    today,
    calls,
    corrections,
    filters,
    trends,
    reports,
    audio,
    search,
    activity,
    phones,
    phone,
    phone_parts,
    worklist,
    work_item,
    people,
    coaching,
    examples,
    fees,
    reviews,
    safety,
    disputes,
    mine,
    settings,
    vocabulary,
    vocabulary_lists,
    replacements,
    rubric,
    reanalyze,
    agreement,
    calibration,
    mail,
    notices,
    webhooks,
    opinions,
    audit,
)

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Strict-Transport-Security": "max-age=31536000",
}
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def tell_time() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


def create_app(config: Config, keys: Keys, *, clock: Clock = tell_time) -> Litestar:
    """The pages of one box; raises Misconfigured when a route has no rule."""
    files = assets.read_assets(HERE / "static")
    with warnings.catch_warnings():  # we stay below Litestar 3, which wants annotations instead
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        app = _assemble(Box(config, keys, clock), files)
    check_routes(app)
    return app


def _assemble(box: Box, files: dict[str, assets.Asset]) -> Litestar:
    return Litestar(
        route_handlers=[Router("/", route_handlers=[r for page in PAGES for r in page.ROUTES])],
        guards=[admit],
        dependencies=_DEPENDENCIES,
        exception_handlers=HANDLERS,
        template_config=TemplateConfig(instance=_engine(files)),
        before_send=[set_headers],
        state=State({"box": box, "assets": files}),
        request_max_body_size=LARGEST_BODY,
        openapi_config=None,
        logging_config=None,
    )


def check_routes(app: Litestar) -> None:
    """Deny by default: a route that no rule covers must not come to life."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            raise Misconfigured(f"{route.path} is not a plain HTTP route")
        for handler in route.route_handlers:
            action = handler.opt.get("action", "")
            if handler.http_methods == {"OPTIONS"}:
                continue  # the framework's own; the guard refuses it
            if action not in OPEN and action not in RULES:
                raise Misconfigured(f"{route.path} names no known action; see webui/policy.py")
            if action in ABOUT_A_CALL and "ref" not in route.path_parameters:
                raise Misconfigured(f"{route.path} acts on a call but has no {{ref:str}}")


async def provide_db(state: State) -> AsyncGenerator[Database, None]:
    """A connection of its own for the request, closed when the handler is done."""
    db = await sync_to_thread(state.box.open_db)
    try:
        yield db
    finally:
        await sync_to_thread(db.close)


def provide_now(state: State) -> datetime:
    """The moment of the request."""
    now: datetime = state.box.clock()
    return now


def provide_person(request: Request[Person, Any, Any]) -> Person:
    """Who is signed in; the guard found out."""
    return request.user


def provide_box(state: State) -> Box:
    """Settings and keys."""
    box: Box = state.box
    return box


_DEPENDENCIES = {
    "db": Provide(provide_db),
    "now": Provide(provide_now, sync_to_thread=False),
    "person": Provide(provide_person, sync_to_thread=False),
    "box": Provide(provide_box, sync_to_thread=False),
}


class HouseTemplate(jinja2.Template):
    """A template that always knows who is asking, whatever the handler hands over."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        """Render with what every page needs."""
        return super().render(*args, **(_shared(kwargs["request"]) | kwargs))


def _shared(request: Request[Any, Any, Any]) -> dict[str, Any]:
    person: Person | None = request.scope.get("user")
    return {
        "person": person,
        "csrf": person.csrf if person else "",
        "rubric_words": person.rubric_words if person else {},
        "csp_nonce": nonce_of(request.scope),
        "path": request.scope["path"],
        "may": partial(may, person),
    }


class HouseEnvironment(jinja2.Environment):
    """Escapes everything, and takes a misspelt name for a failure instead of nothing."""

    template_class = HouseTemplate


def _engine(files: dict[str, assets.Asset]) -> JinjaTemplateEngine:
    environment = HouseEnvironment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"asset": partial(assets.address_of, files), "menu": menu}
    environment.tests |= {"able": lambda action, person: may(person, action), "leads": _leads}
    environment.filters.update(_filters())
    return JinjaTemplateEngine.from_environment(environment)


def _filters() -> dict[str, Any]:
    """The filters of all pages; two of one name would silently take each other's place."""
    found: dict[str, Any] = {}
    for page in PAGES:
        for name, shower in getattr(page, "FILTERS", {}).items():
            if found.setdefault(name, shower) is not shower:
                raise Misconfigured(f"two pages have a filter {name}; rename one")
    return found


def _leads(href: str, path: str) -> bool:
    return path.startswith(href)


def nonce_of(scope: Scope) -> str:
    """The style nonce of this request, the same in header and page."""
    state = scope.setdefault("state", {})
    return str(state.setdefault("csp_nonce", secrets.token_urlsafe(16)))


async def set_headers(message: Message, scope: Scope) -> None:
    """Put the protective headers on every answer, errors and unknown addresses included."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders(message)
    for name, content in _HEADERS.items():
        headers[name] = content
    headers["Content-Security-Policy"] = _CSP.format(nonce=nonce_of(scope))
    if not scope["path"].startswith("/static/") or message["status"] >= 400:
        headers["Cache-Control"] = "no-store"
