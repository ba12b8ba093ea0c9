"""Settings that every Yeastar shares."""

from connectors.kinds import Field

LEFT = (("", "nobody has listened yet"), ("caller", "the caller"), ("staff", "our staff"))
HOUSE_FIELDS = (
    Field(name="zone", label="Time zone of the phone system", default="UTC"),
    Field(
        name="extensions",
        label="Extensions",
        type="list",
        help="The phones of the clinic; left empty, they are asked for where the API lists them.",
        advanced=True,
    ),
    Field(
        name="queues",
        label="Queue numbers",
        type="list",
        help="Where callers wait; a recording's name may hold one where a phone would stand.",
        advanced=True,
    ),
    Field(name="dids", label="The clinic's own outside numbers", type="list", advanced=True),
)

LEFT_FIELDS = (
    Field(
        name="left_in",
        label="On the left, when somebody calls us",
        type="choice",
        choices=LEFT,
        advanced=True,
    ),
    Field(
        name="left_out",
        label="On the left, when we call somebody",
        type="choice",
        choices=LEFT,
        advanced=True,
    ),
)
CERTIFICATE = Field(
    name="certificate",
    label="Fingerprint of its certificate",
    help="SHA-256, shown by the test; compare it with the phone system's own page.",
    advanced=True,
)
PUSH_PATH = Field(
    name="push_path",
    label="Secret end of the address for pushed records",
    secret=True,
    help="Anything long; the address the phone system pushes to must end with it.",
    advanced=True,
)
