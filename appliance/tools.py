"""What a stage may use: settings, keys, the vault, the clock, phone systems and the recognizer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from appliance.config import Config
from appliance.db import Database, open_db
from appliance.guarding import Guarded
from appliance.kept import Kept
from appliance.keys import Keys
from appliance.phones import make_phone, means_of, open_phone, told_of
from appliance.reading.hearing import Sense
from appliance.store.connectors import ConnectorRow
from appliance.vault import Vault
from connectors.interface import Connector
from models.engine import Recognizer


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Tools:
    """Handed to every stage; tests hand in other clocks, recognizers and phone systems."""

    config: Config
    keys: Keys
    vault: Vault
    recognizer: Callable[[], Recognizer]
    now: Callable[[], datetime] = utc_now
    progress: Callable[[float], None] = field(default=lambda share: None)
    sense: Callable[[], Sense | None] = field(default=lambda: None)
    kept: Kept = field(default_factory=Kept)

    def open_db(self) -> Database:
        """A connection of one's own to the box's database."""
        return open_db(self.config.data / DATABASE, self.keys.database)

    def phone(self, db: Database, row: ConnectorRow) -> Connector:
        """The connector of a phone system's row, not connected yet, with its secrets and means.

        What its door refuses is noted, by way of ``db``.
        """
        return Guarded(open_phone(self.config, self.keys, db, row), db, row.id, self.now)

    @contextmanager
    def connected(self, db: Database, row: ConnectorRow) -> Iterator[Connector]:
        """The same, kept connected for the jobs of this worker that follow."""
        means = means_of(self.config, self.keys, db, row)
        with self.kept.using(row.id, told_of(row, means), lambda: make_phone(row, means)) as phone:
            yield Guarded(phone, db, row.id, self.now)


DATABASE = "petsvet.db"
MODELS = "models"


def make_tools(config: Config, keys: Keys) -> Tools:
    """The real tools; models are verified and loaded when the first call needs them."""
    loaded: list[Recognizer] = []

    def recognizer() -> Recognizer:
        if not loaded:
            from models.loading import load_recognizer  # only speech workers load an engine

            loaded.append(load_recognizer(config.speech, config.data / MODELS, config.lanes.speech))
        return loaded[0]

    def sense() -> Sense | None:
        from models.sense import load_sense  # 90 MB that only readers of calls need

        return load_sense()

    return Tools(
        config=config,
        keys=keys,
        vault=Vault(config.data, keys.recordings),
        recognizer=recognizer,
        sense=sense,
    )


def worker_environment(config: Config) -> dict[str, str]:
    """What must stand in the environment of a speech worker before it starts (models.plan)."""
    from models.loading import plan_for
    from models.plan import environment

    return environment(plan_for(config.speech, config.data / MODELS, config.lanes.speech))
