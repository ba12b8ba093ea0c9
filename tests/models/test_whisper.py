"""The real engine hears nothing where nobody speaks, and puts words where they were said."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from faster_whisper.tokenizer import Tokenizer

from appliance.errors import Misconfigured, Tampered
from appliance.facts.models import ModelCard, Plan
from models import whisper
from models.catalogue import DEMO_DIR
from models.guards import Said
from models.hotwords import join_hotwords
from models.installed import MANIFEST, install_model
from models.plan import run_probe
from models.turns import Heard
from models.vad import speech_spans
from models.whisper import WhisperRecognizer, load_recognizer
from tests.models import sounds, tiny_whisper

PLAN = Plan(device="cpu", compute_type="int8", threads=1, workers=1, batch=4)
# A random model is sure of nothing: only voice activity detection stands between it and the page.
BLIND = {"no_speech_threshold": 1.0, "log_prob_threshold": -1e9, "compression_ratio_threshold": 1e9}
CARD = ModelCard(
    id="babble",
    languages=("en",),
    parameters_m=0.3,
    license="none",
    memory_mb={"int8": 100},
    options={**BLIND, "beam_size": 1},
)
needs_demo = pytest.mark.skipif(
    not (DEMO_DIR / MANIFEST).is_file(), reason="needs the demo weights and their manifest"
)


@pytest.fixture(scope="module")
def babble_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("babble")
    install_model(tiny_whisper.build(base / "source"), base / "models", CARD)
    return base / "models" / "babble"


@pytest.fixture(scope="module")
def babble(babble_dir: Path) -> WhisperRecognizer:
    return load_recognizer(babble_dir, PLAN)


@pytest.fixture(scope="module")
def demo() -> WhisperRecognizer:
    return load_recognizer(DEMO_DIR, PLAN)


def wordless_channels() -> np.ndarray:
    return np.stack(list(sounds.wordless(12).values()))


def test_a_model_that_babbles_says_nothing_over_tones_music_and_noise(
    babble: WhisperRecognizer,
) -> None:
    assert babble.recognize(wordless_channels(), language="en") == []


def test_it_is_voice_detection_that_keeps_it_silent(
    babble: WhisperRecognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whisper, "speech_spans", lambda pcm, pad_ms: [(0, 10_000)])
    assert babble.recognize(sounds.wordless(12)["hold music"][None], language="en")


@needs_demo
def test_the_demo_model_says_nothing_over_tones_music_and_noise(demo: WhisperRecognizer) -> None:
    assert demo.recognize(wordless_channels(), language="en") == []


@needs_demo
def test_the_demo_model_reads_a_demo_call(demo: WhisperRecognizer) -> None:
    found = demo.recognize(sounds.demo_call(), language="en")
    assert {s.channel for s in found} == {0, 1}
    assert sum(len(s.words) for s in found) > 20


def test_babble_over_speech_lies_on_the_speech_of_its_channel(babble: WhisperRecognizer) -> None:
    pcm = sounds.demo_call()
    told: list[float] = []
    found = babble.recognize(pcm, language="en", progress=told.append)
    assert found and [s.index for s in found] == list(range(len(found)))
    assert [s.start_ms for s in found] == sorted(s.start_ms for s in found)
    assert told == sorted(told) and told[-1] == 1.0
    for segment in found:
        assert segment.speaker == "unknown" and segment.text
        spans = speech_spans(pcm[segment.channel])
        for word in segment.words:
            assert 0 <= word.start_ms <= word.end_ms and 0 <= word.confidence <= 1
            assert any(a - 500 <= word.start_ms and word.end_ms <= b + 500 for a, b in spans)


@pytest.mark.parametrize(("fitted", "longest"), [(False, 3000), (True, 400)])
def test_a_fitted_model_is_not_fed_the_silence_after_its_windows(
    babble_dir: Path, monkeypatch: pytest.MonkeyPatch, fitted: bool, longest: int
) -> None:
    model = load_recognizer(babble_dir, PLAN)
    options = msgspec.structs.replace(model._options, fitted=fitted, window_s=3.4)
    model = WhisperRecognizer(model._model, CARD, PLAN, "", options)
    frames: list[int] = []
    encode = model._model.encode
    monkeypatch.setattr(model._model, "encode", lambda f: frames.append(f.shape[-1]) or encode(f))
    assert model.recognize(sounds.demo_call(), language="en")
    assert max(frames) == longest


def test_the_same_call_gives_the_same_transcript(babble: WhisperRecognizer) -> None:
    pcm = sounds.demo_call()
    assert babble.recognize(pcm, language="en") == babble.recognize(pcm, language="en")


def test_a_mono_mix_stored_as_stereo_is_read_once(babble: WhisperRecognizer) -> None:
    row = sounds.demo_call()[1]
    doubled = babble.recognize(np.stack([row, row]), language="en")
    assert doubled == babble.recognize(row[None], language="en")


def test_guards_throw_babble_away(babble_dir: Path, tmp_path: Path) -> None:
    strict = msgspec.structs.replace(CARD, id="strict", options={"beam_size": 1})
    install_model(babble_dir, tmp_path / "models", strict)
    model = load_recognizer(tmp_path / "models" / "strict", PLAN)
    assert model.recognize(sounds.demo_call()[:, : 10 * 16_000], language="en") == []


def test_windows_one_by_one_work_as_well_as_batches(babble_dir: Path, tmp_path: Path) -> None:
    options = {**CARD.options, "batched": False}
    card = msgspec.structs.replace(CARD, id="single", options=options)
    install_model(babble_dir, tmp_path / "models", card)
    model = load_recognizer(tmp_path / "models" / "single", PLAN)
    assert model.recognize(sounds.demo_call()[:, : 10 * 16_000], language="en")


def test_hotwords_stand_before_what_is_written(
    babble: WhisperRecognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts: list[list[int]] = []
    make = babble._model.get_prompt
    monkeypatch.setattr(
        babble._model, "get_prompt", lambda *a, **k: prompts.append(make(*a, **k)) or prompts[-1]
    )
    pcm = sounds.demo_call()[:, : 10 * 16_000]
    without = babble.recognize(pcm, language="en")
    plain, told = prompts[0], len(prompts)
    heard = babble.recognize(pcm, language="en", hotwords="Bravecto, Dr. Alvarez")
    words = babble._model.hf_tokenizer.encode(" Bravecto, Dr. Alvarez", add_special_tokens=False)
    assert prompts[told][1:] == [*words.ids, *plain]
    assert heard != without  # a random model goes another way with other words before


def test_as_many_hotwords_fit_as_the_library_does_not_cut(
    babble: WhisperRecognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = [f"Dr. Alvarez {number}" for number in range(250)]
    fitting = babble.fit_hotwords(terms)
    assert 0 < fitting < len(terms)
    prompt = babble._model.get_prompt
    for count, whole in ((fitting, True), (fitting + 1, False)):
        text = join_hotwords(terms[:count])
        ids = babble._model.hf_tokenizer.encode(f" {text}", add_special_tokens=False).ids
        tokenizer = _tokenizer(babble)
        assert (prompt(tokenizer, [], hotwords=text)[1 : len(ids) + 1] == ids) is whole
    assert babble.fit_hotwords([]) == 0
    assert babble.fit_hotwords(["Bravecto"]) == 1


def _tokenizer(model: WhisperRecognizer) -> Tokenizer:
    return Tokenizer(model._model.hf_tokenizer, multilingual=False)


def test_a_list_of_hotwords_recited_over_noise_is_heard_again_without_them(
    babble: WhisperRecognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str | None] = []
    hot = "Bravecto, Dr. Alvarez, Apoquel, Rimadyl"

    def hear(sounds: list[np.ndarray], language: str, hotwords: str | None) -> list[list[Said]]:
        told.append(hotwords)
        words = (Heard(0, 900, "bravecto dr alvarez apoquel", 0.9),) if hotwords else ()
        return [[Said("Bravecto, Dr. Alvarez, Apoquel.", -0.1, 0.0, words)] if words else []
                for _ in sounds]  # fmt: skip

    monkeypatch.setattr(babble, "_hear", hear)
    pcm = sounds.demo_call()[:, : 10 * 16_000]
    assert babble.recognize(pcm, language="en", hotwords=hot) == []
    assert set(told) == {hot, None}


def test_what_looks_invented_is_heard_again_without_hotwords(
    babble_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = msgspec.structs.replace(CARD, id="strict", options={"beam_size": 1})
    install_model(babble_dir, tmp_path / "models", strict)
    model = load_recognizer(tmp_path / "models" / "strict", PLAN)
    told: list[str | None] = []
    alone = model._hear_alone

    def hear_alone(
        sound: np.ndarray, language: str, hot: str | None, heat: tuple[float, ...]
    ) -> list[Said]:
        told.append(hot)
        return alone(sound, language, hot, heat)

    monkeypatch.setattr(model, "_hear_alone", hear_alone)
    model.recognize(
        sounds.demo_call()[:, : 6 * 16_000], language="en", hotwords="Bravecto, Apoquel"
    )
    assert told
    assert set(told) == {None}


@needs_demo
def test_the_demo_model_is_spared_hotwords_that_it_cannot_bear(demo: WhisperRecognizer) -> None:
    pcm = sounds.demo_call()[:, : 10 * 16_000]
    assert demo.fit_hotwords(["Bravecto", "Apoquel"]) == 0
    plain = demo.recognize(pcm, language="en")
    assert plain
    assert demo.recognize(pcm, language="en", hotwords="Bravecto, Apoquel") == plain


def test_a_language_the_model_does_not_know_is_refused(babble: WhisperRecognizer) -> None:
    with pytest.raises(Misconfigured, match="fr"):
        babble.recognize(sounds.demo_call(), language="fr")


def test_auto_means_the_only_language_there_is(babble: WhisperRecognizer) -> None:
    pcm = sounds.demo_call()[:, : 10 * 16_000]
    assert babble.recognize(pcm, language="auto") == babble.recognize(pcm, language="en")


def test_the_provenance_names_the_model_and_its_checksum(babble: WhisperRecognizer) -> None:
    told = babble.provenance
    assert (told.engine, told.model) == ("faster-whisper", "babble")
    assert len(told.checksum) == 64 and told.options["compute_type"] == "int8"
    assert "ctranslate2" in told.software


def test_a_model_is_verified_before_it_is_loaded(babble_dir: Path, tmp_path: Path) -> None:
    install_model(babble_dir, tmp_path / "models", CARD)
    weights = tmp_path / "models" / "babble" / "model.bin"
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 1
    weights.write_bytes(data)
    with pytest.raises(Tampered, match=r"model\.bin"):
        load_recognizer(tmp_path / "models" / "babble", PLAN)


def test_a_model_that_does_not_load_is_a_matter_of_settings(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (source / name).write_text("{}")
    install_model(source, tmp_path / "models", CARD)
    with pytest.raises(Misconfigured, match="babble"):
        load_recognizer(tmp_path / "models" / "babble", PLAN)


def test_a_cuda_device_that_fails_at_loading_is_replaced_by_the_cpu(babble_dir: Path) -> None:
    if run_probe(babble_dir, "cuda", "float16", 1, {}).seconds:
        pytest.skip("this machine has a working CUDA device")
    model = load_recognizer(babble_dir, msgspec.structs.replace(PLAN, device="cuda"))
    assert model.plan.device == "cpu" and "CUDA" in model.plan.warnings[0]
    assert model.provenance.options["device"] == "cpu"


def test_the_probe_runs_a_model_on_the_cpu(babble_dir: Path) -> None:
    tried = run_probe(babble_dir, "cpu", "int8", 1, {})
    assert tried.seconds > 0 and tried.fingerprint
