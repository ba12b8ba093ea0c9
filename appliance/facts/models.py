"""Speech models and how to run them on this machine."""

from appliance.facts import Fact


class ModelCard(Fact, frozen=True, kw_only=True):
    """One entry of the catalogue; ``memory_mb`` maps a compute type to its resident size.

    There are no checksums here: digests are recorded when a model is installed on this box.
    """

    id: str
    languages: tuple[str, ...]
    parameters_m: float
    license: str
    memory_mb: dict[str, int]
    repository: str = ""
    description: str = ""
    options: dict[str, str | int | float | bool] = {}


class Plan(Fact, frozen=True, kw_only=True):
    """Where and how to run: device (cpu, cuda), compute type, threads per worker, batch size."""

    device: str
    compute_type: str
    threads: int
    workers: int
    batch: int
    warnings: tuple[str, ...] = ()
