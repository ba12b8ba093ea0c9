"""The pages of a seeded box over real TLS, in a thread, with the clock of the box."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import uvicorn

from tests.pages.seed import NOW, Box
from webui.app import create_app
from webui.security import Clock
from webui.serve import open_socket, server_config


def seed_time() -> datetime:
    """The moment at which the seeded box stands."""
    return NOW


def make_server(box: Box, clock: Clock = seed_time) -> uvicorn.Server:
    """uvicorn as the box runs it."""
    app = create_app(box.config, box.keys, clock=clock)
    return uvicorn.Server(server_config(box.config, box.keys, app))


@contextmanager
def serving(box: Box, clock: Clock = seed_time) -> Iterator[str]:
    """Serve while the block runs; gives the address to begin with."""
    server = make_server(box, clock)
    with open_socket("127.0.0.1", 0) as door:
        port = door.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"https://localhost:{port}"
        server.should_exit = True
        thread.join(15)


def serve(box: Box, port: int) -> None:
    """Serve until interrupted, for a person to look around."""
    with open_socket("127.0.0.1", port) as door:
        make_server(box).run(sockets=[door])
