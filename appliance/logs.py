"""Logging that cannot print a number, a name or words of a call.

A line is a message and fields. The message must be a constant of the code that logs it: text made
at run time is withheld. A field is shown when its name is known here and its value fits the kind
of that name; anything else shrinks to its type and length, ``<str:17>``. Errors show their class,
file and line; only our own errors, which are written for it, show their message. Records of
dependencies are stripped at birth, so no handler ever sees their arguments.
"""

import builtins
import errno
import logging
import math
import os
import re
import sys
import threading
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from appliance.errors import PetsvetError, Unavailable, Unusable
from appliance.facts import codes
from appliance.facts.jobs import LANES, ROAD

_OURS = ("appliance", "webui", "models", "connectors")
_PRIORITY = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3}
_MESSAGE = re.compile(r"[A-Za-z][A-Za-z ,;:'()/.\-]{0,160}")
_LONG_NUMBER = re.compile(r"\+?\(?\d(?:[\s().\-/]{0,3}\d){4,}")
_TOKEN = re.compile(r"[A-Za-z0-9+/_=\-]{32,}|\S+@\S+")
_PATH = re.compile(r"/[a-z_\-/]+")  # no key is without digits and capitals
_WITHHELD = "<message withheld>"
_DEEPEST = 4  # causes of an error that are told
_FRAMES = 12  # places of a traceback that are told

_codes: set[str] = {
    *codes.ANSWER_STATES, *codes.DIRECTIONS, *codes.INTENTS, *codes.OUTCOMES, *codes.CALL_STATES,
    *codes.KIND_OF_REASON, *codes.KIND_OF_REASON.values(), *codes.ROLES, *codes.URGENCIES,
    *codes.RUBRIC_STATES, *LANES, *ROAD, "discover", "sweep", "prune", "poll", "backup", "report",
    "clear_drop", "probe", "backfill", "watch_phones", "watch", "drop", "ftp", "listen", "web", "worker", "clock", "auto", "cpu", "cuda", "waiting", "running", "parked", "done",
    "int8", "int8_float16", "int8_bfloat16", "int8_float32", "int16", "float16", "bfloat16",
    "float32", "unreadable", "unknown_codec", "too_short", "too_long", "empty", "malformed",
    "path_escape", "symlink", "partial_http", "html_instead_of_audio", "auth_expired",
    "share_offline", "disk_full", "file", "credential",
}  # fmt: skip


class _Line(str):
    """Text that went through the filter; nothing else is printed."""

    foreign = False


class _ForeignLine(_Line):
    """What is left of a record of a dependency."""

    foreign = True


class Log:
    """Writes lines of one module: a constant message, and fields that are safe by name and kind."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, message: str, /, **fields: Any) -> None:
        """A line for the maker."""
        self._write(logging.DEBUG, message, fields)

    def info(self, message: str, /, **fields: Any) -> None:
        """A line for the operator: what the box did."""
        self._write(logging.INFO, message, fields)

    def warning(self, message: str, /, **fields: Any) -> None:
        """A line the operator should see."""
        self._write(logging.WARNING, message, fields)

    def error(self, message: str, /, **fields: Any) -> None:
        """A failure; give the exception as ``error=``."""
        self._write(logging.ERROR, message, fields)

    def _write(self, level: int, message: str, fields: dict[str, Any]) -> None:
        if self._logger.isEnabledFor(level):
            caller = sys._getframe(2).f_code
            known = isinstance(message, str) and message in caller.co_consts
            words = [message if known and _MESSAGE.fullmatch(message) else _WITHHELD]
            words += [_shown_field(name, value) for name, value in fields.items()]
            self._logger.log(level, _Line(" ".join(words)))


def get_log(name: str) -> Log:
    """The log of a module: ``log = get_log(__name__)``."""
    return Log(name)


def allow_codes(*names: str) -> None:
    """Let these constants of the program (stages, chores, models) be shown in fields for codes."""
    _codes.update(names)


def setup_logs(level: str = "info", stream: TextIO | None = None) -> None:
    """Route all logging, warnings and uncaught errors of this process through the safe filter.

    ``level`` is debug, info, warning or error and holds for our own lines; dependencies are heard
    from warning on. Lines go to ``stream`` (standard error), with a syslog priority in front when
    the journal reads it. Call it once in each process, after the dependencies set up theirs.
    """
    logging.setLogRecordFactory(_make_record)
    logging.raiseExceptions = False  # its report of a broken call prints the arguments
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Formatter())
    handler.addFilter(lambda record: not _is_chatter(record))
    for name in list(logging.Logger.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    logging.root.handlers = [handler]
    logging.root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(level.upper())
    access = logging.getLogger("uvicorn.access")  # every request line holds what was searched for
    access.disabled, access.propagate = True, False
    _hook_errors()


def _hook_errors() -> None:
    """Take over warnings and the places where uncaught errors would be printed in full."""
    log = get_log(__name__)

    def uncaught(kind: type[BaseException], error: BaseException, _: Any) -> None:
        log.error("the process ended with an error", error=error or kind)

    def in_thread(args: threading.ExceptHookArgs) -> None:
        log.error("a thread ended with an error", error=args.exc_value or args.exc_type)

    def unraisable(args: Any) -> None:
        log.error("an error could not be raised", error=args.exc_value or args.exc_type)

    def warned(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        text = f"warning {_class_name(category)} at {_place(filename, lineno)}"
        logging.getLogger("py.warnings").warning(_ForeignLine(text))

    sys.excepthook, sys.unraisablehook = uncaught, unraisable
    threading.excepthook = in_thread
    warnings.showwarning = warned


class _Formatter(logging.Formatter):
    """One line: priority for the journal or level for people, logger, text."""

    def format(self, record: logging.LogRecord) -> str:
        text = record.msg if isinstance(record.msg, _Line) else _foreign_line(record, None)
        level = record.levelno
        journal = "JOURNAL_STREAM" in os.environ
        start = f"<{_PRIORITY.get(level, 2)}>" if journal else f"{record.levelname.lower()} "
        return f"{start}{_logger_name(str(record.name))}: {text}"


def _is_chatter(record: logging.LogRecord) -> bool:
    ours = isinstance(record.msg, _Line) and not record.msg.foreign
    return not ours and record.levelno < logging.WARNING


def _make_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """The factory of all records: what is foreign loses its text, arguments and error at once."""
    record = logging.LogRecord(*args, **kwargs)
    if not isinstance(record.msg, _Line):
        record.msg = _foreign_line(record, sys._getframe(1))
    record.args, record.exc_info, record.exc_text, record.stack_info = (), None, None, None
    return record


def _foreign_line(record: logging.LogRecord, frame: types.FrameType | None) -> _ForeignLine:
    """Place, template if the library's own code holds it as a constant, and the error's class."""
    words = [_template(record, frame), "at", _place(record.pathname, record.lineno)]
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if error is not None:
        words.append(f"error={describe_error(error)}")
    return _ForeignLine(" ".join(words))


def _template(record: logging.LogRecord, frame: types.FrameType | None) -> str:
    while frame and (frame.f_code.co_filename, frame.f_lineno) != (record.pathname, record.lineno):
        frame = frame.f_back
    text, owner = record.msg, str(record.name).split(".", maxsplit=1)[0]
    if frame is None or not _is_of(frame.f_globals.get("__name__"), owner):
        return _WITHHELD
    known = isinstance(text, str) and text in frame.f_code.co_consts
    safe = known and text.isprintable() and len(text) < 200 and not _LONG_NUMBER.search(text)
    return text if safe else _WITHHELD


def _is_of(module: object, owner: str) -> bool:
    return str(module).split(".", maxsplit=1)[0] == owner


def describe_error(error: BaseException) -> str:
    """Class, safe message and places of an error and its causes, in one line without values."""
    parts: list[str] = []
    current: BaseException | None = error
    while current is not None and len(parts) < _DEEPEST:
        parts.append(_describe_one(current))
        hidden = None if current.__suppress_context__ else current.__context__
        current = current.__cause__ or hidden
    return " from ".join(parts)


def _describe_one(error: BaseException) -> str:
    text = _class_name(type(error))
    code = getattr(error, "sqlite_errorname", None)  # SQLITE_BUSY and the like
    if isinstance(error, OSError):
        code = errno.errorcode.get(error.errno or 0)
    elif isinstance(error, Unusable | Unavailable):
        code = error.outcome if error.outcome in _codes else None
    elif not (isinstance(code, str) and re.fullmatch(r"SQLITE_[A-Z_]{1,40}", code)):
        code = None
    if code:
        text += f"[{code}]"
    if isinstance(error, PetsvetError):
        text += f" '{_own_message(error)}'"
    places = list(_places(error.__traceback__))
    return f"{text} at {' > '.join(places[-_FRAMES:])}" if places else text


def _own_message(error: PetsvetError) -> str:
    """Our messages hold nothing personal; long numbers, addresses and keys are cut out anyway."""
    text = " ".join(str(error).split())[:300]
    text = _TOKEN.sub(lambda found: found[0] if _PATH.fullmatch(found[0]) else "<token>", text)
    text = _LONG_NUMBER.sub("<number>", text)
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _places(trace: types.TracebackType | None) -> Iterator[str]:
    for frame, line in traceback.walk_tb(trace):
        yield _place(frame.f_code.co_filename, line)


def _place(path: str, line: int) -> str:
    """``folder/file.py:12``; anything that is no plain path of code is left out."""
    tail = "/".join(Path(path).parts[-2:])
    return f"{tail}:{line}" if re.fullmatch(r"[A-Za-z_.\-/0-9]{1,80}\.py", tail) else f"code:{line}"


def _class_name(kind: type) -> str:
    name = kind.__name__
    return name if re.fullmatch(r"[A-Za-z_]+\d{0,2}", name) and len(name) <= 60 else "Exception"


def _logger_name(name: str) -> str:
    """The name of a logger if it is a loaded module, else its first part if that is one."""
    for known in (name, name.split(".", maxsplit=1)[0]):
        if known in sys.modules and re.fullmatch(r"[A-Za-z_.0-9]{1,80}", known):
            return known
    return "warnings" if name == "py.warnings" else "other"


def _shown_field(name: str, value: Any) -> str:
    if name not in _FIELDS:
        return f"withheld={_tag(value)}"
    shown = "yes" if value is True else "no" if value is False else _FIELDS[name](value)
    return f"{name}={shown or _tag(value)}"


def _tag(value: Any) -> str:
    sized = isinstance(value, str | bytes | bytearray | list | tuple | set | dict)
    return (
        f"<{_class_name(type(value))}:{len(value)}>" if sized else f"<{_class_name(type(value))}>"
    )


def _count(value: Any, limit: int = 10**6) -> str:
    """Whole numbers too small to be a telephone number, with groups marked by underscores."""
    return f"{value:_}" if type(value) is int and -limit < value < limit else ""


def _ref(value: Any) -> str:
    """An id or a random reference of ours (8 or 16 hex digits, not all of them decimal)."""
    if isinstance(value, str):
        random = re.fullmatch(r"[0-9a-f]{8}|[0-9a-f]{16}", value) and not value.isdecimal()
        return value if random else ""
    return _count(value, 10**9)


def _seconds(value: Any) -> str:
    """A duration or ratio; few digits, so that it cannot carry a number."""
    if not isinstance(value, int | float) or not math.isfinite(value) or abs(value) >= 10**6:
        return ""
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.0f}"


def _bytes(value: Any) -> str:
    if type(value) is not int or not 0 <= value < 2**50:
        return ""
    return f"{value / 2**20:.1f}MiB" if value < 2**30 else f"{value / 2**30:.1f}GiB"


def _code(value: Any) -> str:
    """Known codes, also several with commas, also with a running number (``worker-2``)."""
    parts = value.split(",") if isinstance(value, str) else [""]
    return value if all(re.sub(r"-\d{1,2}$", "", part) in _codes for part in parts) else ""


def _error(value: Any) -> str:
    """An error, its class, or the name of a class of Python's or ours."""
    if isinstance(value, BaseException):
        return describe_error(value)
    if isinstance(value, str):
        ours = {kind.__name__: kind for kind in PetsvetError.__subclasses__()}
        value = ours.get(value) or getattr(builtins, value, None)
    known = isinstance(value, type) and issubclass(value, BaseException)
    return _class_name(value) if known else ""


def _fields(kind: Callable[[Any], str], names: str) -> dict[str, Callable[[Any], str]]:
    return dict.fromkeys(names.split(), kind)


_FIELDS: dict[str, Callable[[Any], str]] = {
    **_fields(_ref, "call recording job reference connector person request incident pid id"),
    **_fields(_count, "count attempt attempts rows calls jobs files segments words workers left"),
    **_fields(_count, "threads failures line port status code channels percent removed added"),
    **_fields(_seconds, "seconds wait_s age_s lag_s audio_s speed ratio"),
    **_fields(_bytes, "bytes size free"),
    **_fields(_code, "kind stage chore lane state outcome reason mode device compute_type process"),
    **_fields(_code, "check role direction codec dialect model event source level"),
    **_fields(_error, "error cause"),
}
