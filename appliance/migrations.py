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
        "the worklist of lost bookings",
        """
        CREATE TABLE work_item ( -- one per caller and lost booking; see appliance/store/lost.py
          id INTEGER PRIMARY KEY AUTOINCREMENT, ref TEXT NOT NULL UNIQUE,
          outside_key TEXT NOT NULL,
          lead_id INTEGER REFERENCES call(id) ON DELETE SET NULL, -- the call that tells most
          state TEXT NOT NULL
            CHECK (state IN ('open', 'in_progress', 'recovered', 'lost', 'not_lost')),
          kind TEXT NOT NULL, reason TEXT NOT NULL, intent TEXT NOT NULL,
          urgent INTEGER NOT NULL, missed INTEGER NOT NULL, calls INTEGER NOT NULL,
          opened_at INTEGER NOT NULL, latest_at INTEGER NOT NULL,
          due_at INTEGER NOT NULL, due_by TEXT NOT NULL DEFAULT '',
          owner_id INTEGER REFERENCES user(id) ON DELETE SET NULL,
          closed_at INTEGER, closed_by TEXT NOT NULL DEFAULT '', how TEXT NOT NULL DEFAULT '',
          shown_by INTEGER REFERENCES call(id) ON DELETE SET NULL, after_ms INTEGER,
          watch_from INTEGER NOT NULL DEFAULT 0 -- calls before it were found to prove nothing
        ) STRICT;
        CREATE INDEX work_item_to_do ON work_item (due_at, id) WHERE closed_at IS NULL;
        CREATE INDEX work_item_to_do_by_kind ON work_item (kind, due_at, id)
          WHERE closed_at IS NULL;
        CREATE INDEX work_item_to_do_by_owner ON work_item (owner_id, due_at, id)
          WHERE closed_at IS NULL;
        CREATE INDEX work_item_done ON work_item (closed_at DESC, id DESC)
          WHERE closed_at IS NOT NULL;
        CREATE INDEX work_item_done_by_kind ON work_item (kind, closed_at DESC, id DESC)
          WHERE closed_at IS NOT NULL;
        CREATE INDEX work_item_by_caller ON work_item (outside_key) WHERE outside_key <> '';
        CREATE INDEX work_item_by_opening ON work_item (opened_at);
        CREATE INDEX work_item_by_lead ON work_item (lead_id);
        CREATE INDEX work_item_by_proof ON work_item (shown_by) WHERE shown_by IS NOT NULL;
        CREATE INDEX work_item_by_owner ON work_item (owner_id) WHERE owner_id IS NOT NULL;
        CREATE TABLE work_call (
          call_id INTEGER PRIMARY KEY REFERENCES call(id) ON DELETE CASCADE,
          item_id INTEGER NOT NULL REFERENCES work_item(id) ON DELETE CASCADE,
          by_hand INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX work_call_by_item ON work_call (item_id);
        CREATE TABLE work_note (
          id INTEGER PRIMARY KEY,
          item_id INTEGER NOT NULL REFERENCES work_item(id) ON DELETE CASCADE,
          at INTEGER NOT NULL, by TEXT NOT NULL, what TEXT NOT NULL, text TEXT NOT NULL
        ) STRICT;
        CREATE INDEX work_note_by_item ON work_note (item_id, id);
        CREATE TABLE work_mark ( -- calls whose meaning changed since the worklist looked at them
          call_id INTEGER PRIMARY KEY REFERENCES call(id) ON DELETE CASCADE
        ) STRICT;
        -- an item goes with the last of its calls; one that lost some of them is looked at again
        CREATE TRIGGER work_call_deleted AFTER DELETE ON work_call BEGIN
          DELETE FROM work_item WHERE id = old.item_id
            AND NOT EXISTS (SELECT 1 FROM work_call WHERE item_id = old.item_id);
          INSERT OR IGNORE INTO work_mark
            SELECT call_id FROM work_call WHERE item_id = old.item_id;
        END;
        INSERT INTO work_mark SELECT k.call_id FROM card k JOIN call c ON c.id = k.call_id
          WHERE k.turnaway_reason <> '' OR c.answer_state = 'voicemail_left';
        """,
    ),
    (
        "rubric versions, scores, and calibration sessions",
        """
        CREATE TABLE rubric ( -- never edited: a change makes the next version
          number INTEGER PRIMARY KEY, items TEXT NOT NULL, note TEXT NOT NULL,
          by TEXT NOT NULL, at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE call_score ( -- of each version under which a call was ever published
          call_id INTEGER NOT NULL REFERENCES call(id) ON DELETE CASCADE,
          version INTEGER NOT NULL REFERENCES rubric(number),
          -- null where too little counts; answers are what software said then
          value INTEGER, settled INTEGER NOT NULL, failed INTEGER NOT NULL,
          answers TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL,
          PRIMARY KEY (call_id, version)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE calibration (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          seed TEXT NOT NULL, items TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE calibration_call ( -- with what software said when the calls were drawn
          calibration_id INTEGER NOT NULL REFERENCES calibration(id) ON DELETE CASCADE,
          place INTEGER NOT NULL,
          call_id INTEGER NOT NULL REFERENCES call(id) ON DELETE CASCADE,
          stratum TEXT NOT NULL, suggested TEXT NOT NULL,
          PRIMARY KEY (calibration_id, place)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX calibration_call_by_call ON calibration_call (call_id);
        CREATE TABLE calibration_reader (
          calibration_id INTEGER NOT NULL REFERENCES calibration(id) ON DELETE CASCADE,
          by TEXT NOT NULL, begun_at INTEGER NOT NULL, finished_at INTEGER,
          PRIMARY KEY (calibration_id, by)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE calibration_answer (
          calibration_id INTEGER NOT NULL, place INTEGER NOT NULL,
          by TEXT NOT NULL, label TEXT NOT NULL,
          suggested TEXT NOT NULL, value TEXT NOT NULL, at INTEGER NOT NULL,
          PRIMARY KEY (calibration_id, place, by, label),
          FOREIGN KEY (calibration_id, place)
            REFERENCES calibration_call(calibration_id, place) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX review_labels ON review (name, suggested, verdict, value, call_id)
          WHERE superseded = 0;
        """,
    ),
    (
        "mail, notices and webhooks",
        """
        CREATE TABLE mail ( -- what waits to be handed to the mail server, and what became of it
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          user_id INTEGER REFERENCES user(id) ON DELETE SET NULL,
          kind TEXT NOT NULL, recipient TEXT NOT NULL, message_id TEXT NOT NULL UNIQUE,
          subject TEXT NOT NULL, text TEXT NOT NULL, html TEXT NOT NULL,
          attachment_name TEXT NOT NULL DEFAULT '', attachment BLOB,
          state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'parked', 'dropped')),
          attempts INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL,
          error TEXT NOT NULL DEFAULT '', created_at INTEGER NOT NULL,
          give_up_at INTEGER NOT NULL, sent_at INTEGER
        ) STRICT;
        CREATE INDEX mail_next ON mail (next_at, id) WHERE state = 'waiting';
        CREATE INDEX mail_parked ON mail (id) WHERE state = 'parked';
        CREATE INDEX mail_by_user ON mail (user_id, kind, created_at);
        CREATE INDEX mail_by_age ON mail (created_at);
        CREATE TABLE egress ( -- every thing that left the box
          id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,
          kind TEXT NOT NULL, destination TEXT NOT NULL, reason TEXT NOT NULL,
          allowed_by TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL,
          subject TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE INDEX egress_by_time ON egress (at DESC, id DESC);
        CREATE TABLE reader ( -- who gets which notices where
          user_id INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE,
          address TEXT NOT NULL DEFAULT '', choices TEXT NOT NULL DEFAULT '[]',
          confirmed_at INTEGER, code_hash TEXT NOT NULL DEFAULT '', code_at INTEGER,
          code_tries INTEGER NOT NULL DEFAULT 0,
          sent_for TEXT NOT NULL DEFAULT '{}', alerted INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE happening ( -- what others may want to know, noted once
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          event TEXT NOT NULL, name TEXT NOT NULL, ref TEXT NOT NULL,
          call_id INTEGER REFERENCES call(id) ON DELETE CASCADE,
          detail TEXT NOT NULL DEFAULT '{}', at INTEGER NOT NULL,
          handled INTEGER NOT NULL DEFAULT 0,
          UNIQUE (event, name)
        ) STRICT;
        CREATE INDEX happening_new ON happening (id) WHERE handled = 0;
        CREATE INDEX happening_by_event ON happening (event, id);
        CREATE INDEX happening_by_call ON happening (call_id);
        CREATE TABLE hook ( -- addresses that are told of events
          id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice: its secret is bound to it
          url TEXT NOT NULL, events TEXT NOT NULL, allowed TEXT NOT NULL DEFAULT '[]',
          authority TEXT NOT NULL DEFAULT '', secret BLOB NOT NULL,
          enabled INTEGER NOT NULL DEFAULT 1, problem TEXT NOT NULL DEFAULT '',
          failing_since INTEGER, created_at INTEGER NOT NULL, set_by TEXT NOT NULL
        ) STRICT;
        CREATE TABLE hook_delivery (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          hook_id INTEGER NOT NULL REFERENCES hook(id) ON DELETE CASCADE,
          message_id TEXT NOT NULL, event TEXT NOT NULL, body TEXT NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'parked')),
          attempts INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL,
          status INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '',
          created_at INTEGER NOT NULL, sent_at INTEGER,
          UNIQUE (hook_id, message_id)
        ) STRICT;
        CREATE INDEX hook_delivery_next ON hook_delivery (hook_id, next_at, id)
          WHERE state = 'waiting';
        CREATE INDEX hook_delivery_by_hook ON hook_delivery (hook_id, id DESC);
        CREATE INDEX hook_delivery_by_age ON hook_delivery (created_at);
        """,
    ),
    (
        "the review queue, safety items and what staff answer",
        """
        ALTER TABLE flag ADD COLUMN judged INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE flag ADD COLUMN solemn INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE flag ADD COLUMN rank INTEGER;
        -- what rank is to be, written once; no index on a computed column covers a count.
        -- 0 safety, 1 turned away, 2 not met, 3 end of life and grief, null: nobody is asked; four
        -- items of the rubric are asked about as the safety flags that say the same
        ALTER TABLE flag ADD COLUMN due_rank INTEGER AS (CASE
          WHEN substr(name, 1, 7) = 'safety.' THEN 0
          WHEN name IN ('rubric.red_flag_escalated', 'rubric.no_medical_advice',
            'rubric.no_card_aloud', 'rubric.identity_check') THEN NULL
          WHEN name <> 'turnaway' AND value <> 'not_met' THEN NULL
          WHEN solemn THEN 3
          WHEN name = 'turnaway' THEN 1
          ELSE 2 END);
        CREATE INDEX flag_to_review
          ON flag (rank, judged, started_at DESC, call_id DESC, name DESC, staff_extension)
          WHERE rank IS NOT NULL;
        UPDATE flag SET
          solemn = EXISTS (SELECT 1 FROM card k WHERE k.call_id = flag.call_id
            AND k.intent IN ('end_of_life', 'grief_followup')),
          judged = EXISTS (SELECT 1 FROM review r WHERE r.call_id = flag.call_id
            AND r.name = flag.name AND r.superseded = 0);
        UPDATE flag SET rank = due_rank;
        CREATE TABLE safety ( -- stays when a later reading does not say it: only people close it
          call_id INTEGER NOT NULL REFERENCES call(id) ON DELETE CASCADE,
          name TEXT NOT NULL, first_segment INTEGER, last_segment INTEGER,
          started_at INTEGER NOT NULL, staff_name TEXT NOT NULL, staff_extension TEXT NOT NULL,
          found_by TEXT NOT NULL DEFAULT '', -- who found it where software had not said it
          state TEXT NOT NULL DEFAULT 'new'
            CHECK (state IN ('new', 'confirmed', 'handled', 'not_an_issue')),
          open INTEGER AS (state IN ('new', 'confirmed')),
          PRIMARY KEY (call_id, name)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX safety_by_start ON safety (open, started_at DESC, call_id DESC, name DESC);
        CREATE INDEX safety_by_state ON safety (state, started_at DESC);
        CREATE TABLE safety_act (
          id INTEGER PRIMARY KEY AUTOINCREMENT, call_id INTEGER NOT NULL, name TEXT NOT NULL,
          what TEXT NOT NULL CHECK (what IN ('handled', 'reopened')),
          note TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL,
          FOREIGN KEY (call_id, name) REFERENCES safety(call_id, name) ON DELETE CASCADE
        ) STRICT;
        CREATE INDEX safety_act_by_item ON safety_act (call_id, name, id);
        INSERT INTO safety (call_id, name, first_segment, last_segment, started_at, staff_name,
            staff_extension, state)
          SELECT f.call_id, f.name, f.first_segment, f.last_segment, f.started_at, f.staff_name,
            f.staff_extension, CASE r.value WHEN 'yes' THEN 'confirmed' WHEN 'no'
            THEN 'not_an_issue' ELSE 'new' END
          FROM flag f LEFT JOIN review r ON r.call_id = f.call_id AND r.name = f.name
            AND r.superseded = 0 WHERE substr(f.name, 1, 7) = 'safety.';
        CREATE TRIGGER safety_raised AFTER INSERT ON flag WHEN substr(new.name, 1, 7) = 'safety.' BEGIN
          INSERT INTO safety (call_id, name, first_segment, last_segment, started_at, staff_name,
              staff_extension)
            VALUES (new.call_id, new.name, new.first_segment, new.last_segment, new.started_at,
              new.staff_name, new.staff_extension)
            ON CONFLICT DO UPDATE SET first_segment = excluded.first_segment,
              last_segment = excluded.last_segment, staff_name = excluded.staff_name,
              staff_extension = excluded.staff_extension, found_by = '';
        END;
        CREATE TRIGGER review_given AFTER INSERT ON review WHEN new.superseded = 0 BEGIN
          UPDATE flag SET judged = 1 WHERE call_id = new.call_id AND name = new.name;
          UPDATE safety SET state = CASE new.value WHEN 'yes' THEN 'confirmed' ELSE 'not_an_issue' END
            WHERE call_id = new.call_id AND name = new.name;
        END;
        CREATE TRIGGER review_taken_back AFTER UPDATE OF superseded ON review
          WHEN new.superseded = 1 BEGIN
          UPDATE flag SET judged = 0 WHERE call_id = new.call_id AND name = new.name;
          UPDATE safety SET state = 'new' WHERE call_id = new.call_id AND name = new.name;
        END;
        CREATE TRIGGER card_intent_settled AFTER UPDATE OF intent ON card
          WHEN new.intent IS NOT old.intent BEGIN
          UPDATE flag SET solemn = new.intent IN ('end_of_life', 'grief_followup')
            WHERE call_id = new.call_id;
          UPDATE flag SET rank = due_rank WHERE call_id = new.call_id;
        END;
        CREATE TABLE reply ( -- what staff say to a verdict, and how a dispute was settled
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          review_id INTEGER NOT NULL REFERENCES review(id) ON DELETE CASCADE,
          what TEXT NOT NULL CHECK (what IN ('acknowledged', 'disputed', 'upheld', 'changed')),
          text TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX review_by_time ON review (at, name, value, call_id) WHERE superseded = 0;
        CREATE INDEX reply_by_review ON reply (review_id, id);
        CREATE INDEX reply_disputed ON reply (at) WHERE what = 'disputed';
        CREATE TRIGGER reply_is_not_updated BEFORE UPDATE ON reply BEGIN
          SELECT RAISE(ABORT, 'replies are append-only');
        END;
        """,
    ),
    (
        "drop accounts, pauses, addresses, refusals and erased calls of phone systems",
        """
        ALTER TABLE connector ADD COLUMN drop_user TEXT NOT NULL DEFAULT '';
        ALTER TABLE connector ADD COLUMN addresses TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE connector ADD COLUMN paused_after INTEGER NOT NULL DEFAULT 0;
        UPDATE connector SET drop_user = COALESCE((
          SELECT json_extract(place.value, '$.user') FROM json_each(connector.settings) AS place
          WHERE place.type = 'object' AND json_extract(place.value, '$.by') = 'drop' LIMIT 1
        ), '');
        UPDATE connector SET drop_user = '' WHERE EXISTS ( -- of two the older always had the account
          SELECT 1 FROM connector AS older
          WHERE older.drop_user = connector.drop_user AND older.id < connector.id
        );
        CREATE UNIQUE INDEX connector_by_drop_user ON connector (drop_user) WHERE drop_user <> '';
        CREATE TABLE refusal ( -- an address the box would not talk to; holds: it still stands
          connector_id INTEGER NOT NULL REFERENCES connector(id) ON DELETE CASCADE,
          host TEXT NOT NULL, address TEXT NOT NULL, reason TEXT NOT NULL,
          at INTEGER NOT NULL, holds INTEGER NOT NULL DEFAULT 1,
          PRIMARY KEY (connector_id, host, address)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE erased ( -- calls that were erased: known only by a hash, never taken again
          connector_id INTEGER NOT NULL REFERENCES connector(id) ON DELETE CASCADE,
          hash BLOB NOT NULL, PRIMARY KEY (connector_id, hash)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE discard ( -- delivered files to remove, from a moment on
          connector_id INTEGER NOT NULL REFERENCES connector(id) ON DELETE CASCADE,
          locator TEXT NOT NULL, size INTEGER NOT NULL, modified_ns INTEGER NOT NULL,
          due INTEGER NOT NULL, PRIMARY KEY (connector_id, locator)
        ) STRICT, WITHOUT ROWID;
        """,
    ),
    (
        "how people do on the phone, coaching and good examples",
        """
        CREATE TABLE standing ( -- of answered calls; sets of items as bits, see facts/people.py
          call_id INTEGER PRIMARY KEY REFERENCES call(id) ON DELETE CASCADE,
          started_at INTEGER NOT NULL, staff_name TEXT NOT NULL, extension TEXT NOT NULL,
          intent TEXT NOT NULL, local_hour INTEGER NOT NULL, talk_ms INTEGER NOT NULL,
          met INTEGER NOT NULL, missed INTEGER NOT NULL, waiting INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX standing_by_start ON standing (
          started_at, staff_name, extension, intent, local_hour, talk_ms, met, missed, waiting
        );
        CREATE INDEX standing_by_extension ON standing (extension, staff_name);
        CREATE TRIGGER card_deleted AFTER DELETE ON card BEGIN
          DELETE FROM standing WHERE call_id = old.call_id;
        END;
        INSERT INTO standing
          WITH item(name, bit) AS (VALUES
            ('rubric.answered_fast', 2), ('rubric.greeting_clinic', 4),
            ('rubric.greeting_name', 8), ('rubric.offers_help', 16),
            ('rubric.hold_asked', 32), ('rubric.caller_name', 64),
            ('rubric.pet_name', 128), ('rubric.signalment', 256),
            ('rubric.open_question', 512), ('rubric.urgency_asked', 1024),
            ('rubric.red_flag_escalated', 2048), ('rubric.no_medical_advice', 4096),
            ('rubric.empathy', 8192), ('rubric.value_before_price', 16384),
            ('rubric.price_clear', 32768), ('rubric.offers_appointment', 65536),
            ('rubric.two_choices', 131072), ('rubric.offers_alternative', 262144),
            ('rubric.callback_number', 524288), ('rubric.callback_promise', 1048576),
            ('rubric.prep_instructions', 2097152), ('rubric.confirms_details', 4194304),
            ('rubric.more_questions', 8388608), ('rubric.warm_close', 16777216),
            ('rubric.identity_check', 33554432), ('rubric.no_card_aloud', 67108864),
            ('rubric.complaint_owned', 134217728), ('rubric.grief_manner', 268435456)),
          said AS (SELECT call_id, name, CASE WHEN verdict = 'confirmed' THEN suggested
              WHEN verdict = 'rejected' AND value IN ('', suggested)
                THEN iif(name = 'turnaway', 'none', 'cannot_tell')
              ELSE value END AS word
            FROM review WHERE superseded = 0),
          told AS (SELECT call_id, name, word, 1 AS person FROM said UNION ALL
            SELECT call_id, name, value, 0 FROM flag
            WHERE (call_id, name) NOT IN (SELECT call_id, name FROM said)),
          sums AS (SELECT call_id, sum(iif(word = 'met', bit, 0)) AS met,
              sum(iif(word = 'not_met' AND person, bit, 0)) AS missed,
              sum(iif(word = 'not_met' AND NOT person, bit, 0)) AS waiting
            FROM told JOIN item USING (name) GROUP BY call_id),
          away AS (SELECT k.call_id, COALESCE(t.person, 0) AS person,
              CASE WHEN t.word IN ('no_ask', 'no_alternative', 'price_only', 'busy') THEN 'skill'
                WHEN COALESCE(t.word, 'none') = 'none' THEN 'none' ELSE 'other' END AS kind,
              k.intent IN ('wellness', 'sick_visit', 'urgent_visit', 'new_pet', 'recheck',
                'surgery', 'dental', 'tech_visit', 'grooming', 'boarding', 'travel_certificate')
                OR EXISTS (SELECT 1 FROM flag f WHERE f.call_id = k.call_id
                  AND f.name = 'turnaway'
                  AND f.value IN ('no_ask', 'no_alternative', 'price_only', 'busy')) AS wanted,
              COALESCE(json_extract(a.body, '$.turnaway_told'), 1) OR t.person AS sure
            FROM card k JOIN analysis a ON a.call_id = k.call_id
            LEFT JOIN told t ON t.call_id = k.call_id AND t.name = 'turnaway')
          SELECT k.call_id, k.started_at, k.staff_name, k.staff_extension, k.intent, k.local_hour,
            c.talk_ms,
            COALESCE(s.met, 0) + iif(w.kind = 'none' AND w.wanted AND w.sure, 1, 0),
            COALESCE(s.missed, 0) + iif(w.kind = 'skill' AND w.person, 1, 0),
            COALESCE(s.waiting, 0) + iif(w.kind = 'skill' AND NOT w.person, 1, 0)
          FROM card k JOIN call c ON c.id = k.call_id JOIN analysis a ON a.call_id = k.call_id
          JOIN away w ON w.call_id = k.call_id LEFT JOIN sums s ON s.call_id = k.call_id
          WHERE c.answer_state = 'answered' AND c.direction <> 'internal'
            AND c.duplicate_of IS NULL AND (k.staff_name <> '' OR k.staff_extension <> '')
            AND k.intent NOT IN ('end_of_life', 'grief_followup')
            AND NOT EXISTS (SELECT 1 FROM json_each(a.body, '$.secondary') AS j
              WHERE j.value IN ('end_of_life', 'grief_followup'));
        CREATE TABLE coaching ( -- notes on a person and goals; who is a name or an extension
          id INTEGER PRIMARY KEY AUTOINCREMENT, who TEXT NOT NULL,
          kind TEXT NOT NULL CHECK (kind IN ('note', 'goal')), text TEXT NOT NULL,
          by TEXT NOT NULL, by_id INTEGER REFERENCES user(id) ON DELETE SET NULL,
          at INTEGER NOT NULL, edited_at INTEGER, until TEXT NOT NULL DEFAULT '',
          done_at INTEGER, done_by TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE INDEX coaching_by_who ON coaching (who, id);
        CREATE TABLE example ( -- a place in a call worth hearing; quote is what a leader let out
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          call_id INTEGER NOT NULL REFERENCES call(id) ON DELETE CASCADE,
          item TEXT NOT NULL, first_segment INTEGER NOT NULL, last_segment INTEGER NOT NULL,
          quote TEXT NOT NULL, note TEXT NOT NULL, shared INTEGER NOT NULL,
          by TEXT NOT NULL, at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX example_by_call ON example (call_id);
        CREATE INDEX example_shared ON example (id DESC) WHERE shared = 1;
        """,
    ),
    (
        "figures that lead to their calls, and filters people keep",
        """
        -- holds all that figures count, so that a quarter is read without touching the table
        CREATE INDEX card_by_start ON card (
          started_at DESC, call_id DESC, intent, outcome, turnaway_reason, turnaway_kind, species,
          disclosure, sentiment_start, sentiment_end, urgency, caller_relation, staff_extension
        );
        -- the same for calls, by their moment and beside their cards
        CREATE INDEX call_by_start_told ON call (
          started_at DESC, direction, answer_state, ring_ms, duration_ms
        ) WHERE duplicate_of IS NULL;
        CREATE INDEX call_told ON call (id, direction, answer_state, dialed)
          WHERE duplicate_of IS NULL;
        CREATE INDEX card_by_species ON card (species, started_at DESC, call_id DESC);
        CREATE INDEX card_by_disclosure ON card (disclosure, started_at DESC, call_id DESC);
        CREATE INDEX card_by_urgency ON card (urgency, started_at DESC, call_id DESC);
        CREATE INDEX card_by_relation ON card (caller_relation, started_at DESC, call_id DESC);
        CREATE TABLE saved_filter (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          user_id INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
          name TEXT NOT NULL, address TEXT NOT NULL, created_at INTEGER NOT NULL,
          UNIQUE (user_id, name)
        ) STRICT;
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
    (
        "corrections of transcripts",
        """
        -- what was recognized, where something else holds: text, words, speaker, why; else ''
        ALTER TABLE segment ADD COLUMN heard TEXT NOT NULL DEFAULT '';
        CREATE TABLE correction (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          call_id INTEGER NOT NULL REFERENCES call(id) ON DELETE CASCADE,
          kind TEXT NOT NULL CHECK (kind IN ('words', 'speaker', 'staff_name')),
          places TEXT NOT NULL, was TEXT NOT NULL, value TEXT NOT NULL,
          by TEXT NOT NULL, at INTEGER NOT NULL, placed INTEGER NOT NULL DEFAULT 1,
          withdrawn_by TEXT NOT NULL DEFAULT '', withdrawn_at INTEGER
        ) STRICT;
        CREATE INDEX correction_by_call ON correction (call_id, id);
        CREATE INDEX correction_by_kind ON correction (kind, id) WHERE withdrawn_at IS NULL;
        CREATE TRIGGER correction_stays_as_it_was
          BEFORE UPDATE OF call_id, kind, places, was, value, by, at ON correction BEGIN
          SELECT RAISE(ABORT, 'corrections are withdrawn, never changed');
        END;
        """,
    ),
    (
        "reading many calls again",
        """
        CREATE TABLE reanalysis ( -- a look at, or a change of, many calls; see store/reanalyses.py
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          kind TEXT NOT NULL CHECK (kind IN ('preview', 'apply')),
          state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'done', 'stopped')),
          open INTEGER AS (iif(state IN ('running', 'paused'), 1, NULL)),
          choice TEXT NOT NULL, -- which calls, and from where on
          rules TEXT NOT NULL, -- what they were read by: a hash of all that a reading depends on
          made_by TEXT NOT NULL, made_at INTEGER NOT NULL, ended_at INTEGER,
          total INTEGER, whole INTEGER NOT NULL DEFAULT 0, -- how many calls; null until counted
          picked TEXT NOT NULL DEFAULT '', -- of a preview: its calls, in the order they are read
          place TEXT NOT NULL DEFAULT '', -- where to go on
          done INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL DEFAULT 0,
          kept INTEGER NOT NULL DEFAULT 0, gone INTEGER NOT NULL DEFAULT 0,
          failed INTEGER NOT NULL DEFAULT 0, work_ms INTEGER,
          counts TEXT NOT NULL DEFAULT '{}', -- (changed, kept) by field, was and becomes; no names
          stretch_at INTEGER, stretch_done INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        -- one at a time
        CREATE UNIQUE INDEX reanalysis_open ON reanalysis (open) WHERE open = 1;
        CREATE TABLE reanalysis_change (
          run_id INTEGER NOT NULL REFERENCES reanalysis(id) ON DELETE CASCADE,
          call_id INTEGER NOT NULL REFERENCES call(id) ON DELETE CASCADE,
          field TEXT NOT NULL, was TEXT NOT NULL, becomes TEXT NOT NULL,
          was_text TEXT NOT NULL, becomes_text TEXT NOT NULL, kept INTEGER NOT NULL,
          PRIMARY KEY (run_id, call_id, field)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX reanalysis_change_alike
          ON reanalysis_change (run_id, field, was, becomes, call_id DESC);
        CREATE INDEX reanalysis_change_by_call ON reanalysis_change (call_id);
        CREATE INDEX analysis_by_provenance ON analysis (provenance);
        CREATE INDEX call_score_by_version ON call_score (version);
        """,
    ),
    (
        "the clinic's vocabulary",
        """
        -- what to listen for; place is the order of the groups, heard counts lines of late
        CREATE TABLE term (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          kind TEXT NOT NULL CHECK (kind IN ('doctors', 'staff', 'drugs', 'other', 'pets')),
          text TEXT NOT NULL, key TEXT NOT NULL, note TEXT NOT NULL DEFAULT '',
          pinned INTEGER NOT NULL DEFAULT 0, heard INTEGER NOT NULL DEFAULT 0,
          added_by TEXT NOT NULL, added_at INTEGER NOT NULL,
          place INTEGER AS (CASE kind WHEN 'doctors' THEN 0 WHEN 'staff' THEN 1
            WHEN 'drugs' THEN 2 WHEN 'other' THEN 3 ELSE 4 END) VIRTUAL,
          UNIQUE (kind, key)
        ) STRICT;
        CREATE INDEX term_by_rank ON term (pinned DESC, place, heard DESC, key, id);
        CREATE TABLE replacement (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          heard TEXT NOT NULL, key TEXT NOT NULL UNIQUE, meant TEXT NOT NULL,
          added_by TEXT NOT NULL, added_at INTEGER NOT NULL
        ) STRICT;
        -- suggestions nobody wants to see again
        CREATE TABLE word_dismissed (
          key TEXT PRIMARY KEY, by TEXT NOT NULL, at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT OR IGNORE INTO term (kind, text, key, added_by, added_at)
          SELECT 'other', trim(w.value), lower(trim(w.value)), 'box', 0
          FROM setting s, json_each(s.value, '$.vocabulary') w
          WHERE s.name = 'clinic' AND trim(w.value) <> '';
        INSERT OR IGNORE INTO replacement (heard, key, meant, added_by, added_at)
          SELECT p.value ->> 0, lower(p.value ->> 0), p.value ->> 1, 'box', 0
          FROM setting s, json_each(s.value, '$.replacements') p WHERE s.name = 'clinic';
        UPDATE setting SET value = json_remove(value, '$.vocabulary', '$.replacements')
          WHERE name = 'clinic';
        """,
    ),
    (
        "calls by the hour",
        """
        ALTER TABLE call ADD COLUMN hour INTEGER AS (started_at / 3600000) VIRTUAL;
        CREATE INDEX call_by_hour ON call (hour, direction, answer_state)
          WHERE duplicate_of IS NULL;
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
