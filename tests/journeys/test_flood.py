"""Five thousand calls dropped at once: the pages neither grow nor slow down."""

import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from appliance import clock
from appliance.commands.init import make_box
from appliance.config import load_config
from appliance.db import value, writing
from appliance.keys import Keys
from appliance.store import connectors
from appliance.store.calls import count_calls
from appliance.tools import make_tools, utc_now
from appliance.worker import Worker
from tests.world import tone_wav

PASSWORD = "correct horse battery staple"
CALLS = 5000
GROWTH = 48 << 20  # bytes the web process may grow by; all rows at once would be more
CPU_S = 0.3  # seconds of the server's processor time a page may take, in the median


@dataclass
class Served:
    """A box whose pages run in a process of their own."""

    process: psutil.Process
    client: httpx.Client
    keys: Keys
    data: Path

    def used(self) -> float:
        """Seconds of processor time so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    data, settings = tmp_path / "box", tmp_path / "config.toml"
    settings.write_text(f'[web]\nhost = "127.0.0.1"\nport = {port}\n[log]\nlevel = "error"\n')
    config = load_config(data, files=[settings])
    keys, _ = make_box(config, clinic="Lakeside", zone="UTC", owner="olivia", password=PASSWORD)
    command = ["--data", str(data), "--config", str(settings), "serve", "web"]
    process = subprocess.Popen([sys.executable, "-m", "appliance", *command])
    try:
        trusted = ssl.create_default_context(cafile=data / "tls" / "ca.crt")
        client = httpx.Client(base_url=f"https://localhost:{port}", verify=trusted, timeout=30)
        sign_in(client)
        yield Served(psutil.Process(process.pid), client, keys, data)
    finally:
        process.terminate()
        process.wait(20)


def sign_in(client: httpx.Client) -> None:
    """Wait for the pages and sign in as a person would."""
    for _ in range(600):
        try:
            form = client.get("/sign-in")
            break
        except httpx.ConnectError:
            time.sleep(0.1)
    token = re.search(r'name="csrf" value="([^"]+)"', form.text)
    assert token is not None
    client.headers["Origin"] = str(client.base_url).rstrip("/")
    answer = client.post(
        "/sign-in",
        data={"name": "olivia", "password": PASSWORD, "csrf": token[1], "next": "/"},
    )
    assert answer.status_code in (302, 303), answer.text


def drop_recordings(folder: Path) -> None:
    """A FreePBX day folder with five thousand recordings, an hour old."""
    day = folder / "2026" / "11" / "18"
    day.mkdir(parents=True)
    sound = tone_wav(1)
    old = time.time() - 3600
    for number in range(CALLS):
        name = f"external-101-+15125550142-20261118-100000-{1795000000 + number}.{number}.wav"
        (day / name).write_bytes(sound)
        os.utime(day / name, (old, old))


def test_five_thousand_calls_at_once_leave_the_pages_small_and_quick(
    served: Served, tmp_path: Path
) -> None:
    for page in ("/calls", "/activity", "/search?q=dog"):
        assert served.client.get(page).status_code == 200
    before = served.process.memory_info().rss
    drop_recordings(tmp_path / "spool")
    tools = make_tools(load_config(served.data, files=[tmp_path / "config.toml"]), served.keys)
    db = tools.open_db()
    with writing(db):
        settings = {
            "root": str(tmp_path / "spool"),
            "immediate": True,
            "sweep": True,
        }
        connectors.add_connector(db, "phones", "freepbx", settings, now=utc_now())
    clock.poll(tools)
    Worker(tools, ("courier",), "courier-1").step()
    assert count_calls(db) == {"found": CALLS}
    assert value(db, "SELECT count(*) FROM job WHERE kind = 'receive'") == CALLS
    costs = [cost_of(served, page) for page in ("/calls", "/activity", "/calls?staff=101") * 7]
    assert sorted(costs)[len(costs) // 2] < CPU_S
    assert served.process.memory_info().rss - before < GROWTH


def cost_of(served: Served, page: str) -> float:
    """Processor time of one page; unlike waiting time it does not depend on the neighbors."""
    used = served.used()
    answer = served.client.get(page)
    assert answer.status_code == 200, page
    return served.used() - used
