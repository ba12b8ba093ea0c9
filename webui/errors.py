"""Errors as pages: what happened and what to do, and nothing of the inside."""

import secrets
from html import escape
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from appliance.errors import (
    NotFound,
    PetsvetError,
    Refused,
    Unavailable,
    Unusable,
)
from appliance.logs import get_log
from webui.security import SESSION_COOKIE
from webui.signin import safe_path

log = get_log(__name__)

Asked = Request[Any, Any, Any]
Answer = Response[Any]

_STATUS: tuple[tuple[type[PetsvetError], int], ...] = (
    (NotFound, 404),
    (Refused, 403),
    (Unusable, 422),
    (Unavailable, 503),
)
_TITLES = {
    400: "That request cannot be understood",
    401: "Please sign in",
    403: "Not allowed",
    404: "Not found",
    405: "Not possible here",
    409: "That could not be kept",
    413: "Too large",
    416: "No such part",
    421: "Wrong address",
    422: "That does not work",
    429: "Too many tries",
    503: "Not available right now",
}


def show_petsvet_error(request: Asked, error: PetsvetError) -> Answer:
    """The page of an error raised on purpose; its message is made for people."""
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    return show_failure(request, error) if status == 500 else _page(request, status, str(error))


def show_http_error(request: Asked, error: HTTPException) -> Answer:
    """The page of an error of the web: not signed in, no such address, wrong method …"""
    status = error.status_code
    if status >= 500:
        return show_failure(request, error)
    if status == 401 and _wants_page(request):
        if onward := _onward(request):
            return onward
        return Redirect(f"/sign-in?next={quote(_path_of(request), safe='')}", status_code=303)
    told = status in {401, 403, 409, 421, 422, 429}
    answer = _page(request, status, error.detail if told else "")
    if status == 401 and "hx-request" in request.headers:
        answer.headers["HX-Redirect"] = "/sign-in"
    return answer


def _onward(request: Asked) -> Answer | None:
    """A page that goes on to the same address by itself, where a link of another site led here.

    Browsers send a strict cookie only with links of our own, so that somebody who is signed in and
    follows a link in webmail would have to sign in again. Looking changes nothing on this box.
    """
    told = request.headers.get("sec-fetch-site"), request.headers.get("sec-fetch-dest")
    target = safe_path(_path_of(request))
    if told != ("cross-site", "document") or SESSION_COOKIE in request.cookies or not target:
        return None
    context = {"target": target}
    return Response(_render(request, context, "onward.html"), media_type="text/html")


def show_failure(request: Asked, error: Exception) -> Answer:
    """The page of a failure nobody planned: a reference here, the rest in the journal."""
    reference = secrets.token_hex(4)
    log.error("a page could not be shown", reference=reference, error=error)
    return _page(request, 500, "", reference)


def _page(request: Asked, status: int, message: str, reference: str = "") -> Answer:
    title = _TITLES.get(status, "Something went wrong")
    if not _accepts_page(request):
        text = ". ".join(part for part in (title, message, reference) if part)
        return Response(text + "\n", status_code=status, media_type="text/plain")
    context = {"status": status, "title": title, "message": message, "reference": reference}
    return Response(_render(request, context), status_code=status, media_type="text/html")


def _render(request: Asked, context: dict[str, Any], name: str = "error.html") -> str:
    """The page; plain words where even that fails, because an error page must not break."""
    try:
        engine: Any = request.app.template_engine
        return str(engine.get_template(name).render(request=request, **context))
    except Exception as error:  # noqa: BLE001
        log.error("the error page is broken", error=error)
        return f"<!doctype html><title>Error</title><p>{escape(context.get('title', ''))}</p>"


def _accepts_page(request: Asked) -> bool:
    return "hx-request" not in request.headers and "text/html" in request.headers.get("accept", "")


def _wants_page(request: Asked) -> bool:
    return request.scope["method"] == "GET" and _accepts_page(request)


def _path_of(request: Asked) -> str:
    query = request.scope["query_string"].decode("ascii", "replace")
    return request.scope["path"] + (f"?{query}" if query else "")


HANDLERS: dict[Any, Any] = {
    PetsvetError: show_petsvet_error,
    HTTPException: show_http_error,
    Exception: show_failure,
}
