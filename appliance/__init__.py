"""The appliance: from a recording of the clinic's phone system to a page the office manager reads."""

__version__ = "0.1.0"
