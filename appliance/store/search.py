"""Search over everything that was said, newest call first."""

from datetime import datetime

from appliance.db import Database, rows, value
from appliance.facts import to_ms
from appliance.facts.calls import SearchHit
from appliance.store.transcripts import segment_id

MARK, UNMARK = "\x02", "\x03"  # cannot occur in recognized text


def match_query(text: str) -> str:
    """What a person typed as a safe full-text query: every word must occur, "…" is a phrase.

    A trailing * searches for beginnings. Anything else loses its special meaning by quoting, so no
    input is a syntax error.
    """
    terms: list[str] = []
    for number, piece in enumerate(text[:500].split('"')):
        if number % 2:
            terms += [_quote(piece)] if any(c.isalnum() for c in piece) else []
        else:
            terms += [_word(word) for word in piece.split() if any(c.isalnum() for c in word)]
    return " AND ".join(terms) or '""'


def _word(word: str) -> str:
    return _quote(word.rstrip("*")) + (" *" if word.endswith("*") else "")


def _quote(text: str) -> str:
    return '"' + text.replace('"', "").replace("\0", "") + '"'


def search_segments(
    db: Database,
    text: str,
    *,
    extensions: tuple[str, ...] | None = None,
    before: int = 2**63 - 1,
    limit: int = 50,
) -> list[SearchHit]:
    """Segments that match, newest call first; ``before`` is the cursor of the last hit seen.

    Segment numbers grow with the start of their call, so the newest first needs no sorting: a word
    that stands in half a million segments is answered as fast as a rare one.
    """
    from appliance.store.calls import _CALL, _FROM, _call  # the two look at each other

    allowed, params = "", []
    if extensions is not None:
        allowed = f" AND c.staff_extension IN ({', '.join('?' for _ in extensions)})"
        params = list(extensions)
    found = rows(
        db,
        "SELECT f.rowid AS segment_id, g.idx, g.start_ms, g.speaker,"
        f" highlight(segment_fts, 0, '{MARK}', '{UNMARK}') AS marked, {_CALL}"
        " FROM segment_fts f JOIN segment g ON g.id = f.rowid"
        f" JOIN {_FROM.replace('call c', 'call c ON c.id = g.call_id', 1)}"
        f" WHERE segment_fts MATCH ? AND f.rowid < ? AND c.duplicate_of IS NULL{allowed}"
        " ORDER BY f.rowid DESC LIMIT ?",
        (match_query(text), before, *params, limit),
    )
    return [
        SearchHit(
            call=_call(r),
            segment=r["idx"],
            start_ms=r["start_ms"],
            speaker=r["speaker"],
            pieces=split_marks(r["marked"]),
            cursor=r["segment_id"],
        )
        for r in found
    ]


MOST_COUNTED = 1000  # lines; more than that is "more than", and costs no more


def count_lines(db: Database, text: str, since: datetime) -> int:
    """In how many lines said since then the words stand together, 1001 for all above 1000."""
    return int(
        value(
            db,
            "SELECT count(*) FROM (SELECT 1 FROM segment_fts f JOIN segment g ON g.id = f.rowid"
            " JOIN call c ON c.id = g.call_id WHERE segment_fts MATCH ? AND f.rowid >= ?"
            f" AND c.duplicate_of IS NULL ORDER BY f.rowid DESC LIMIT {MOST_COUNTED + 1})",
            (_quote(text), segment_id(to_ms(since), 0, 0)),
        )
        if any(sign.isalnum() for sign in text)
        else 0
    )


def split_marks(marked: str) -> tuple[tuple[str, bool], ...]:
    """Marked text as (text, is a match) pieces, so that a page can escape each of them."""
    pieces: list[tuple[str, bool]] = []
    for part in marked.split(MARK):
        match, found, plain = part.partition(UNMARK)
        if found:
            pieces += [(match, True), (plain, False)]
        else:
            pieces.append((part, False))
    return tuple((text, hit) for text, hit in pieces if text)
