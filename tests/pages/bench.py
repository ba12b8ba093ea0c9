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

from appliance.reading.standings import key_of
from tests.pages.seed import NOW, PASSWORD, seed_box
from webui.app import create_app

PATHS = (
    "/today",
    "/trends?period=week",
    "/trends?period=4weeks",
    "/trends?period=quarter",
    "/reports/week/2026-11-09",
    "/reports/week/2026-11-09/pdf",
    "/calls",
    "/calls?direction=in&weekday=0&hour=9",
    "/calls?species=rabbit&urgency=red",
    "/calls?turnaway=lost&when=dates&from=2026-08-20&to=2026-11-18",
    "/calls?safety=any",
    "/calls?when=week",
    "/calls?staff=103",
    "/calls?intent=sick_visit",
    "/calls?outcome=booked",
    "/calls?turnaway=any",
    "/calls?opinion=differ",
    "/settings/opinion",
    "/settings/vocabulary",
    "/settings/vocabulary?q=gu&page=2",
    "/settings/vocabulary/replacements",
    "/settings/vocabulary/suggestions",
    "/settings/vocabulary/export",
    "/calls?q=limping",
    "/search?q=limping",
    "/search?q=dog",
    "/search?q=%22last+night%22",
    "/activity",
    "/review/agreement",
    "/review/calibration",
    "/settings/rubric",
    "/settings/rubric/items/new",
    "/settings/reanalyze",
    "/worklist",
    "/worklist?kind=capacity",
    "/worklist?tab=missed",
    "/worklist?tab=done",
    "/review",
    "/review?when=all",
    "/review?when=all&staff=103",
    "/review?when=all&what=rubric.grief_manner",
    "/review/safety",
    "/review/safety?show=closed",
    "/review/disputes",
    "/people",
    f"/people/{key_of('Denise')}",
    "/people/examples",
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
