"""The plan says only what was proven on this machine, and never fails for a broken device."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from appliance.errors import Misconfigured, NotFound
from appliance.facts.models import Plan
from models import plan as planning
from models.catalogue import find_card, list_cards
from models.plan import Tried, choose_model, environment, make_plan, prove_instruction_set

SMALL = find_card("small.en")
HERE = Path()


def answering(*answers: Tried) -> tuple[planning.Probe, list[tuple[str, str]]]:
    """A probe that gives these answers in turn, and what it was asked."""
    asked: list[tuple[str, str]] = []

    def probe(
        directory: Path, device: str, compute_type: str, threads: int, extra: Mapping[str, str]
    ) -> Tried:
        asked.append((device, compute_type))
        return answers[len(asked) - 1]

    return probe, asked


def test_a_cuda_device_that_fails_its_probe_means_the_cpu_and_a_warning() -> None:
    probe, asked = answering(Tried(devices=1))
    found = make_plan(SMALL, HERE, cores=4, memory_mb=16_000, probe=probe)
    assert asked == [("cuda", "float16")]
    assert (found.device, found.compute_type) == ("cpu", "int8")
    assert "does not run" in found.warnings[0]


def test_a_cuda_device_that_works_is_used() -> None:
    probe, _ = answering(Tried(devices=1, seconds=0.1))
    found = make_plan(SMALL, HERE, cores=4, memory_mb=16_000, probe=probe)
    assert (found.device, found.compute_type, found.workers) == ("cuda", "float16", 1)
    assert found.warnings == ()


def test_a_machine_without_cuda_is_no_cause_for_a_warning_unless_it_was_asked_for() -> None:
    assert (
        make_plan(SMALL, HERE, cores=2, memory_mb=8_000, probe=answering(Tried())[0]).warnings == ()
    )
    asked = make_plan(SMALL, HERE, device="cuda", cores=2, memory_mb=8_000,
                      probe=answering(Tried())[0])  # fmt: skip
    assert asked.device == "cpu" and asked.warnings


def test_the_cpu_is_not_probed_for_cuda() -> None:
    probe, asked = answering()
    assert make_plan(SMALL, HERE, device="cpu", cores=1, memory_mb=8_000, probe=probe).workers == 1
    assert asked == []


@pytest.mark.parametrize(
    ("cores", "memory_mb", "workers", "threads"),
    [(4, 16_000, 4, 1), (8, 4_000, 2, 4), (2, 16_000, 2, 1), (4, 1_000, 1, 4), (1, 64_000, 1, 1)],
)
def test_one_process_per_core_as_far_as_memory_reaches(
    cores: int, memory_mb: int, workers: int, threads: int
) -> None:
    found = make_plan(SMALL, HERE, device="cpu", cores=cores, memory_mb=memory_mb)
    assert (found.workers, found.threads) == (workers, threads)
    assert bool(found.warnings) == (memory_mb == 1_000)


def test_threads_that_were_set_are_kept() -> None:
    found = make_plan(SMALL, HERE, device="cpu", threads=2, cores=4, memory_mb=16_000)
    assert (found.workers, found.threads) == (2, 2)


def test_a_probe_that_crashes_or_prints_rubbish_is_a_probe_that_failed(tmp_path: Path) -> None:
    assert planning.run_probe(tmp_path, "cpu", "int8", 1, {}) == Tried()
    assert planning.run_probe(tmp_path, "cuda", "float16", 1, {}).seconds == 0


def test_the_allocator_is_set_and_an_instruction_set_only_when_proven() -> None:
    found = Plan(device="cpu", compute_type="int8", threads=1, workers=2, batch=8)
    assert environment(found)["MALLOC_MMAP_MAX_"] == "0"
    assert "CT2_FORCE_CPU_ISA" not in environment(found)
    assert environment(found, "AVX512")["CT2_FORCE_CPU_ISA"] == "AVX512"


@pytest.mark.parametrize(
    ("forced", "proven"),
    [
        (Tried(seconds=0.5, fingerprint=(1.0, 2.0)), "AVX512"),
        (Tried(seconds=0.97, fingerprint=(1.0, 2.0)), ""),
        (Tried(seconds=0.5, fingerprint=(9.0, -2.0)), ""),
        (Tried(), ""),
    ],
    ids=["faster", "not faster", "other results", "crashed"],
)
def test_an_instruction_set_must_be_faster_and_right(
    monkeypatch: pytest.MonkeyPatch, forced: Tried, proven: str
) -> None:
    monkeypatch.setattr(planning, "_has_avx512", lambda: True)
    usual = Tried(seconds=1.0, fingerprint=(1.0, 2.01))
    assert prove_instruction_set(HERE, answering(usual, forced)[0]) == proven


def test_the_largest_model_that_fits_is_chosen() -> None:
    cards = [card for card in list_cards() if card.id != "demo"]
    assert choose_model(cards, 16_000, cuda=False, language="en").id == "small.en"
    assert choose_model(cards, 16_000, cuda=False, language="es").id == "small"
    assert choose_model(cards, 1_200, cuda=False, language="en").id == "base.en"
    assert choose_model(cards, 24_000, cuda=True, language="en").parameters_m == 1_550
    with pytest.raises(Misconfigured):
        choose_model(cards, 300, cuda=False, language="en")


def test_the_catalogue_knows_the_family_and_its_aliases() -> None:
    assert find_card("turbo").id == "large-v3-turbo"
    assert find_card("distil-small.en").languages == ("en",)
    assert "es" in find_card("small").languages
    with pytest.raises(NotFound):
        find_card("whisper-9000")
