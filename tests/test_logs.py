"""Nothing a caller said, and no key, comes out of the logs, whichever way it goes in."""

import io
import logging
import subprocess
import sys
import threading
import types
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import logs
from appliance.errors import Locked, Misconfigured, Unavailable, Unusable
from appliance.logs import allow_codes, describe_error, get_log, setup_logs

CANARIES = (
    "555-0142", "5550100142", "+1 (415) 555-0142", "Maria Quackenbush", "Quackenbush",
    "my dog ate chocolate", "chocolate", "maria@example.com", "sip:4155550142@pbx",
    "a3f0" * 16, "ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23-4567-ABCD", "4111 1111 1111 1111",
)  # fmt: skip
PIECES = (
    "555",
    "4155",
    "Quack",
    "quack",
    "choco",
    "maria",
    "Maria",
    "a3f0",
    "EFGH",
    "4111",
    "1111",
)
log = get_log(__name__)


@pytest.fixture
def journal(monkeypatch) -> Iterator[io.StringIO]:
    """The stream of a process with logs set up; everything it hooks is put back."""
    kept = (sys.excepthook, sys.unraisablehook, threading.excepthook, warnings.showwarning)
    factory, raising = logging.getLogRecordFactory(), logging.raiseExceptions
    handlers, level = logging.root.handlers, logging.root.level
    known = set(logs._codes)
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    stream = io.StringIO()
    setup_logs("debug", stream)
    logging.getLogger(__name__).setLevel(logging.DEBUG)
    yield stream
    sys.excepthook, sys.unraisablehook, threading.excepthook, warnings.showwarning = kept
    logging.setLogRecordFactory(factory)
    logging.raiseExceptions = raising
    logging.root.handlers, logging.root.level = handlers, level
    logs._codes.clear()
    logs._codes.update(known)


def assert_clean(stream: io.StringIO, lines: int | None = None) -> str:
    text = stream.getvalue()
    assert text, "something must have been written, or the test proves nothing"
    for word in (*CANARIES, *PIECES):
        assert word not in text, text
    if lines is not None:
        assert text.count("\n") == lines, text
    return text


def test_a_line_shows_its_message_and_its_safe_fields(journal) -> None:
    log.info("call received", call="0a1b2c3d4e5f6071", seconds=1.25, kind="receive", count=3)
    assert journal.getvalue() == (
        "info tests.test_logs: call received call=0a1b2c3d4e5f6071 seconds=1.25 kind=receive "
        "count=3\n"
    ).replace("tests.test_logs", __name__ if __name__ in sys.modules else "other")


def test_the_journal_gets_priorities(journal, monkeypatch) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    log.debug("made")
    log.info("done")
    log.warning("odd")
    log.error("broken")
    assert [line[:3] for line in journal.getvalue().splitlines()] == ["<7>", "<6>", "<4>", "<3>"]


def test_lines_below_the_level_are_not_written(journal) -> None:
    setup_logs("warning", journal)
    get_log("appliance.worker").info("job done")
    assert journal.getvalue() == ""


@pytest.mark.parametrize("canary", CANARIES)
def test_no_field_of_any_name_shows_a_canary(journal, canary) -> None:
    names = [*logs._FIELDS, "caller", "text", "message", "path", "anything"]
    digits = "".join(sign for sign in canary if sign.isdecimal())
    values = [canary, canary.encode(), [canary], {canary: canary}, (canary,), ValueError(canary)]
    values += [
        KeyError(canary),
        FileNotFoundError(2, canary, canary),
        types.SimpleNamespace(a=canary),
    ]
    values += [
        int(digits or 4155550142),
        float(digits or 4155550142),
        f"ready,{canary}",
        f"{canary}-1",
    ]
    for name in names:
        for value in values:
            log.info("call received", **{name: value})
    log.info("call received", **{canary: 1})
    assert_clean(journal, len(names) * len(values) + 1)


@pytest.mark.parametrize("canary", CANARIES)
def test_a_message_made_at_run_time_is_withheld(journal, canary) -> None:
    log.info(f"call from {canary}")
    log.warning(canary)
    log.error("%s" % canary)  # noqa: UP031
    log.error("call from " + canary, call=3)
    assert assert_clean(journal, 4).count("<message withheld>") == 4


def test_a_constant_with_digits_or_line_ends_is_withheld(journal) -> None:
    log.info("call 5550100142 came")
    log.info("first\nsecond: forged line")
    assert "forged" not in assert_clean(journal, 2)


def broken(canary: str) -> None:
    words = canary * 2
    raise RuntimeError(f"cannot read {words}", {"caller": canary})


@pytest.mark.parametrize("canary", CANARIES)
def test_foreign_errors_show_class_and_place_but_no_values(journal, canary) -> None:
    try:
        try:
            broken(canary)
        except RuntimeError as error:
            error.add_note(canary)
            raise ValueError(canary) from error
    except ValueError as error:
        log.error("job broke", error=error)
        assert describe_error(error).startswith("ValueError at tests/test_logs.py:")
    text = assert_clean(journal, 1)
    assert " from RuntimeError at tests/test_logs.py:" in text


def test_our_own_errors_show_their_message_and_code() -> None:
    assert describe_error(Locked("The box is locked.")) == "Locked 'The box is locked.'"
    assert describe_error(Unusable("no sound", "empty")) == "Unusable[empty] 'no sound'"
    away = Unavailable("the folder is away", "share_offline")
    assert describe_error(away) == "Unavailable[share_offline] 'the folder is away'"
    assert describe_error(Unavailable("away")) == "Unavailable 'away'"
    text = describe_error(Misconfigured("/etc/petsvet/config.toml: web.port is wrong"))
    assert "/etc/petsvet/config.toml: web.port is wrong" in text


@pytest.mark.parametrize("canary", [c for c in CANARIES if not c.replace(" ", "").isalpha()])
def test_numbers_addresses_and_keys_in_our_own_messages_are_cut_out(journal, canary) -> None:
    log.error("job failed", error=Unusable(f"cannot read {canary} here", canary))
    assert_clean(journal, 1)


def test_system_and_database_errors_keep_their_code() -> None:
    class Broken(Exception):
        sqlite_errorname = "SQLITE_BUSY"

    assert describe_error(OSError(28, "no space for Maria")) == "OSError[ENOSPC]"
    assert describe_error(FileNotFoundError(2, "x", "Maria.wav")) == "FileNotFoundError[ENOENT]"
    assert describe_error(Broken("Maria")) == "Broken[SQLITE_BUSY]"


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize(
    "name", ["uvicorn.error", "litestar", "apscheduler", "faster_whisper", "x"]
)
def test_dependencies_are_heard_without_text_or_arguments(journal, name, canary) -> None:
    other = logging.getLogger(name)
    other.setLevel(logging.DEBUG)
    other.info("transcript %s", canary)
    other.debug(canary)
    assert journal.getvalue() == ""
    other.warning("call of %s", canary, extra={"caller": canary})
    other.error(f"call of {canary}")
    other.critical({"caller": canary}, stack_info=True)
    try:
        broken(canary)
    except RuntimeError:
        other.exception("failed for %s", canary)
    assert "RuntimeError at" in assert_clean(journal, 4)


def test_a_logger_named_after_a_caller_is_not_shown(journal) -> None:
    for canary in CANARIES:
        logging.getLogger(canary).error("x")
        logging.getLogger(f"httpx.{canary}").error("x")
    assert_clean(journal, 2 * len(CANARIES))


def test_a_template_of_the_library_itself_is_shown_without_its_arguments(journal) -> None:
    code = (
        "import logging\ndef run(who):\n    logging.getLogger('lib').error('job %s broke', who)\n"
    )
    module = types.ModuleType("lib")
    exec(compile(code, "/opt/lib/jobs.py", "exec"), module.__dict__)
    module.run(CANARIES[3])
    assert "job %s broke at lib/jobs.py:3" in assert_clean(journal, 1)


def test_handlers_added_later_see_nothing_either(journal) -> None:
    late = io.StringIO()
    other = logging.getLogger("litestar.late")
    other.addHandler(logging.StreamHandler(late))
    try:
        broken(CANARIES[3])
    except RuntimeError:
        other.error("call of %s", CANARIES[0], exc_info=True, stack_info=True)
    assert_clean(late)
    assert_clean(journal)


def test_records_of_another_process_are_stripped_by_the_handler(journal) -> None:
    record = logging.makeLogRecord({"name": "x", "msg": CANARIES[3], "levelno": 40})
    logging.root.handle(record)
    assert_clean(journal, 1)


def test_a_broken_logging_call_does_not_print_its_arguments(journal, capfd) -> None:
    logging.getLogger("httpx").error("%d %d", CANARIES[0])  # noqa: PLE1206
    assert_clean(journal, 1)
    assert capfd.readouterr().err == ""


def test_the_access_log_is_off(journal) -> None:
    logging.getLogger("uvicorn.access").error('"GET /calls?q=%s"', CANARIES[3])
    assert journal.getvalue() == ""


def test_handlers_set_up_before_are_removed(journal) -> None:
    early = io.StringIO()
    logging.getLogger("uvicorn").addHandler(logging.StreamHandler(early))
    setup_logs("info", journal)
    logging.getLogger("uvicorn").error("call of %s", CANARIES[3])
    assert early.getvalue() == ""
    assert_clean(journal, 1)


def test_warnings_show_their_class_and_place_only(journal) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        setup_logs("info", journal)
        for canary in CANARIES:
            warnings.warn(f"odd call of {canary}", UserWarning, stacklevel=1)
    assert "warning UserWarning at tests/test_logs.py:" in assert_clean(journal, len(CANARIES))


def test_uncaught_errors_show_no_values(journal, capfd) -> None:
    for canary in CANARIES:
        try:
            broken(canary)
        except RuntimeError as error:
            sys.excepthook(type(error), error, error.__traceback__)
    assert_clean(journal, len(CANARIES))
    assert capfd.readouterr().err == ""


def test_errors_of_threads_and_finalizers_show_no_values(journal, capfd) -> None:
    thread = threading.Thread(target=broken, args=(CANARIES[3],), name=CANARIES[3])
    thread.start()
    thread.join()
    try:
        broken(CANARIES[3])
    except RuntimeError as error:
        sys.unraisablehook(
            types.SimpleNamespace(
                exc_type=type(error), exc_value=error, object=broken, err_msg=CANARIES[3]
            )
        )
    text = assert_clean(journal)
    assert "a thread ended with an error" in text
    assert "an error could not be raised" in text
    assert CANARIES[3] not in capfd.readouterr().err


def test_codes_of_the_program_can_be_added(journal) -> None:
    log.info("job done", kind="weigh")
    allow_codes("weigh")
    log.info("job done", kind="weigh", lane="speech,chores", process="worker-2")
    first, second = journal.getvalue().splitlines()
    assert first.endswith("job done kind=<str:5>")
    assert second.endswith("job done kind=weigh lane=speech,chores process=worker-2")


def test_values_of_the_right_kind_are_shown_in_few_digits(journal) -> None:
    log.info("job done", job=1234567, bytes=5 * 2**30, seconds=86399.7, ok=True, error=OSError)
    log.info("job done", error="OSError", cause="Maria", status=True, rows=10**6, size=-1)
    assert "job=1_234_567 bytes=5.0GiB seconds=86400 withheld=<bool> error=OSError" in (
        journal.getvalue()
    )
    assert "error=OSError cause=<str:5> status=yes rows=<int> size=<int>" in journal.getvalue()


def test_an_error_without_a_log_set_up_is_safe_too(capfd) -> None:
    handlers, logging.root.handlers = logging.root.handlers, []
    try:
        get_log("appliance.early").error("job failed", error=ValueError(CANARIES[3]), text="Maria")
    finally:
        logging.root.handlers = handlers
    assert "ValueError" in (text := capfd.readouterr().err)
    assert "Maria" not in text


SERVED = """
import ssl, sys, threading, time
from pathlib import Path
import httpx, uvicorn
from litestar import Litestar, get
from appliance.certificate import ensure_certificate, key_password
from appliance.logs import setup_logs

@get("/calls/{who:str}", sync_to_thread=False)
def fail(who: str) -> str:
    raise RuntimeError("no call of " + who)

setup_logs("debug")
folder = Path(sys.argv[1])
cert, key = ensure_certificate(folder, [], b"k" * 32)
secured = dict(ssl_certfile=cert, ssl_keyfile=key, ssl_keyfile_password=key_password(b"k" * 32))
server = uvicorn.Server(uvicorn.Config(Litestar([fail]), port=0, **secured))
(thread := threading.Thread(target=server.run)).start()
while not server.started:
    time.sleep(0.05)
port = server.servers[0].sockets[0].getsockname()[1]
trusted = ssl.create_default_context(cafile=folder / "ca.crt")
with httpx.Client(verify=trusted, trust_env=False) as client:
    answer = client.get(f"https://localhost:{port}/calls/Quackenbush?number=5550100142")
server.should_exit = True
thread.join()
raise ValueError("Quackenbush", answer.status_code)
"""


def test_a_web_server_left_to_its_own_logging_shows_nothing_of_a_request(tmp_path) -> None:
    root = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-c", SERVED, tmp_path]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    assert "error=ValueError" in done.stderr, done.stderr
    assert "Started server process" in done.stderr
    assert_clean(io.StringIO(done.stdout + done.stderr))
