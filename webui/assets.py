"""Style sheets, scripts and pictures: read once at start, so no request can name another file."""

import hashlib
import mimetypes
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State

from appliance.errors import NotFound
from appliance.facts import Fact

_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".ico": "image/x-icon",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain",
}


class Asset(Fact, frozen=True, kw_only=True):
    """One file as it is served; ``version`` is a hash of its content."""

    body: bytes
    media_type: str
    version: str


def read_assets(folder: Path) -> dict[str, Asset]:
    """Every file under the folder by its path relative to it."""
    return {
        path.relative_to(folder).as_posix(): _asset(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    guessed = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    return Asset(
        body=body,
        media_type=guessed or "application/octet-stream",
        version=hashlib.sha256(body).hexdigest()[:16],
    )


def address_of(assets: dict[str, Asset], name: str) -> str:
    """The address of a file for a template; it changes with the content."""
    return f"/static/{name}?v={assets[name].version}"


@get("/static/{name:path}", name="asset_fetch", opt={"action": "fetch_asset"}, sync_to_thread=False)
def asset_fetch(name: str, request: Request[Any, Any, Any], state: State) -> Response[bytes]:
    """One file; kept for a year by browsers when asked for by its version."""
    asset = state.assets.get(str(name).lstrip("/"))
    if asset is None:
        raise NotFound("there is no such file")
    exact = request.query_params.get("v") == asset.version
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if exact else "no-cache",
        "ETag": f'"{asset.version}"',
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(b"", status_code=304, headers=headers)
    return Response(asset.body, media_type=asset.media_type, headers=headers)


ROUTES = [asset_fetch]
