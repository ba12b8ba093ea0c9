"""What the pages load: vendored files are what the register says, nothing is inline or foreign."""

import hashlib
import re
from pathlib import Path

import pytest

WEBUI = Path(__file__).parents[2] / "webui"
VENDOR = WEBUI / "static" / "vendor"
REGISTER = (VENDOR / "VENDORED.md").read_text()
ROW = re.compile(r"\| (\S+) \| (\S+) \| (\S+) \| `(\S+)` \| ([0-9a-f]{64}) \|")
TEMPLATES = sorted((WEBUI / "templates").glob("*.html"))
OURS = [p for p in (WEBUI / "static").glob("*.*") if p.suffix in {".js", ".css"}]


def test_vendored_files_are_registered_unchanged_and_licensed() -> None:
    told = {found[4]: found[5] for found in ROW.finditer(REGISTER)}
    there = {p.relative_to(VENDOR).as_posix() for p in VENDOR.glob("*/*") if p.name != "LICENSE"}

    assert told.keys() == there
    for name, digest in told.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name
        assert (VENDOR / name).with_name("LICENSE").is_file()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: p.name)
def test_templates_hold_no_inline_script_or_style(template: Path) -> None:
    text = template.read_text()

    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert not re.search(r"<style(?! nonce=\"{{ csp_nonce }}\">)", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "hx-on" not in text and "|safe" not in text


@pytest.mark.parametrize("file", [*TEMPLATES, *OURS], ids=lambda p: p.name)
def test_nothing_is_loaded_from_elsewhere(file: Path) -> None:
    assert not re.search(r"https?://|//[a-z0-9-]+\.[a-z]{2,}/", file.read_text())
    assert len(file.read_text().splitlines()) <= 350
