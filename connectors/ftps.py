"""Recordings over FTP with TLS: the control and every data connection under one certificate.

FTP tells less than the others: where a server knows MLSD, its facts are taken; else the lines of
``ls -l`` say what is a file, and MDTM its time. Names are bytes, carried as latin-1.
"""

import contextlib
import ftplib
import os
import socket
import ssl
import weakref
from collections.abc import Iterator

from appliance.errors import Misconfigured, Unavailable
from connectors import tls
from connectors.ftp_client import Client
from connectors.ftp_lines import nanoseconds_of, told_fact, told_line
from connectors.kinds import Means
from connectors.places import Ftps
from connectors.remote import SMALL, Handle, Lost, Remote, Thing, not_plain
from connectors.walking import Path

_FAREWELL_S = 5.0  # a file read to its last byte ends at once; one that is not is given up


def open_ftps(place: Ftps, means: Means) -> Remote:
    """The tree at an FTP server. Nothing is contacted yet."""
    return Remote(FtpsShelf(place, means))


class FtpsShelf:
    """See Shelf. A file being read has a connection of its own: FTP does one thing at a time.

    The one whose file was read to the end waits for the next file.
    """

    def __init__(self, place: Ftps, means: Means) -> None:
        self.place, self.means = place, means
        self._link: _Link | None = None
        self._spare: _Link | None = None

    def identity(self) -> tuple[str, str]:
        """See Shelf."""
        link = self._linked()
        with _telling():
            return f"ftp {link.server}", os.fsdecode(link.root.encode("latin-1"))

    def list(self, parts: Path) -> list[Thing]:
        """See Shelf."""
        with _telling():
            return self._linked().things(parts)

    def look(self, parts: Path) -> Thing:
        """See Shelf."""
        with _telling():
            return self._linked().look(parts)

    def open(self, parts: Path) -> tuple[Handle, Thing]:
        """See Shelf."""
        with _telling():
            thing = self._linked().look(parts)
        if thing.kind != "file":
            raise not_plain(thing.kind)
        return _FtpHandle(self, parts), thing

    def fetch(self, parts: Path, offset: int, size: int) -> bytes:
        """A short piece of a file, by the connection that is used for everything."""
        link, found = self._linked(), bytearray()
        with contextlib.closing(link.retrieve(parts, offset)) as data:
            while len(found) < size and (more := data.recv(size - len(found))):
                found += more
        try:
            link.ftp.voidresp()
        except (ftplib.error_temp, ftplib.error_perm):
            pass  # a complaint that we took no more
        except (EOFError, OSError):
            self.drop()  # some servers hang up over that
        return bytes(found)

    def begin(self, parts: Path, offset: int) -> tuple["_Link", socket.socket]:
        """A transfer of a file from ``offset`` on, over a connection for one reader alone."""
        link, self._spare = self._spare, None
        if link is not None:
            with contextlib.suppress(ftplib.Error, EOFError, OSError, AttributeError):
                return link, link.retrieve(parts, offset)
            link.close()  # the server has hung up on it since, or would not say why
        link = _Link(self.place, self.means)
        return link, link.retrieve(parts, offset)

    def give_back(self, link: "_Link") -> None:
        """Keep a connection whose transfer came to its end for the next reader."""
        if self._spare is not None:
            self._spare.close()
        self._spare = link

    def drop(self) -> None:
        """See Shelf."""
        for link in (self._link, self._spare):
            if link is not None:
                link.close()
        self._link = self._spare = None

    def _linked(self) -> "_Link":
        if self._link is None:
            self._link = _Link(self.place, self.means)
        return self._link


class _Link:
    """One signed-in connection; ``root`` is the folder's full name at the server."""

    def __init__(self, place: Ftps, means: Means) -> None:
        password = means.secrets.get("place_password")
        if not password:
            raise Misconfigured("enter the password of the FTP account")
        context = tls.context_for(place.certificate)
        # Session tickets of TLS 1.3 come late, and old servers refuse data connections without.
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.ftp = Client(place, means, context)
        with _signing_in(self.ftp, place, means):
            self.ftp.enter()
            self.server = f"{self.ftp.address} {place.port} {place.user}"
            if not place.plain:
                _encrypt(self.ftp)
            self.ftp.login(_wire(place.user), _wire(password), secure=False)
            self.close = weakref.finalize(self, _hang_up, self.ftp)
            if not place.plain:
                self.ftp.prot_p()
                self.ftp.secured = True
            self.tells_facts = _tells_facts(self.ftp)
            self.root = _enter(self.ftp, place.path)
        self._folder: Path | None = ()

    def path(self, parts: Path) -> str:
        """The full name of a place. Raises FileNotFoundError for one FTP cannot say."""
        names = [_wire(part) for part in parts]
        if any("\n" in name or "\r" in name for name in names):
            raise FileNotFoundError
        return "/".join((self.root.rstrip("/"), *names)) or "/"

    def enter(self, parts: Path) -> None:
        """Go to a folder; a link on the way shows in where we then are."""
        if self._folder == parts:
            return
        self._folder = None
        self.ftp.cwd(self.path(parts))
        if self.ftp.pwd().rstrip("/") != self.path(parts).rstrip("/"):
            raise not_plain("link")
        self._folder = parts

    def things(self, parts: Path) -> list[Thing]:
        """All there is in a folder."""
        self.enter(parts)
        lines = self._lines("MLSD" if self.tells_facts else "LIST")
        if self.tells_facts:
            found = [told_fact(line) for line in lines]
        else:
            found = [self._timed(parts, told_line(line)) for line in lines]
        return [thing for thing in found if thing and thing.name not in (".", "..")]

    def look(self, parts: Path) -> Thing:
        """One place."""
        self.enter(parts[:-1])
        if self.tells_facts:
            lines = self.ftp.sendcmd(f"MLST {self.path(parts)}").splitlines()
            facts = told_fact(lines[1].lstrip()) if len(lines) > 1 else None
            if facts is None:
                raise FileNotFoundError
            return facts._replace(name=parts[-1])
        name = parts[-1]
        # A server takes these for patterns, and a dash for an option: then all are listed.
        odd = any(sign in name for sign in "*?[]{}\\~") or name.startswith("-")
        lines = self._lines("LIST" if odd else f"LIST {self.path(parts)}")
        for thing in map(told_line, lines):
            if thing and thing.name.rpartition("/")[2] == name:
                timed = self._timed(parts[:-1], thing._replace(name=name))
                if timed:
                    return timed
        raise FileNotFoundError

    def retrieve(self, parts: Path, offset: int) -> socket.socket:
        """The data connection of a file from ``offset`` on; its end is told by ``voidresp``."""
        self.ftp.voidcmd("TYPE I")
        return self.ftp.transfercmd(f"RETR {self.path(parts)}", rest=offset or None)

    def _timed(self, folder: Path, thing: Thing | None) -> Thing | None:
        """The same with its time; None when it went in between."""
        if thing is None or thing.kind != "file":
            return thing
        try:
            answer = self.ftp.sendcmd(f"MDTM {self.path((*folder, thing.name))}")
            return thing._replace(modified_ns=nanoseconds_of(answer.split(" ", 1)[1]))
        except FileNotFoundError:
            return None
        except ftplib.error_perm as error:
            if str(error)[:3] in ("500", "502"):
                raise Misconfigured(
                    "this FTP server tells no times of files (MDTM); reach it by SFTP or SMB"
                ) from error
            return None

    def _lines(self, command: str) -> list[str]:
        found: list[str] = []
        self.ftp.retrlines(command, found.append)
        return found


def _hang_up(ftp: ftplib.FTP) -> None:
    with contextlib.suppress(Exception):
        ftp.close()


def _tells_facts(ftp: ftplib.FTP) -> bool:
    """Whether the server knows MLSD and MLST; names in UTF-8 are asked for on the way."""
    try:
        answer = ftp.sendcmd("FEAT").upper()
    except ftplib.error_perm:
        return _answers(ftp, "MLST")
    words = frozenset(line.split()[0] for line in answer.splitlines() if line.startswith(" "))
    if "UTF8" in words:
        _answers(ftp, "OPTS UTF8 ON")
    return "MLST" in words


def _answers(ftp: ftplib.FTP, command: str) -> bool:
    try:
        ftp.sendcmd(command)
    except (ftplib.error_perm, ftplib.error_temp):
        return False
    return True


def _enter(ftp: ftplib.FTP, path: str) -> str:
    try:
        ftp.cwd(_wire(path or "/"))
    except ftplib.error_perm as error:
        raise Unavailable(
            "there is no such folder at the phone system; is the path right?"
        ) from error
    return ftp.pwd()


@contextlib.contextmanager
def _telling() -> Iterator[None]:
    """Failures as Shelf says them."""
    try:
        yield
    except ftplib.error_perm as error:
        if str(error)[:3] in ("530", "532"):
            raise Lost from error
        raise FileNotFoundError from error
    except (ftplib.Error, EOFError, ssl.SSLError, ConnectionError, TimeoutError) as error:
        raise Lost from error
    except AttributeError as error:  # what the library says of a connection that was closed
        raise Lost from error


@contextlib.contextmanager
def _signing_in(ftp: Client, place: Ftps, means: Means) -> Iterator[None]:
    """Failures to get in, in words for people."""
    try:
        yield
    except BaseException as error:
        _hang_up(ftp)
        if isinstance(error, ssl.SSLCertVerificationError):
            shown = certificate_of(place, means)
            raise Misconfigured(
                f"nobody vouches for the FTP server's certificate; it shows {shown}: compare it"
                " with the phone system's and enter it in the settings"
            ) from error
        if isinstance(error, ftplib.error_perm):
            raise Misconfigured("the FTP server refuses the user or the password") from error
        if isinstance(error, ftplib.Error | EOFError):
            raise Unavailable("the FTP server sent us away; try again later") from error
        if isinstance(error, OSError):
            raise Unavailable(tls.why_no_tls(error)) from error
        raise


def _encrypt(ftp: Client) -> None:
    try:
        ftp.auth()
    except ftplib.error_perm as error:
        raise Misconfigured(
            "the FTP server does not speak TLS; turn it on there, or choose FTP without TLS"
        ) from error


def _wire(text: str) -> str:
    """UTF-8 in the clothes of latin-1, the way the library sends bytes."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def certificate_of(place: Ftps, means: Means) -> str:
    """The SHA-256 of the certificate the FTP server shows, in hex, for a person to confirm."""
    ftp = Client(place, means, ssl.create_default_context())
    try:
        ftp.enter()
        ftp.voidcmd("AUTH TLS")
        assert ftp.sock is not None
        return tls.shown_by(ftp.sock, place.host)
    except (ftplib.Error, EOFError, OSError) as error:
        raise Unavailable("the FTP server shows no certificate") from error
    finally:
        _hang_up(ftp)


class _FtpHandle:
    """See Handle. A transfer begins where it is read, and goes on while it is read in order."""

    def __init__(self, shelf: FtpsShelf, parts: Path) -> None:
        self._shelf, self._parts = shelf, parts
        self._link: _Link | None = None
        self._data: socket.socket | None = None
        self._at = -1

    def read_at(self, offset: int, size: int) -> bytes:
        """See Handle."""
        with _telling():
            if offset != self._at and size <= SMALL:
                return self._shelf.fetch(self._parts, offset, size)
            if offset != self._at or self._data is None:
                self.close()
                self._link, self._data = self._shelf.begin(self._parts, offset)
                self._at = offset
            data = self._data.recv(size)
        self._at += len(data)
        return data

    def close(self) -> None:
        """See Handle."""
        if self._link is not None and self._data is not None:
            if _is_over(self._link, self._data):
                self._shelf.give_back(self._link)
            else:
                self._link.close()
        self._data, self._link, self._at = None, None, -1


def _is_over(link: _Link, data: socket.socket) -> bool:
    """Whether a transfer has come to its end, so that its connection is free for the next one."""
    with contextlib.closing(data), contextlib.suppress(ftplib.Error, EOFError, OSError):
        data.settimeout(_FAREWELL_S)
        if not data.recv(1):
            data.close()
            link.ftp.voidresp()
            return True
    return False
