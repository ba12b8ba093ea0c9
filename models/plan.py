"""Where and how to run a speech model on this machine: proven by trying, never assumed."""

import math
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from appliance.errors import Misconfigured
from appliance.facts.models import ModelCard, Plan

_ROOT = Path(__file__).resolve().parent.parent
_PROBE_SECONDS = 120.0
_SHARE = 0.75  # of the memory that speech workers may fill; the rest is the system's and the web's
_GAIN = 0.9  # an instruction set is taken when it needs at most this share of the time
_CPU_BATCH, _CUDA_BATCH = 8, 16
# Telemetry of dependencies is on by default in places; each of these switches one of them off.
QUIET = {
    "PYANNOTE_METRICS_ENABLED": "0",
    "OTEL_SDK_DISABLED": "true",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "DO_NOT_TRACK": "1",
}
# Without these, glibc gives the encoder's large temporaries back to the kernel after each call:
# over a million page faults per six minutes of sound, a quarter of the time.
ALLOCATOR = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "17179869184",
}


class Tried(msgspec.Struct, frozen=True):
    """What the probe found: CUDA devices, best time in seconds (0 = it failed), sample outputs."""

    devices: int = 0
    seconds: float = 0.0
    fingerprint: tuple[float, ...] = ()


# (model directory, device, compute type, threads, extra environment) -> what happened
Probe = Callable[[Path, str, str, int, Mapping[str, str]], Tried]


def run_probe(
    directory: Path, device: str, compute_type: str, threads: int, extra: Mapping[str, str]
) -> Tried:
    """Try a device in a process of its own; a crash or a hang is a probe that failed."""
    command = [sys.executable, "-m", "models.probe", str(directory), device, compute_type]
    inherited = {key: value for key, value in os.environ.items() if key != "CT2_FORCE_CPU_ISA"}
    try:
        done = subprocess.run(
            [*command, str(threads)],
            cwd=_ROOT,
            env={**inherited, **QUIET, **ALLOCATOR, **extra},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
        return msgspec.json.decode(done.stdout or b"{}", type=Tried)
    except (OSError, subprocess.TimeoutExpired, msgspec.MsgspecError):
        return Tried()


def make_plan(
    card: ModelCard,
    directory: Path,
    *,
    device: str = "auto",
    compute_type: str = "auto",
    threads: int = 0,
    cores: int | None = None,
    memory_mb: int | None = None,
    probe: Probe = run_probe,
) -> Plan:
    """The plan for the model in ``directory``; "auto" and 0 mean: fitted to this machine.

    CUDA is planned only when a probe ran the model on it; otherwise the plan is for the CPU and
    ``warnings`` says why. Never raises for a device that does not work.
    """
    cores = cores or count_cores()
    memory_mb = memory_mb or read_memory_mb()
    warnings: tuple[str, ...] = ()
    if device != "cpu":
        wanted = "float16" if compute_type == "auto" else compute_type
        tried = probe(directory, "cuda", wanted, 1, {})
        if tried.seconds > 0:
            return Plan(device="cuda", compute_type=wanted, threads=1, workers=1, batch=_CUDA_BATCH)
        warnings = _why_not_cuda(device, tried.devices)
    wanted = "int8" if compute_type in ("auto", "float16", "int8_float16") else compute_type
    return _cpu_plan(card, wanted, threads, cores, memory_mb, warnings)


def choose_model(
    cards: Sequence[ModelCard], memory_mb: int, cuda: bool, language: str
) -> ModelCard:
    """The largest model of ``cards`` that fits: without CUDA up to ``small``, which keeps pace.

    ``language`` is a code or "auto" (then a multilingual one is preferred). Raises Misconfigured
    when none fits.
    """
    kind, most = ("float16", math.inf) if cuda else ("int8", 250.0)
    room = memory_mb * _SHARE
    fitting = [
        card
        for card in cards
        if card.memory_mb.get(kind, math.inf) <= room
        and card.parameters_m <= most
        and (language == "auto" or language in card.languages)
    ]
    if not fitting:
        raise Misconfigured("No installed speech model fits this machine and language.")
    return max(fitting, key=lambda card: (card.parameters_m, _suits(card, language)))


def prove_instruction_set(directory: Path, probe: Probe = run_probe) -> str:
    """ "AVX512" when a measured probe shows it faster with like results on this box, else ""."""
    if not _has_avx512():
        return ""
    usual = probe(directory, "cpu", "int8", 1, {})
    forced = probe(directory, "cpu", "int8", 1, {"CT2_FORCE_CPU_ISA": "AVX512"})
    if not usual.seconds or not forced.seconds or not _alike(usual, forced):
        return ""
    return "AVX512" if forced.seconds <= _GAIN * usual.seconds else ""


def environment(plan: Plan, instruction_set: str = "") -> dict[str, str]:
    """Variables a speech worker must be started with; they have no effect once it runs.

    ``instruction_set`` is what ``prove_instruction_set`` returned.
    """
    forced = {"CT2_FORCE_CPU_ISA": instruction_set} if instruction_set else {}
    return {**QUIET, **ALLOCATOR, **forced, "OMP_NUM_THREADS": str(plan.threads)}


def count_cores() -> int:
    """Processor cores this process may use."""
    return len(os.sched_getaffinity(0))


def read_memory_mb() -> int:
    """Memory of the machine in MB, or of the unit where systemd limits it."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        unit = Path("/proc/self/cgroup").read_text("utf-8").strip().rpartition("::")[2]
        limit = Path(f"/sys/fs/cgroup{unit}/memory.max").read_text("ascii").strip()
    except OSError:
        limit = "max"
    return (min(total, int(limit)) if limit.isdigit() else total) >> 20


def _cpu_plan(
    card: ModelCard,
    compute_type: str,
    threads: int,
    cores: int,
    memory_mb: int,
    warnings: tuple[str, ...],
) -> Plan:
    """One process per core with one thread each, as many as memory holds; spare cores are shared.

    Two workers of one thread do 1.45 to 1.7 times the work of one worker with two.
    """
    each = card.memory_mb.get(compute_type, card.memory_mb.get("float32", 1))
    fits = int(memory_mb * _SHARE) // max(1, each)
    if fits == 0:
        warnings += (f"The model {card.id} needs {each} MB; this machine may be too small for it.",)
    threads = min(threads, cores) if threads else max(1, cores // max(1, fits))
    workers = max(1, min(cores // threads, fits))
    return Plan(
        device="cpu",
        compute_type=compute_type,
        threads=threads,
        workers=workers,
        batch=_CPU_BATCH,
        warnings=warnings,
    )


def _why_not_cuda(wanted: str, devices: int) -> tuple[str, ...]:
    if devices:
        return ("A CUDA device is present but the model does not run on it; using the CPU.",)
    if wanted == "cuda":
        return ("No CUDA device was found; using the CPU.",)
    return ()


def _suits(card: ModelCard, language: str) -> bool:
    """Among equals the English model is better at English, the multilingual one at the rest."""
    return (len(card.languages) == 1) == (language == "en")


def _has_avx512() -> bool:
    try:
        flags = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return False
    return all(flag in flags for flag in ("avx512f", "avx512bw", "avx512dq", "avx512vl"))


def _alike(one: Tried, other: Tried) -> bool:
    """Outputs agree within what int8 rounding explains."""
    pairs = list(zip(one.fingerprint, other.fingerprint, strict=False))
    size = math.sqrt(sum(a * a for a, _ in pairs)) or 1.0
    return bool(pairs) and math.sqrt(sum((a - b) ** 2 for a, b in pairs)) <= 0.05 * size
