"""The TLS certificate of the box and the small local authority that signs it.

Staff install ``ca.crt`` once. It may sign only names and addresses of a local network and those the
box was given, so that a stolen authority cannot pose as the rest of the internet.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance.errors import Misconfigured, Tampered
from appliance.keys import write_private
from appliance.logs import get_log

log = get_log(__name__)

CA_CERT, CA_KEY = "ca.crt", "ca.key"
CERT, KEY = "server.crt", "server.key"
VALID = timedelta(days=397)  # the longest that browsers accept, with a day to spare
RENEW = timedelta(days=30)
_CA_VALID = timedelta(days=3650)
_BACKDATED = timedelta(hours=1)  # clocks of desks are a little behind
_LOCAL_DOMAINS = ("localhost", "local", "lan", "internal", "home.arpa")
_LOCAL_NETWORKS = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16",
    "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip

_Key = ec.EllipticCurvePrivateKey
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Pair = tuple[x509.Certificate, _Key]


def key_password(keys_tls: bytes) -> str:
    """Passphrase of the private keys, for uvicorn's ``ssl_keyfile_password``: 64 hex digits."""
    info = b"petsvet/certificate/1|passphrase"
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(keys_tls).hex()


def ensure_certificate(
    folder: Path, names: Sequence[str], keys_tls: bytes, *, now: datetime | None = None
) -> tuple[Path, Path]:
    """Make or renew the certificate; return paths of the chain and its encrypted key (PEM).

    It covers localhost, the host name, ``names`` (host names and IP addresses) and lasts 397 days;
    it is made again with less than 30 days left, when the names change, or when the pair is broken.
    The authority stays, so that staff need not install it again, unless it ends soon or a new name
    lies outside what it may sign. Raises Misconfigured for a name that is none, Tampered when the
    key of the authority does not open.
    """
    moment = now or datetime.now(UTC)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    hosts, addresses = _sort_names([*names, "localhost", "127.0.0.1", "::1", _host_name()])
    password = key_password(keys_tls).encode()
    authority = _load_authority(folder, password)
    if authority is None or not _may_sign(authority[0], hosts, addresses, moment):
        authority = _make_authority(hosts, addresses, moment)
        _save_authority(folder, authority, password)
        log.warning("a new certificate authority was made: staff must install it")
    _publish_authority(folder, authority[0])
    if not _still_good(folder, authority[0], hosts, addresses, password, moment):
        certificate, key = _make_server(authority, hosts, addresses, moment)
        write_private(folder / KEY, _private_pem(key, password))
        write_private(folder / CERT, _pem(certificate) + _pem(authority[0]))
        log.info("the certificate was renewed")
    return folder / CERT, folder / KEY


def authority_fingerprint(folder: Path) -> str:
    """SHA-256 of the authority as browsers show it, to be compared when staff install it."""
    digest = _read_certificate(folder / CA_CERT).fingerprint(SHA256()).hex().upper()
    return ":".join(re.findall("..", digest))


def _host_name() -> str:
    name = socket.gethostname().lower()
    return name if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", name) else "localhost"


def _sort_names(names: Iterable[str]) -> tuple[list[str], list[_Address]]:
    """Host names (lower case) and addresses, each once, in a fixed order."""
    hosts: set[str] = set()
    addresses: set[_Address] = set()
    for name in names:
        try:
            addresses.add(ipaddress.ip_address(name.strip("[]")))
        except ValueError:
            host = name.lower().rstrip(".")
            if len(host) > 253 or not re.fullmatch(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", host):
                raise Misconfigured(
                    "web.names holds something that is neither a host name nor an address."
                ) from None
            hosts.add(host)
    return sorted(hosts), sorted(addresses, key=lambda address: (address.version, int(address)))


def _load_authority(folder: Path, password: bytes) -> _Pair | None:
    """Key and certificate of the authority, from the one file that holds both."""
    if not (folder / CA_KEY).exists():
        return None
    try:
        return _read_pair(folder, CA_KEY, CA_KEY, password)
    except (OSError, ValueError, TypeError):
        raise Tampered(
            "The key of the certificate authority does not open. Move the tls folder away to have "
            "a new one made; staff must then install the new authority."
        ) from None


def _save_authority(folder: Path, authority: _Pair, password: bytes) -> None:
    """One file for both, so that no crash can part them."""
    content = _private_pem(authority[1], password) + _pem(authority[0])
    write_private(folder / CA_KEY, content)


def _publish_authority(folder: Path, ca: x509.Certificate) -> None:
    """The certificate alone, to be downloaded by staff."""
    path = folder / CA_CERT
    if not path.exists() or path.read_bytes() != _pem(ca):
        write_private(path, _pem(ca))


def _read_certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _read_pair(folder: Path, cert: str, key: str, password: bytes) -> _Pair:
    """Raises OSError, ValueError or TypeError when a file is missing, broken or no pair."""
    certificate = _read_certificate(folder / cert)
    private = load_pem_private_key((folder / key).read_bytes(), password)
    if not isinstance(private, _Key) or certificate.public_key() != private.public_key():
        raise ValueError("certificate and key are no pair")
    return certificate, private


def _private_pem(key: _Key, password: bytes) -> bytes:
    encryption = BestAvailableEncryption(password)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _may_sign(
    ca: x509.Certificate, hosts: Sequence[str], addresses: Sequence[_Address], now: datetime
) -> bool:
    """Whether the authority lasts long enough and its constraints allow all names."""
    if ca.not_valid_after_utc < now + VALID:
        return False
    allowed = ca.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees
    domains = [name.value for name in allowed or () if isinstance(name, x509.DNSName)]
    networks = [
        ipaddress.ip_network(name.value)
        for name in allowed or ()
        if isinstance(name, x509.IPAddress)
    ]
    return all(
        any(host == domain or host.endswith(f".{domain}") for domain in domains) for host in hosts
    ) and all(any(address in network for network in networks) for address in addresses)


def _still_good(
    folder: Path,
    ca: x509.Certificate,
    hosts: Sequence[str],
    addresses: Sequence[_Address],
    password: bytes,
    now: datetime,
) -> bool:
    try:
        certificate, _ = _read_pair(folder, CERT, KEY, password)
        certificate.verify_directly_issued_by(ca)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is made again
        return False
    same = names == _alternative_names(hosts, addresses)
    return (
        same and certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - RENEW
    )


def _alternative_names(
    hosts: Sequence[str], addresses: Sequence[_Address]
) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(
        [*(x509.DNSName(host) for host in hosts), *(x509.IPAddress(one) for one in addresses)]
    )


def _builder(
    subject: str, issuer: x509.Name | None, key: _Key, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer or name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now - _BACKDATED + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _make_authority(hosts: Sequence[str], addresses: Sequence[_Address], now: datetime) -> _Pair:
    """A new authority; the random part of its name tells it from an older one in a browser."""
    key = ec.generate_private_key(ec.SECP256R1())
    mark = x509.random_serial_number() % 2**32
    networks = [ipaddress.ip_network(network) for network in _LOCAL_NETWORKS]
    outside = [one for one in addresses if not any(one in network for network in networks)]
    domains = dict.fromkeys([*_LOCAL_DOMAINS, *hosts])
    permitted: list[x509.GeneralName] = [x509.DNSName(domain) for domain in domains]
    permitted += [x509.IPAddress(network) for network in networks]
    permitted += [x509.IPAddress(ipaddress.ip_network(one)) for one in outside]
    constraints = x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)
    certificate = (
        _builder(f"PetsVet box authority {mark:08x}", None, key, now, _CA_VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(constraints, critical=True)
        .sign(key, SHA256())
    )
    return certificate, key


def _make_server(
    authority: _Pair, hosts: Sequence[str], addresses: Sequence[_Address], now: datetime
) -> _Pair:
    ca, ca_key = authority
    key = ec.generate_private_key(ec.SECP256R1())
    known = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    server_only = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    certificate = (
        _builder("PetsVet box", ca.subject, key, now, VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(server_only, critical=False)
        .add_extension(_alternative_names(hosts, addresses), critical=False)
        .add_extension(known, critical=False)
        .sign(ca_key, SHA256())
    )
    return certificate, key
