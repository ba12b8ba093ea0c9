"""What a person is asked and told when connecting a 3CX."""

from typing import Final, Literal

from appliance.errors import Misconfigured
from appliance.facts import Fact
from connectors.kinds import Field
from connectors.places import Place
from connectors.settling import Patience
from connectors.threecx_cdr import FIELDS


class Settings(Fact, frozen=True):
    """Where the recordings lie and what tells the calls; any of the three may be missing.

    ``place``: the recordings folder, or wherever 3CX archives to. ``database_host``: "" for no
    database. ``cdr``: off, active (3CX connects to us), passive (we connect to it) or files
    (``cdr_place``); ``cdr_fields`` as set in 3CX. ``zone``: IANA name of 3CX's own zone.
    ``stamps_in_utc``: whether file names tell UTC. ``extensions``: the clinic's own, when known.
    ``immediate`` and ``sweep`` as for a plain folder.
    """

    place: Place | None = None
    database_host: str = ""
    database_port: int = 5432
    database_name: str = "database_single"
    database_user: str = "phonesystem"
    cdr: Literal["off", "active", "passive", "files"] = "off"
    cdr_host: str = ""
    cdr_port: int = 0
    cdr_place: Place | None = None
    cdr_fields: tuple[str, ...] = FIELDS
    zone: str = "UTC"
    stamps_in_utc: Literal["auto", "yes", "no"] = "auto"
    extensions: tuple[str, ...] = ()
    immediate: bool = False
    sweep: bool = False
    max_bytes: int = 2 * 1024**3
    patience: Patience = Patience()


def check_settings(settings: Settings) -> None:
    """Raises Misconfigured for settings that cannot work together."""
    if not (settings.place or settings.database_host or settings.cdr != "off"):
        raise Misconfigured("give the folder of recordings, the database, or CDR output")
    if settings.database_host and settings.cdr != "off":
        raise Misconfigured("take the calls from the database or from CDR output, not from both")
    if settings.cdr in ("active", "passive") and not 0 < settings.cdr_port < 65536:
        raise Misconfigured("CDR output needs the port that is set in 3CX")
    if settings.cdr == "passive" and not settings.cdr_host:
        raise Misconfigured("passive CDR output needs the address of 3CX")
    if settings.cdr == "files" and settings.cdr_place is None:
        raise Misconfigured("CDR output into files needs the folder of these files")
    if "time-start" not in settings.cdr_fields:
        raise Misconfigured("without the field time-start no CDR line tells when its call was")


ON_DATABASE = (
    "3CX keeps its calls in PostgreSQL, which by default answers only on 3CX's own machine; let"
    " this box in through listen_addresses and pg_hba.conf. Best is a user of its own with SELECT"
    " on cdroutput, cdrrecordings and recordings (v18: cl_calls, cl_segments, cl_participants,"
    " cl_party_info)."
)

FORM: Final = (
    Field(
        name="place",
        label="Folder of the recordings",
        type="place",
        help="On 3CX's machine: /var/lib/3cxpbx/Instance1/Data/Recordings. Where 3CX archives its"
        " recordings, choose our drop folder and let 3CX archive into it by SFTP: archiving moves"
        " the files away from there.",
    ),
    Field(
        name="database_host",
        label="Address of the database",
        help=f"{ON_DATABASE} Leave it empty to go without.",
    ),
    Field(
        name="database_password",
        label="Password of the database user",
        secret=True,
        help="That of 3CX's own user lies in a configuration file of 3CX; in which one differs by"
        " version and was not verified.",
    ),
    Field(name="database_user", label="Database user", default="phonesystem", advanced=True),
    Field(name="database_name", label="Database", default="database_single", advanced=True),
    Field(
        name="database_port",
        label="Port of the database",
        type="number",
        default="5432",
        advanced=True,
    ),
    Field(
        name="cdr",
        label="CDR output of 3CX",
        type="choice",
        choices=(
            ("off", "not used"),
            ("active", "active socket: 3CX connects to this box"),
            ("passive", "passive socket: this box connects to 3CX"),
            ("files", "3CX writes files"),
        ),
        default="off",
        help="Tells the calls where the database cannot be had; no Enterprise license is needed.",
    ),
    Field(name="cdr_host", label="Address of 3CX", help="For the passive socket only."),
    Field(name="cdr_port", label="Port of CDR output", type="number", default="0"),
    Field(
        name="cdr_place",
        label="Folder of the CDR files",
        type="place",
        help="Where 3CX writes one file for all calls, or one for each.",
        advanced=True,
    ),
    Field(
        name="cdr_fields",
        label="Fields of CDR output",
        type="list",
        default=",".join(FIELDS),
        help="Exactly the list and order that is set in 3CX.",
        advanced=True,
    ),
    Field(
        name="zone",
        label="Time zone of the phone system",
        default="UTC",
        help="Such as America/Chicago.",
    ),
    Field(
        name="stamps_in_utc",
        label="Do file names tell the time in UTC?",
        type="choice",
        choices=(("auto", "find out"), ("yes", "yes"), ("no", "no, in the zone above")),
        default="auto",
        advanced=True,
    ),
    Field(
        name="extensions",
        label="Extensions of the clinic",
        type="list",
        help="Without call records only this list tells a call between two phones of the house.",
        advanced=True,
    ),
)

STEREO: Final = (
    "We do not know of a setting of 3CX that keeps both sides of a call apart, and do not claim"
    " there is none: no unit was at hand. To find out, open one recording in an audio editor; two"
    " tracks mean that it does. The box looks into every file by itself, and where it finds two"
    " channels it reads them apart, but which side is whose is not documented, so it says staff or"
    " caller only where voices and words tell. Recording on the SIP trunk instead, where your"
    " provider offers it, keeps the sides apart and survives updates of 3CX."
)

NOTES: Final = (
    "Built from the official guide to call detail records, the API's published description and the"
    " sources of open projects; emulated, never run against a real 3CX. Folder and database tell"
    " everything; folder and CDR output tell almost everything; the folder alone tells when, which"
    " extension and whom with, not who called whom, and nothing of missed calls. CDR records that"
    " 3CX sends while this box is off may be lost: 3CX gets no receipt. Archiving moves recordings"
    " away, and a full quota deletes the oldest: connect the folder 3CX archives into, or turn"
    " archiving off. An Enterprise license also has an API: see the other 3CX entry."
)
