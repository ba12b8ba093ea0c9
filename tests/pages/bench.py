"""How long pages take: ``python -m tests.pages.bench [CALLS]`` prints the median of 15 requests.

Wanted: a page of calls under 300 ms and a search within 100 ms at 10,000 calls. This is shown, not
asserted, because a busy machine would make it fail for no reason.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from litestar.testing import TestClient

from tests.pages.seed import NOW, PASSWORD, seed_box
from webui.app import create_app

PATHS = (
    "/calls",
    "/calls?when=week",
    "/calls?staff=103",
    "/calls?intent=sick_visit",
    "/calls?outcome=booked",
    "/calls?turnaway=any",
    "/calls?opinion=differ",
    "/settings/opinion",
    "/calls?q=limping",
    "/search?q=limping",
    "/search?q=dog",
    "/search?q=%22last+night%22",
    "/activity",
)


def main(count: int) -> None:
    """Seed, sign in, ask."""
    with tempfile.TemporaryDirectory() as folder:
        box = seed_box(Path(folder), many=count, sound=False)
        app = create_app(box.config, box.keys, clock=lambda: NOW)
        with TestClient(app, base_url="https://localhost") as client:
            client.headers["sec-fetch-site"] = "same-origin"
            page = client.get("/sign-in").text
            token = page.split('name="csrf" value="')[1].split('"')[0]
            form = {"name": "Maria", "password": PASSWORD, "csrf": token}
            client.post("/sign-in", data=form)
            for path in PATHS:
                print(f"{ask(client, path):7.1f} ms  {path}")


def ask(client: TestClient, path: str) -> float:
    """The median in ms."""
    times = []
    for _ in range(15):
        begin = time.perf_counter()
        assert client.get(path).status_code == 200
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
