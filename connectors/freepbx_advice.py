"""What the wizard says about FreePBX, Issabel and Asterisk: the fields, and how to get stereo."""

from connectors.kinds import Field

STEREO = """\
Out of the box Asterisk mixes both sides into one channel. Each side in a file of its own makes
speakers exact, and the box joins the files of one call by their names.

Plain Asterisk (extensions.conf): where MixMonitor is called, add the two legs, keeping the name
with ${UNIQUEID} and the endings -in and -out:
  same => n,MixMonitor(${NAME}.wav,r(${NAME}-in.wav)t(${NAME}-out.wav))
"r" is what came from the channel that runs the dialplan, "t" what went to it. Or option D for one
file with two channels, whose name must end in .raw (8 kHz, 16 bit, no header).

FreePBX and Issabel: do not edit extensions_additional.conf, it is written anew at every Apply
Config. Copy the context [sub-record-check] (its "record" or "recordcheck" part that holds
MixMonitor) into /etc/asterisk/extensions_override_freepbx.conf (Issabel:
extensions_override_issabelpbx.conf) and add
  r(${MIXMON_DIR}${YEAR}/${MONTH}/${DAY}/${CALLFILENAME}-in.wav)t(...-out.wav)
to the options there. Then: fwconsole reload (Issabel: amportal a r).

What survives: extensions_override_*.conf and extensions_custom.conf are never overwritten by
updates. But an overridden context stays as it was copied: after a larger upgrade compare it with
the new one in extensions_additional.conf, and make one test call. The recording format must stay
wav. Legs need the disk space of two more files; keep or delete the mix as you like, the box takes
the legs where both are there."""

NOTES = """\
Verified against a real Asterisk 20: recordings with all their ways of growing, Master.csv,
cdr_sqlite3_custom, and the manager's events. The tables of MariaDB are those in FreePBX's own
source, run on a real MariaDB; attended transfers by the phone's own key (REFER) were not seen on a
real system: they are joined to one call only where the records leave no doubt."""

FIELDS = (
    Field(
        name="place",
        label="Where the recordings are",
        help="The monitor folder, usually /var/spool/asterisk/monitor. SFTP with a user that may"
        " only read is the simplest road.",
        type="place",
    ),
    Field(
        name="records",
        label="Call records",
        help="Without them a call is told from its file's name alone: no missed calls, no names.",
        type="choice",
        choices=(
            ("auto", "As filled in below"),
            ("none", "None, file names only"),
            ("mysql", "MariaDB or MySQL (FreePBX, Issabel)"),
            ("csv", "Master.csv (plain Asterisk)"),
            ("sqlite", "SQLite, cdr_sqlite3_custom"),
        ),
        default="auto",
    ),
    Field(
        name="master_csv",
        label="Path of Master.csv",
        help="Usually /var/log/asterisk/cdr-csv/Master.csv, on the machine of the recordings. In"
        " cdr.conf set loguniqueid=yes.",
    ),
    Field(
        name="database_file",
        label="Path of the SQLite database",
        help="Usually /var/log/asterisk/master.db, on the machine of the recordings.",
    ),
    Field(
        name="database_table",
        label="Table of the SQLite database",
        default="cdr",
        advanced=True,
    ),
    Field(
        name="db_host",
        label="Address of the database",
        help="The phone system itself. MariaDB must listen there (bind-address), and its firewall"
        " let this box in at port 3306.",
    ),
    Field(name="db_port", label="Port of the database", type="number", default="3306"),
    Field(
        name="db_user",
        label="Database user",
        help="A user that may only read: GRANT SELECT ON asteriskcdrdb.cdr TO 'petsvet'@'this box'."
        " Test connection shows the exact statement.",
    ),
    Field(name="db_password", label="Database password", secret=True),
    Field(name="db_name", label="Database", default="asteriskcdrdb", advanced=True),
    Field(name="db_table", label="Table of calls", default="cdr", advanced=True),
    Field(name="db_cel_table", label="Table of events", default="cel", advanced=True),
    Field(
        name="db_tls",
        label="Encrypt the connection to the database",
        help="Needs TLS set up in MariaDB.",
        type="bool",
        advanced=True,
    ),
    Field(
        name="db_certificate",
        label="SHA-256 of the database's certificate",
        help="Empty: it must be vouched for by a known authority.",
        advanced=True,
    ),
    Field(
        name="zone",
        label="Time zone of the phone system",
        help="An IANA name such as America/Chicago.",
        default="UTC",
        required=True,
    ),
    Field(
        name="usegmtime",
        label="Call records are in UTC",
        help="usegmtime=yes in cdr.conf, or CDRUSEGMT in FreePBX.",
        type="bool",
    ),
    Field(
        name="dids",
        label="The clinic's own numbers",
        help="As the phone system shows them, separated by commas.",
        type="list",
    ),
    Field(
        name="extensions",
        label="Extensions",
        help="Empty: every number of two to six digits is one.",
        type="list",
    ),
    Field(
        name="ami_host",
        label="Address of Asterisk's manager (AMI)",
        help="Optional: calls then appear seconds after they end instead of at the next look. In"
        " manager.conf: read = cdr,call and no write.",
        advanced=True,
    ),
    Field(
        name="ami_port",
        label="Port of the manager",
        type="number",
        default="5038",
        advanced=True,
    ),
    Field(name="ami_user", label="User of the manager", advanced=True),
    Field(name="ami_password", label="Password of the manager", secret=True, advanced=True),
    Field(
        name="since",
        label="Take calls since",
        help="A date such as 2026-01-31. Empty: the last two days.",
        advanced=True,
    ),
)
