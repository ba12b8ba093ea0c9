"""Where files lie, as a setting: a mounted folder, SFTP, SMB, FTPS, or our own drop folder.

A dialect that reads files has one ``place`` among its settings and asks ``open_place`` for the
tree; it never knows which transport it is. Secrets are told by the names below.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath

import msgspec
from msgspec import structs

from appliance.errors import Misconfigured
from connectors.files import Files
from connectors.kinds import Means
from connectors.mount import Mount


class Mounted(
    msgspec.Struct, frozen=True, tag="folder", tag_field="by", forbid_unknown_fields=True
):
    """A folder of this machine, a mounted share included."""

    path: str


class Sftp(msgspec.Struct, frozen=True, tag="sftp", tag_field="by", forbid_unknown_fields=True):
    """A folder over SFTP. ``host_key``: its pinned SHA256 fingerprint (``SHA256:…``).

    Secrets: ``place_password``, or ``place_key`` (an OpenSSH private key).
    """

    host: str
    user: str
    path: str = "."
    host_key: str = ""
    port: int = 22


class Smb(msgspec.Struct, frozen=True, tag="smb", tag_field="by", forbid_unknown_fields=True):
    """A Windows or Samba share, read without mounting. Secret: ``place_password``."""

    host: str
    share: str
    user: str
    path: str = ""
    domain: str = ""
    port: int = 445


class Ftps(msgspec.Struct, frozen=True, tag="ftps", tag_field="by", forbid_unknown_fields=True):
    """A folder over FTP with TLS. ``certificate``: pinned SHA-256 of the server's, in hex.

    ``plain``: FTP without TLS, by explicit wish. Secret: ``place_password``.
    """

    host: str
    user: str
    path: str = "/"
    certificate: str = ""
    port: int = 21
    plain: bool = False


class Drop(msgspec.Struct, frozen=True, tag="drop", tag_field="by", forbid_unknown_fields=True):
    """Our own SFTP account into which the phone system delivers; ``path``: a folder inside it.

    Secret: ``place_password``; instead of it, or beside it, ``key`` is an authorized public key in
    OpenSSH's form.
    """

    user: str
    path: str = ""
    key: str = ""


Place = Mounted | Sftp | Smb | Ftps | Drop


SECRETS = ("place_password", "place_key")


def secret_name(field: str, secret: str) -> str:
    """What a secret of the place in setting ``field`` is called: each place has its own."""
    return secret if field == "place" else f"{field}_{secret.removeprefix('place_')}"


def secrets_for(field: str, secrets: Mapping[str, str]) -> dict[str, str]:
    """The secrets of the place in setting ``field``, under the usual names.

    A second place for which none was entered is reached with those of the first. They are never
    mixed: a password of one beside the key of the other would be offered to a stranger.
    """
    given = {secret: secrets.get(secret_name(field, secret), "") for secret in SECRETS}
    own = {secret: text for secret, text in given.items() if text}
    return own or {secret: secrets[secret] for secret in SECRETS if secret in secrets}


def open_second(place: Place, field: str, means: Means) -> Files:
    """The tree at the place in setting ``field``, which may have secrets of its own."""
    return open_place(place, structs.replace(means, secrets=secrets_for(field, means.secrets)))


def open_place(place: Place, means: Means) -> Files:
    """The tree at a place. Nothing is contacted yet; raises Misconfigured when it cannot be."""
    # Imported here: each of them knows its own place, and none is needed by a page.
    if isinstance(place, Sftp):
        from connectors.sftp import open_sftp

        return open_sftp(place, means)
    if isinstance(place, Smb):
        from connectors.smb import open_smb

        return open_smb(place, means)
    if isinstance(place, Ftps):
        from connectors.ftps import open_ftps

        return open_ftps(place, means)
    if isinstance(place, Mounted):
        return Mount(place.path)
    return Mount(_drop_folder(place, means), own=True)


def _drop_folder(place: Drop, means: Means) -> str:
    """Where deliveries lie; ``path`` is a folder inside it, and never leads out."""
    if not means.drop:
        raise Misconfigured("this connector has no drop folder; save its settings once more")
    inner = PurePosixPath(place.path.strip("/"))
    if ".." in inner.parts:
        raise Misconfigured("the folder inside the drop folder may not lead out of it")
    return str(PurePosixPath(means.drop) / inner)
