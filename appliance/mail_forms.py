"""What people type about mail, notices and webhooks, read into settings that hold together."""

import ipaddress
import re
from collections.abc import Mapping
from datetime import datetime

import msgspec

from appliance.errors import Misconfigured
from appliance.facts.notices import EVENTS, Hook, MailServer, NoticeRules
from appliance.store.mail import check_server
from appliance.store.readers import check_rules
from connectors import doors, tls
from connectors.hooks import check_url

Typed = Mapping[str, str]
LONGEST_URL = 500
LONGEST_AUTHORITY = 32 * 1024
_WIDEST = {4: 16, 6: 48}


def read_server(typed: Typed, set_by: str) -> MailServer:
    """The mail server a person typed. Raises Misconfigured with what is wrong."""
    server = MailServer(
        host=typed.get("host", "").strip(),
        port=_number(typed.get("port", "")),
        security=typed.get("security", ""),
        user=_one_line(typed.get("user", "")),
        sender=typed.get("sender", "").strip(),
        allowed=read_allowed(typed.get("allowed", "")),
        authority=read_authority(typed.get("authority", "")),
        enabled=typed.get("enabled") == "yes",
        set_by=set_by,
    )
    check_server(server)
    return server


def show_server(server: MailServer | None) -> dict[str, str]:
    """A mail server as the form shows it."""
    if server is None:
        return {"port": "587", "security": "starttls", "enabled": "yes"}
    return {
        "host": server.host,
        "port": str(server.port),
        "security": server.security,
        "user": server.user,
        "sender": server.sender,
        "allowed": ", ".join(server.allowed),
        "authority": server.authority,
        "enabled": "yes" if server.enabled else "",
    }


def read_hook(typed: Typed, now: datetime, set_by: str, hook_id: int = 0) -> Hook:
    """The webhook a person typed. Raises Misconfigured with what is wrong."""
    url = typed.get("url", "").strip()
    if len(url) > LONGEST_URL:
        raise Misconfigured(f"the address may have at most {LONGEST_URL} characters")
    check_url(url)
    return Hook(
        id=hook_id,
        url=url,
        events=tuple(event for event in EVENTS if typed.get(f"event.{event}") == "yes"),
        allowed=read_allowed(typed.get("allowed", "")),
        authority=read_authority(typed.get("authority", "")),
        created_at=now,
        set_by=set_by,
    )


def show_hook(hook: Hook) -> dict[str, str]:
    """A webhook as the form shows it."""
    events = {f"event.{event}": "yes" for event in hook.events}
    allowed = ", ".join(hook.allowed)
    return {"url": hook.url, "allowed": allowed, "authority": hook.authority, **events}


def read_allowed(text: str) -> tuple[str, ...]:
    """Addresses and networks with commas or spaces between, as they are kept.

    Raises Misconfigured for what is neither, for one nobody may be talked to at, and for a network
    so wide that allowing it says nothing.
    """
    return tuple(dict.fromkeys(_entry(entry) for entry in re.split(r"[,\s]+", text) if entry))


def _entry(entry: str) -> str:
    try:
        network = ipaddress.ip_network(entry, strict=False)
    except ValueError:
        raise Misconfigured(
            "the allowed addresses are IP addresses like 192.168.1.20, with commas between"
        ) from None
    if reason := doors.reason_against(network.network_address):
        raise Misconfigured(f"{network.network_address} cannot be allowed: it {reason}")
    if network.prefixlen < _WIDEST[network.version]:
        raise Misconfigured("this network is too wide; allow the one address that is meant")
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def read_authority(text: str) -> str:
    """A certificate (PEM), or "". Raises Misconfigured for anything else."""
    authority = text.replace("\r\n", "\n").strip()
    if "PRIVATE KEY" in authority:
        raise Misconfigured("this holds a private key; paste the certificate alone")
    if len(authority) > LONGEST_AUTHORITY or not authority.isascii():
        raise Misconfigured("this is no certificate; it is too long or has strange letters")
    tls.context_of(authority)
    return authority


def read_rules(typed: Typed) -> NoticeRules:
    """The times of notices a person typed. Raises Misconfigured with what is wrong."""
    rules = NoticeRules(
        brief=_times(typed, "brief"),
        desk=_times(typed, "desk"),
        digest=typed.get("digest", "").strip(),
        weekly_day=typed.get("weekly_day", ""),
        weekly=typed.get("weekly", "").strip(),
        closed_days=typed.get("closed_days") == "yes",
        alerts_per_hour=_number(typed.get("alerts_per_hour", "")),
        full=typed.get("full") == "yes",
    )
    check_rules(rules)
    return rules


def show_rules(rules: NoticeRules) -> dict[str, str]:
    """The times of notices as the form shows them."""
    shown = {f"brief.{day}": time for day, time in rules.brief.items()}
    shown |= {f"desk.{day}": time for day, time in rules.desk.items()}
    fields = msgspec.structs.asdict(rules)
    shown |= {name: fields[name] for name in ("digest", "weekly_day", "weekly")}
    return shown | {
        "closed_days": "yes" if rules.closed_days else "",
        "alerts_per_hour": str(rules.alerts_per_hour),
        "full": "yes" if rules.full else "",
    }


def _times(typed: Typed, notice: str) -> dict[str, str]:
    found = {day: typed.get(f"{notice}.{day}", "").strip() for day in "0123456"}
    return {day: time for day, time in found.items() if time}


def _number(text: str) -> int:
    """A whole number, 0 where it is none: the checks tell what it must be."""
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


def _one_line(text: str) -> str:
    line = text.strip()
    if not line.isprintable():
        raise Misconfigured("the user has letters that cannot be typed; enter it again")
    return line
