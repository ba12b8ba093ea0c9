"""A model is what was installed, byte for byte, or it is not loaded."""

import os
from pathlib import Path

import pytest

from appliance.errors import Misconfigured, NotFound, Refused, Tampered
from appliance.facts.models import ModelCard
from models.installed import install_model, list_models, remove_model, seal_model, verify_model

CARD = ModelCard(
    id="tiny", languages=("en",), parameters_m=39, license="MIT", memory_mb={"int8": 600}
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    directory = tmp_path / "source"
    directory.mkdir()
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.json"):
        (directory / name).write_bytes(name.encode() * 100)
    return directory


@pytest.fixture
def installed(source: Path, tmp_path: Path) -> Path:
    install_model(source, tmp_path / "models", CARD)
    return tmp_path / "models" / "tiny"


def test_an_installed_model_is_verified_and_listed(installed: Path) -> None:
    manifest = verify_model(installed)
    assert manifest.card == CARD and len(manifest.checksum) == 64
    assert {*manifest.files, "manifest.json"} == {p.name for p in installed.iterdir()}
    assert list_models(installed.parent) == [manifest]
    assert not list(installed.parent.glob(".*"))


def test_one_flipped_bit_is_found_and_the_file_named(installed: Path) -> None:
    data = bytearray((installed / "model.bin").read_bytes())
    data[500] ^= 1
    (installed / "model.bin").write_bytes(data)
    with pytest.raises(Tampered, match=r"model\.bin"):
        verify_model(installed)


def test_a_missing_file_and_an_added_one_are_found(installed: Path) -> None:
    (installed / "config.json").rename(installed.parent / "config.json")
    with pytest.raises(Tampered, match=r"config\.json is missing"):
        verify_model(installed)
    (installed.parent / "config.json").rename(installed / "config.json")
    (installed / ".extra.py").write_bytes(b"x")
    with pytest.raises(Tampered, match=r"extra\.py was added"):
        verify_model(installed)


def test_a_link_to_the_same_bytes_is_not_the_file(installed: Path, source: Path) -> None:
    (installed / "model.bin").unlink()
    (installed / "model.bin").symlink_to(source / "model.bin")
    with pytest.raises(Tampered, match=r"model\.bin"):
        verify_model(installed)


def test_a_broken_manifest_is_tampering_and_none_is_no_model(installed: Path) -> None:
    (installed / "manifest.json").write_text("{}")
    with pytest.raises(Tampered):
        verify_model(installed)
    (installed / "manifest.json").unlink()
    with pytest.raises(NotFound):
        verify_model(installed)


@pytest.mark.parametrize("name", ["pytorch_model.pt", "weights.CKPT", "run.pkl"])
def test_a_file_that_runs_code_when_loaded_is_refused(source: Path, name: str) -> None:
    (source / name).write_bytes(b"x")
    with pytest.raises(Refused, match=name):
        install_model(source, source.parent / "models", CARD)
    assert not (source.parent / "models").exists()


def test_links_and_folders_are_refused(source: Path) -> None:
    (source / "folder").mkdir()
    with pytest.raises(Refused, match="folder"):
        install_model(source, source.parent / "models", CARD)
    (source / "folder").rmdir()
    (source / "passwd").symlink_to("/etc/passwd")
    with pytest.raises(Refused, match="passwd"):
        install_model(source, source.parent / "models", CARD)


def test_an_incomplete_model_leaves_nothing_behind(source: Path) -> None:
    (source / "model.bin").unlink()
    with pytest.raises(Misconfigured, match=r"model\.bin"):
        install_model(source, source.parent / "models", CARD)
    assert list_models(source.parent / "models") == []


def test_a_copy_that_fails_midway_leaves_the_old_model(
    installed: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = verify_model(installed)
    (source / "model.bin").write_bytes(b"new")

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        install_model(source, installed.parent, CARD)
    monkeypatch.undo()
    assert verify_model(installed) == before
    assert [p.name for p in installed.parent.iterdir()] == ["tiny"]


def test_a_model_is_replaced_as_a_whole_and_removed(installed: Path, source: Path) -> None:
    (source / "model.bin").write_bytes(b"new")
    (source / "vocabulary.json").unlink()
    install_model(source, installed.parent, CARD)
    assert "vocabulary.json" not in verify_model(installed).files
    remove_model(installed.parent, "tiny")
    assert not list(installed.parent.iterdir())
    with pytest.raises(NotFound):
        remove_model(installed.parent, "tiny")


@pytest.mark.parametrize("bad", ["../x", "", ".hidden", "a/b"])
def test_an_id_is_not_a_path(source: Path, bad: str) -> None:
    with pytest.raises(Refused):
        remove_model(source.parent, bad)


def test_a_directory_is_sealed_in_place(source: Path) -> None:
    assert seal_model(source, CARD) == verify_model(source)
