"""From the settings to a loaded recognizer: which model, where it lies, how it runs here."""

from pathlib import Path

from appliance.config import Speech
from appliance.errors import Misconfigured, NotFound
from appliance.facts.models import Plan
from models import plan as planning
from models.catalogue import DEMO, DEMO_DIR
from models.engine import Recognizer
from models.installed import Manifest, list_models, read_manifest


def find_model(speech: Speech, models_dir: Path) -> tuple[Path, Manifest]:
    """The directory and manifest of the model the settings ask for; not verified yet.

    ``auto`` takes the largest installed model that fits this machine, or the bundled demo model
    when none is installed. Raises Misconfigured when it is not installed.
    """
    if speech.model == DEMO:
        return DEMO_DIR, read_manifest(DEMO_DIR)
    installed = {manifest.card.id: manifest for manifest in list_models(models_dir)}
    if speech.model != "auto":
        return _asked_for(speech.model, models_dir)
    if not installed:
        return DEMO_DIR, read_manifest(DEMO_DIR)
    cards = [manifest.card for manifest in installed.values()]
    chosen = planning.choose_model(
        cards, planning.read_memory_mb(), speech.device == "cuda", speech.language
    )
    return _asked_for(chosen.id, models_dir)


def _asked_for(model_id: str, models_dir: Path) -> tuple[Path, Manifest]:
    try:
        return models_dir / model_id, read_manifest(models_dir / model_id)
    except NotFound:
        raise Misconfigured(
            f"the speech model {model_id} is not installed in {models_dir}; install it or set"
            " another one under [speech] model"
        ) from None


def plan_for(speech: Speech, models_dir: Path, workers: int = 1) -> Plan:
    """How the model runs on this machine, with the cores shared between ``workers``."""
    directory, manifest = find_model(speech, models_dir)
    threads = speech.threads or max(1, planning.count_cores() // workers)
    return planning.make_plan(
        manifest.card,
        directory,
        device=speech.device,
        compute_type=speech.compute_type,
        threads=threads,
    )


def load_recognizer(speech: Speech, models_dir: Path, workers: int = 1) -> Recognizer:
    """The recognizer of the settings, verified and in memory.

    Raises as ``find_model``, and Tampered when a file is not what was installed.
    """
    from models import whisper  # loads the engine, which only speech workers need

    directory, _ = find_model(speech, models_dir)
    plan = plan_for(speech, models_dir, workers)
    return whisper.load_recognizer(directory, plan, speech.beam)
