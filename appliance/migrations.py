"""The schema, as an append-only list of small steps in plain SQL.

Tables are STRICT; moments are INTEGER milliseconds since 1970 UTC; structured values are JSON text.
sqlite-utils' ``transform()`` and ``enable_fts()`` are never used: the first drops the triggers that
keep the search index true, the second leaves erased words in it.
"""

from appliance.db import Database, execute, row, value, writing
from appliance.errors import Misconfigured

MIGRATIONS: tuple[tuple[str, str], ...] = (
    (
        "calls and recordings",
        """
        CREATE TABLE connector (
          id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice: its secrets are bound to it
          name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
          settings TEXT NOT NULL, checkpoint TEXT NOT NULL DEFAULT '{}',
          enabled INTEGER NOT NULL DEFAULT 1, problem TEXT NOT NULL DEFAULT '',
          failing_since INTEGER, seen_at INTEGER, created_at INTEGER NOT NULL,
          draft INTEGER NOT NULL DEFAULT 0, secrets BLOB NOT NULL DEFAULT x'',
          secrets_set TEXT NOT NULL DEFAULT '{}',
          allowed TEXT NOT NULL DEFAULT '[]', rules TEXT NOT NULL DEFAULT '[]',
          tested TEXT NOT NULL DEFAULT '', tested_at INTEGER,
          backfill TEXT NOT NULL DEFAULT '', left_out INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE left_out ( -- calls a rule keeps away: known only by a hash, for a month
          connector_id INTEGER NOT NULL REFERENCES connector(id) ON DELETE CASCADE,
          hash BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (connector_id, hash)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE backlog ( -- calls of an earlier time, found and not yet received
          id INTEGER PRIMARY KEY,
          connector_id INTEGER NOT NULL REFERENCES connector(id) ON DELETE CASCADE,
          native_key TEXT NOT NULL, started_at INTEGER NOT NULL, body TEXT NOT NULL,
          UNIQUE (connector_id, native_key)
        ) STRICT;
        CREATE INDEX backlog_by_start ON backlog (connector_id, started_at DESC);
        CREATE TABLE alarm (
          id INTEGER PRIMARY KEY,
          connector_id INTEGER NOT NULL REFERENCES connector(id) ON DELETE CASCADE,
          code TEXT NOT NULL, sentence TEXT NOT NULL, advice TEXT NOT NULL,
          since INTEGER NOT NULL, raised_at INTEGER NOT NULL, cleared_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX alarm_open ON alarm (connector_id, code) WHERE cleared_at IS NULL;
        CREATE TABLE pushed (
          id INTEGER PRIMARY KEY AUTOINCREMENT, -- a connector's place in the stream; never used twice
          connector_id INTEGER NOT NULL REFERENCES connector(id) ON DELETE CASCADE,
          at INTEGER NOT NULL, data BLOB NOT NULL
        ) STRICT;
        CREATE INDEX pushed_by_connector ON pushed (connector_id, id);
        CREATE TABLE call (
          id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE,
          connector TEXT NOT NULL, native_key TEXT NOT NULL,
          started_at INTEGER NOT NULL, duration_ms INTEGER NOT NULL, talk_ms INTEGER NOT NULL,
          ring_ms INTEGER, direction TEXT NOT NULL, answer_state TEXT NOT NULL,
          caller_number TEXT NOT NULL, caller_name TEXT NOT NULL, dialed TEXT NOT NULL,
          outside_key TEXT NOT NULL DEFAULT '', -- last ten digits of the number outside the house
          staff_extension TEXT NOT NULL, queue TEXT NOT NULL, after_hours INTEGER,
          metadata_level TEXT NOT NULL, warnings TEXT NOT NULL DEFAULT '[]',
          rule TEXT NOT NULL DEFAULT '', -- not_analyzed: kept, but nobody listens
          state TEXT NOT NULL, duplicate_of INTEGER REFERENCES call(id) ON DELETE CASCADE,
          found_at INTEGER NOT NULL, ready_at INTEGER,
          UNIQUE (connector, native_key)
        ) STRICT;
        CREATE INDEX call_by_start ON call (started_at DESC, id DESC) WHERE duplicate_of IS NULL;
        CREATE INDEX call_by_staff ON call (staff_extension, started_at DESC);
        CREATE INDEX call_by_outside
          ON call (outside_key, started_at, answer_state, direction, duplicate_of)
          WHERE outside_key <> '';
        CREATE INDEX call_by_connector ON call (connector, started_at);
        CREATE INDEX call_by_duplicate ON call (duplicate_of) WHERE duplicate_of IS NOT NULL;
        CREATE INDEX call_missed ON call (started_at DESC, id DESC)
          WHERE duplicate_of IS NULL AND direction = 'in' AND answer_state <> 'answered';
        CREATE INDEX call_by_state ON call (state) WHERE state <> 'ready';
        CREATE TABLE recording (
          id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE,
          call_id INTEGER NOT NULL REFERENCES call(id) ON DELETE CASCADE,
          leg INTEGER NOT NULL, locator TEXT NOT NULL, name TEXT NOT NULL,
          size INTEGER NOT NULL, modified_ns INTEGER NOT NULL,
          container_hint TEXT NOT NULL, rate_hint INTEGER NOT NULL, channels_hint INTEGER NOT NULL,
          channel_map TEXT, digest TEXT NOT NULL DEFAULT '',
          file TEXT NOT NULL DEFAULT '', wrapped_key BLOB NOT NULL DEFAULT x'',
          codec TEXT NOT NULL DEFAULT '', rate INTEGER NOT NULL DEFAULT 0,
          channels INTEGER NOT NULL DEFAULT 0, duration_ms INTEGER NOT NULL DEFAULT 0,
          playable_file TEXT NOT NULL DEFAULT '', playable_type TEXT NOT NULL DEFAULT '',
          peaks BLOB, problem TEXT NOT NULL DEFAULT '',
          UNIQUE (call_id, leg)
        ) STRICT;
        CREATE INDEX recording_by_digest ON recording (digest) WHERE digest <> '';
        CREATE TABLE staff (
          extension TEXT PRIMARY KEY, name TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        """,
    ),
    (
        "transcripts, search and analyses",
        """
        CREATE TABLE transcript (
          call_id INTEGER PRIMARY KEY REFERENCES call(id) ON DELETE CASCADE,
          language TEXT NOT NULL, duration_ms INTEGER NOT NULL, provenance TEXT NOT NULL,
          created_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE segment (
          id INTEGER PRIMARY KEY,
          call_id INTEGER NOT NULL REFERENCES call(id) ON DELETE CASCADE,
          idx INTEGER NOT NULL, speaker TEXT NOT NULL, speaker_why TEXT NOT NULL,
          channel INTEGER NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL,
          confidence REAL NOT NULL, text TEXT NOT NULL, words TEXT NOT NULL,
          UNIQUE (call_id, idx)
        ) STRICT;
        CREATE VIRTUAL TABLE segment_fts USING fts5(
          text, content='segment', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
        );
        INSERT INTO segment_fts(segment_fts, rank) VALUES ('secure-delete', 1);
        CREATE TRIGGER segment_inserted AFTER INSERT ON segment BEGIN
          INSERT INTO segment_fts(rowid, text) VALUES (new.id, new.text);
        END;
        CREATE TRIGGER segment_deleted AFTER DELETE ON segment BEGIN
          INSERT INTO segment_fts(segment_fts, rowid, text) VALUES ('delete', old.id, old.text);
        END;
        CREATE TRIGGER segment_text_updated AFTER UPDATE OF id, text ON segment BEGIN
          INSERT INTO segment_fts(segment_fts, rowid, text) VALUES ('delete', old.id, old.text);
          INSERT INTO segment_fts(rowid, text) VALUES (new.id, new.text);
        END;
        CREATE TABLE analysis (
          call_id INTEGER PRIMARY KEY REFERENCES call(id) ON DELETE CASCADE,
          body TEXT NOT NULL, provenance TEXT NOT NULL, created_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE card (
          call_id INTEGER PRIMARY KEY REFERENCES call(id) ON DELETE CASCADE,
          started_at INTEGER NOT NULL, staff_extension TEXT NOT NULL,
          intent TEXT NOT NULL, outcome TEXT NOT NULL, urgency TEXT NOT NULL,
          turnaway_kind TEXT NOT NULL, turnaway_reason TEXT NOT NULL,
          staff_name TEXT NOT NULL, first_words TEXT NOT NULL
        ) STRICT;
        CREATE INDEX card_by_intent ON card (intent, started_at DESC, call_id DESC);
        CREATE INDEX card_by_outcome ON card (outcome, started_at DESC, call_id DESC);
        CREATE INDEX card_by_turnaway ON card (turnaway_reason, started_at DESC, call_id DESC);
        CREATE INDEX card_by_kind ON card (turnaway_kind, started_at DESC, call_id DESC);
        CREATE INDEX card_by_staff ON card (staff_extension, started_at DESC, call_id DESC);
        """,
    ),
    (
        "jobs",
        """
        CREATE TABLE job (
          id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice: half of the fence
          kind TEXT NOT NULL, subject INTEGER NOT NULL, lane TEXT NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'parked', 'done')),
          attempt INTEGER NOT NULL DEFAULT 0, forgiven INTEGER NOT NULL DEFAULT 0,
          run_after INTEGER NOT NULL,
          lease_until INTEGER NOT NULL DEFAULT 0, worker TEXT NOT NULL DEFAULT '',
          progress REAL NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '',
          options TEXT NOT NULL DEFAULT '{}', created_at INTEGER NOT NULL,
          started_at INTEGER, finished_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX job_open ON job (kind, subject) WHERE state <> 'done';
        CREATE INDEX job_next ON job (lane, run_after, id) WHERE state IN ('waiting', 'running');
        CREATE INDEX job_running ON job (lane) WHERE state = 'running';
        CREATE INDEX job_parked ON job (subject, kind) WHERE state = 'parked';
        CREATE INDEX job_done ON job (finished_at) WHERE state = 'done';
        """,
    ),
    (
        "people and the audit log",
        """
        CREATE TABLE user (
          id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE,
          role TEXT NOT NULL, staff_extension TEXT NOT NULL DEFAULT '',
          password_hash TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0,
          created_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE session (
          id_hash TEXT PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
          csrf TEXT NOT NULL, address TEXT NOT NULL,
          created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE sign_in_failure (
          who TEXT NOT NULL, failed_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX sign_in_failure_by_who ON sign_in_failure (who, failed_at);
        CREATE TABLE audit (
          seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, role TEXT NOT NULL,
          action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL,
          prev BLOB NOT NULL, hash BLOB NOT NULL
        ) STRICT;
        CREATE TRIGGER audit_is_not_updated BEFORE UPDATE ON audit BEGIN
          SELECT RAISE(ABORT, 'the audit log is append-only');
        END;
        CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN
          SELECT RAISE(ABORT, 'the audit log is append-only');
        END;
        """,
    ),
    (
        "flags of calls, and what people said of them",
        """
        ALTER TABLE card ADD COLUMN caller_relation TEXT NOT NULL DEFAULT '';
        ALTER TABLE card ADD COLUMN sentiment_start TEXT NOT NULL DEFAULT '';
        ALTER TABLE card ADD COLUMN sentiment_end TEXT NOT NULL DEFAULT '';
        ALTER TABLE card ADD COLUMN disclosure TEXT NOT NULL DEFAULT '';
        ALTER TABLE card ADD COLUMN species TEXT NOT NULL DEFAULT '';
        -- day and hour on the clinic's wall clock
        ALTER TABLE card ADD COLUMN local_day TEXT NOT NULL DEFAULT '';
        ALTER TABLE card ADD COLUMN local_hour INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX card_by_day ON card (local_day, local_hour);
        CREATE TABLE flag ( -- what software says of a call that a person may judge
          call_id INTEGER NOT NULL REFERENCES call(id) ON DELETE CASCADE,
          name TEXT NOT NULL, value TEXT NOT NULL,
          first_segment INTEGER, last_segment INTEGER,
          started_at INTEGER NOT NULL, staff_name TEXT NOT NULL, staff_extension TEXT NOT NULL,
          PRIMARY KEY (call_id, name)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX flag_by_name ON flag (name, value, started_at DESC, call_id DESC);
        CREATE INDEX flag_by_staff ON flag (staff_name, started_at, name, value);
        CREATE TABLE review ( -- never rewritten: a new verdict puts the one before aside
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          call_id INTEGER NOT NULL REFERENCES call(id) ON DELETE CASCADE,
          name TEXT NOT NULL, suggested TEXT NOT NULL,
          verdict TEXT NOT NULL CHECK (verdict IN ('confirmed', 'corrected', 'rejected')),
          value TEXT NOT NULL, reason TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL,
          software TEXT NOT NULL, superseded INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE UNIQUE INDEX review_current ON review (call_id, name) WHERE superseded = 0;
        CREATE INDEX review_by_name ON review (name, at) WHERE superseded = 0;
        """,
    ),
    (
        "second opinions",
        """
        CREATE TABLE opinion (
          call_id INTEGER PRIMARY KEY REFERENCES call(id) ON DELETE CASCADE,
          body TEXT NOT NULL, digest TEXT NOT NULL, created_at INTEGER NOT NULL
        ) STRICT;
        -- both readings label by label, for the list of calls that differ and for counting
        CREATE TABLE opinion_label (
          call_id INTEGER NOT NULL REFERENCES call(id) ON DELETE CASCADE,
          label TEXT NOT NULL, ours TEXT NOT NULL, theirs TEXT NOT NULL,
          differs INTEGER NOT NULL,
          PRIMARY KEY (call_id, label)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX opinion_label_by_code ON opinion_label (label, ours, theirs);
        CREATE INDEX opinion_label_differing ON opinion_label (call_id, label) WHERE differs = 1;
        CREATE TABLE opinion_wish (
          call_id INTEGER PRIMARY KEY REFERENCES call(id) ON DELETE CASCADE,
          asked_by TEXT NOT NULL, run_after INTEGER NOT NULL,
          tries INTEGER NOT NULL DEFAULT 0, gave_up INTEGER NOT NULL DEFAULT 0,
          problem TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE INDEX opinion_wish_due ON opinion_wish (run_after) WHERE gave_up = 0;
        -- one row: the server, its sealed key, and how it goes with it
        CREATE TABLE opinion_server (
          id INTEGER PRIMARY KEY CHECK (id = 1),
          settings TEXT NOT NULL, secret BLOB NOT NULL DEFAULT x'', state TEXT NOT NULL
        ) STRICT;
        """,
    ),
)


def migrate(db: Database) -> int:
    """Bring the schema up to this software's version; returns how many steps were taken.

    Each step and the note that it was taken are one transaction. Raises Misconfigured when the
    database was made by newer software.
    """
    if int(value(db, "PRAGMA user_version")) > len(MIGRATIONS):
        raise Misconfigured(
            "the database was written by a newer version of petsvet; install that version or newer"
        )
    return sum(_take_step(db, number) for number in range(1, len(MIGRATIONS) + 1))


def _take_step(db: Database, number: int) -> bool:
    """Take a step unless it was taken; asked inside, as another process may be migrating too."""
    if int(value(db, "PRAGMA user_version")) >= number:
        return False
    with writing(db):
        if int(value(db, "PRAGMA user_version")) >= number:
            return False
        for statement in split_statements(MIGRATIONS[number - 1][1]):
            execute(db, statement)
        execute(db, f"PRAGMA user_version={number}")
    return True


def split_statements(script: str) -> list[str]:
    """The statements of a script; executescript() would commit between them."""
    statements: list[str] = []
    lines: list[str] = []
    inside_trigger = False
    for line in script.splitlines():
        lines.append(line)
        inside_trigger |= line.strip().startswith("CREATE TRIGGER")
        if line.strip() == "END;" or (line.rstrip().endswith(";") and not inside_trigger):
            statements.append("\n".join(lines))
            lines, inside_trigger = [], False
    return statements


def schema_version(db: Database) -> str:
    """For people: how many steps of how many."""
    found = row(db, "PRAGMA user_version") or {"user_version": 0}
    return f"{found['user_version']} of {len(MIGRATIONS)}"
