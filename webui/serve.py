"""The web process: the pages over TLS on one socket, quiet, and gone in ten seconds when asked."""

import errno
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import uvicorn
from litestar import Litestar
from litestar.concurrency import set_asyncio_executor

from appliance.certificate import ensure_certificate, key_password
from appliance.config import Config
from appliance.errors import Misconfigured
from appliance.keys import Keys
from appliance.logs import get_log
from webui.app import create_app

log = get_log(__name__)

THREADS = 16  # handlers run in these; each holds at most one database connection
CONNECTIONS = 200
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # for TLS 1.2; all of 1.3 are fit
GRACE_S = 10


def serve_web(config: Config, keys: Keys) -> None:
    """Serve until SIGTERM or SIGINT; raises Misconfigured when the address cannot be had."""
    door = open_socket(config.web.host, config.web.port)
    with door:
        set_asyncio_executor(ThreadPoolExecutor(THREADS, "page"))
        server = uvicorn.Server(server_config(config, keys, create_app(config, keys)))
        log.info("pages are served", port=config.web.port)
        server.run(sockets=[door])
        log.info("pages are no longer served")


def server_config(config: Config, keys: Keys, app: Litestar) -> uvicorn.Config:
    """How uvicorn is run: HTTP/1.1 over TLS 1.2 or newer, believing no proxy, logging no address."""
    chain, key = ensure_certificate(config.data / "tls", config.web.names, keys.tls)
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # else a header could claim any address and escape the brake
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=32 * 1024,
        ssl_certfile=chain,
        ssl_keyfile=key,
        ssl_keyfile_password=key_password(keys.tls),
        ssl_ciphers=CIPHERS,
        ssl_context_factory=modern_context,
    )


def modern_context(config: uvicorn.Config, default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """uvicorn's context, with nothing older than TLS 1.2 and no compression."""
    context = default()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    return context


def open_socket(host: str, port: int) -> socket.socket:
    """The listening socket; raises Misconfigured with what to change."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise Misconfigured(_advice(error, port)) from error


def _advice(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken by another program; stop it or change web.port"
    if error.errno == errno.EACCES:
        return f"port {port} may not be opened by this account; choose one above 1023 in web.port"
    return "web.host is not an address of this machine; correct it in the configuration"
