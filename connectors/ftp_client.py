"""The library's FTP client, kept to the one address that was judged and to one TLS session."""

import ftplib
import socket
import ssl

from connectors import doors
from connectors.kinds import Means
from connectors.places import Ftps

_ANSWER_S = 30


class Client(ftplib.FTP_TLS):
    """The library's client, going out through our door only."""

    def __init__(self, place: Ftps, means: Means, context: ssl.SSLContext) -> None:
        super().__init__(context=context, timeout=_ANSWER_S, encoding="latin-1")
        self.place, self.means, self.secured = place, means, False

    def enter(self) -> None:
        """Connect and take the greeting."""
        self.host, self.port = self.place.host, self.place.port
        self.sock = self._dial(self.host, self.port)
        self.address = self.sock.getpeername()[0]
        self.af = self.sock.family
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()

    def ntransfercmd(
        self, cmd: str, rest: int | str | None = None
    ) -> tuple[socket.socket, int | None]:
        """A data connection to the same address, whatever address the server names."""
        _, port = self.makepasv()
        connection = self._dial(self.address, port)
        try:
            if rest is not None:
                self.sendcmd(f"REST {rest}")
            answer = self.sendcmd(cmd)
            if answer[0] != "1":
                raise ftplib.error_reply(answer)  # noqa: S321  (raised only; FTP is by explicit wish)
            if self.secured:
                # Servers want proof that it is the same guest: the session of the control channel.
                session = getattr(self.sock, "session", None)
                connection = self.context.wrap_socket(
                    connection, server_hostname=self.host, session=session
                )
        except BaseException:
            connection.close()
            raise
        return connection, None

    def _dial(self, host: str, port: int) -> socket.socket:
        opened = doors.connect(host, port, self.means.allowed)
        opened.settimeout(_ANSWER_S)
        return opened
