"""The models on this box: copied in once, their digests recorded, verified before every load."""

import hashlib
import os
import secrets
import shutil
from pathlib import Path

import msgspec

from appliance.errors import Misconfigured, NotFound, Refused, Tampered
from appliance.facts import Fact
from appliance.facts.models import ModelCard

MANIFEST = "manifest.json"
_NEEDED = ("model.bin", "config.json", "tokenizer.json")
_PICKLES = (".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".npy", ".joblib")
_CHUNK = 1 << 20


class Manifest(Fact, frozen=True, kw_only=True):
    """What was installed: the card, and the sha256 (hex) of each file by its name."""

    card: ModelCard
    files: dict[str, str]

    @property
    def checksum(self) -> str:
        """One sha256 over all files and names, for the provenance of transcripts."""
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(self.files.items()))
        return hashlib.sha256(lines.encode()).hexdigest()


def install_model(source_dir: Path, models_dir: Path, card: ModelCard) -> Manifest:
    """Copy a model into ``models_dir/<card.id>`` and record its digests; all or nothing.

    Raises Misconfigured when a needed file is missing, Refused for pickles, links and folders:
    loading such a file could run code.
    """
    names = _check_source(source_dir)
    models_dir.mkdir(parents=True, exist_ok=True)
    incoming = models_dir / f".incoming-{secrets.token_hex(8)}"
    incoming.mkdir(mode=0o755)
    try:
        for name in names:
            _copy_file(source_dir / name, incoming / name)
        manifest = seal_model(incoming, card)
        _swap_in(incoming, models_dir / _safe_id(card.id))
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    _sync_dir(models_dir)
    return manifest


def seal_model(directory: Path, card: ModelCard) -> Manifest:
    """Record the digests of a directory's files in its manifest (written last, by rename)."""
    files = {path.name: _digest(path) for path in sorted(directory.iterdir()) if _counts(path)}
    manifest = Manifest(card=card, files=files)
    scratch = directory / f".{MANIFEST}.new"
    with scratch.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    scratch.rename(directory / MANIFEST)
    _sync_dir(directory)
    return manifest


def verify_model(directory: Path) -> Manifest:
    """Read every file and compare it with the manifest; call it before every load.

    Raises NotFound when there is no model, Tampered naming the file that changed, is missing or
    was added.
    """
    manifest = read_manifest(directory)
    present = {path.name for path in directory.iterdir()} - {MANIFEST}
    for name in sorted(present ^ manifest.files.keys()):
        what = "was added to" if name in present else "is missing from"
        raise Tampered(f"{name} {what} the speech model {directory.name}; install it again.")
    for name, digest in manifest.files.items():
        path = directory / name
        if path.is_symlink() or not path.is_file() or _digest(path) != digest:
            raise Tampered(f"{name} of the speech model {directory.name} changed; install again.")
    return manifest


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a model directory, unverified; raises NotFound or Tampered."""
    try:
        return msgspec.json.decode((directory / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise NotFound(f"No speech model is installed as {directory.name}.") from None
    except msgspec.MsgspecError as error:
        raise Tampered(f"The manifest of the speech model {directory.name} is broken.") from error


def list_models(models_dir: Path) -> list[Manifest]:
    """The models installed on this box by id, unverified; empty when there is no directory."""
    if not models_dir.is_dir():
        return []
    found = sorted(path.parent for path in models_dir.glob(f"[!.]*/{MANIFEST}"))
    return [read_manifest(directory) for directory in found]


def remove_model(models_dir: Path, model_id: str) -> None:
    """Delete an installed model; raises NotFound when there is none."""
    directory = models_dir / _safe_id(model_id)
    if not directory.is_dir():
        raise NotFound(f"No speech model is installed as {model_id}.")
    retired = models_dir / f".retired-{secrets.token_hex(8)}"
    directory.rename(retired)
    shutil.rmtree(retired)
    _sync_dir(models_dir)


def _check_source(source_dir: Path) -> list[str]:
    if not source_dir.is_dir():
        raise NotFound(f"There is no directory {source_dir.name} to install a model from.")
    paths = [path for path in source_dir.iterdir() if path.name != MANIFEST]
    for path in paths:
        if path.is_symlink() or not path.is_file():
            raise Refused(f"{path.name} is not a plain file; a model directory holds only files.")
        if path.suffix.lower() in _PICKLES:
            raise Refused(f"{path.name} can run code when loaded; install a CTranslate2 model.")
    names = [path.name for path in paths if _counts(path)]
    for name in _NEEDED:
        if name not in names:
            raise Misconfigured(f"{name} is missing; this is no CTranslate2 Whisper model.")
    return names


def _counts(path: Path) -> bool:
    return path.name != MANIFEST and not path.name.startswith(".")


def _safe_id(model_id: str) -> str:
    if not model_id or model_id.startswith(".") or "/" in model_id:
        raise Refused("A model id is a plain name without slashes.")
    return model_id


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb") as read, target.open("xb") as write:
        shutil.copyfileobj(read, write, _CHUNK)
        write.flush()
        os.fsync(write.fileno())
    target.chmod(0o644)


def _swap_in(incoming: Path, target: Path) -> None:
    retired = target.with_name(f".retired-{secrets.token_hex(8)}")
    if target.exists():
        target.rename(retired)
    incoming.rename(target)
    shutil.rmtree(retired, ignore_errors=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_dir(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
