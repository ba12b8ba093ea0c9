"""Browsers of the clinic can trust the box, and nobody can trust its authority for more."""

import datetime as dt
import ipaddress
import socket
import ssl
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from appliance import certificate as making
from appliance.certificate import authority_fingerprint, ensure_certificate, key_password
from appliance.errors import Misconfigured, Tampered

ROOT = Path(__file__).resolve().parents[1]
TLS = bytes(range(32))
NAMES = ("vet-box", "calls.clinic.example", "192.168.7.9", "fd00::7", "203.0.113.7")
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)


@pytest.fixture
def made(tmp_path) -> tuple[Path, Path, Path]:
    folder = tmp_path / "tls"
    return folder, *ensure_certificate(folder, NAMES, TLS, now=NOW)


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def greet(folder: Path, cert: Path, key: Path, host: str, password: str = "") -> str:
    """Shake hands in memory as a browser that trusts the authority; return the TLS version."""
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(cert, key, password or key_password(TLS))
    client_side = ssl.create_default_context(cafile=folder / "ca.crt")
    pipes = [ssl.MemoryBIO() for _ in range(2)]
    client = client_side.wrap_bio(pipes[0], pipes[1], server_hostname=host)
    server = server_side.wrap_bio(pipes[1], pipes[0], server_side=True)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return client.version() or ""


@pytest.mark.parametrize("host", [*NAMES, "localhost", "127.0.0.1", "::1", socket.gethostname()])
def test_a_browser_that_knows_the_authority_accepts_every_name(made, host) -> None:
    assert greet(*made, host) == "TLSv1.3"


def test_another_name_is_not_accepted(made) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        greet(*made, "bank.example")


def test_the_certificate_is_a_server_s_and_lasts_as_long_as_browsers_allow(made) -> None:
    _, cert, _ = made
    server = read(cert)
    assert server.not_valid_after_utc - server.not_valid_before_utc == dt.timedelta(days=397)
    assert server.not_valid_before_utc < NOW
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"localhost", "vet-box"} <= set(names.get_values_for_type(x509.DNSName))
    assert ipaddress.ip_address("fd00::7") in names.get_values_for_type(x509.IPAddress)
    usage = server.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert server.public_key().curve.name == "secp256r1"
    assert len(x509.load_pem_x509_certificates(cert.read_bytes())) == 2


def test_a_stolen_authority_cannot_pose_as_the_rest_of_the_internet(made) -> None:
    folder, cert, key = made
    password = key_password(TLS).encode()
    stolen = making._load_authority(folder, password)
    forged, private = making._make_server(stolen, ["bank.example"], [], NOW)
    cert.write_bytes(making._pem(forged) + making._pem(stolen[0]))
    key.write_bytes(making._private_pem(private, password))
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        greet(folder, cert, key, "bank.example")


def test_the_authority_signs_nothing_below_it(made) -> None:
    ca = read(made[0] / "ca.crt")
    basic = ca.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.value.ca, basic.value.path_length, basic.critical) == (True, 0, True)
    assert ca.extensions.get_extension_for_class(x509.NameConstraints).critical


def test_private_keys_are_encrypted_and_for_the_owner_only(made) -> None:
    folder, _, key = made
    for path in (key, folder / "ca.key"):
        content = path.read_bytes()
        assert content.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        for wrong in (None, b"x", key_password(bytes(32)).encode()):
            with pytest.raises((TypeError, ValueError)):
                load_pem_private_key(content, wrong)
    assert b"PRIVATE" not in (folder / "ca.crt").read_bytes()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_good_certificate_is_left_alone(made) -> None:
    folder, cert, _ = made
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(before) == {"ca.crt", "ca.key", "server.crt", "server.key"}
    for day in (1, 300, 366):
        ensure_certificate(folder, reversed(NAMES), TLS, now=NOW + dt.timedelta(days=day))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert cert.exists()


def test_it_is_renewed_in_its_last_month_under_the_same_authority(made) -> None:
    folder, cert, _ = made
    old, ca = read(cert), read(folder / "ca.crt")
    ensure_certificate(folder, NAMES, TLS, now=NOW + dt.timedelta(days=368))
    assert read(cert).serial_number != old.serial_number
    assert read(cert).not_valid_after_utc > old.not_valid_after_utc
    assert read(folder / "ca.crt") == ca


def test_a_clock_that_was_ahead_does_not_leave_a_certificate_of_the_future(made) -> None:
    folder, cert, _ = made
    ca = read(folder / "ca.crt")
    earlier = NOW - dt.timedelta(days=3000)
    ensure_certificate(folder, NAMES, TLS, now=earlier)
    assert read(cert).not_valid_before_utc < earlier
    assert read(folder / "ca.crt") == ca


def test_a_new_local_name_renews_the_certificate_but_not_the_authority(made) -> None:
    folder, cert, key = made
    ca = read(folder / "ca.crt")
    ensure_certificate(folder, [*NAMES, "desk.local", "10.1.2.3"], TLS)
    assert read(folder / "ca.crt") == ca
    for host in ("desk.local", "10.1.2.3"):
        assert greet(folder, cert, key, host)


@pytest.mark.parametrize("name", ["other.example", "198.51.100.4"])
def test_a_name_outside_what_it_may_sign_makes_a_new_authority(made, name) -> None:
    folder, cert, key = made
    ca = read(folder / "ca.crt")
    ensure_certificate(folder, [*NAMES, name], TLS)
    assert read(folder / "ca.crt") != ca
    assert greet(folder, cert, key, name)


def test_an_authority_near_its_end_is_made_again(made) -> None:
    folder, _, _ = made
    ca = read(folder / "ca.crt")
    ensure_certificate(folder, NAMES, TLS, now=NOW + dt.timedelta(days=3400))
    assert read(folder / "ca.crt").not_valid_after_utc > ca.not_valid_after_utc


@pytest.mark.parametrize("name", ["server.crt", "server.key", "ca.crt"])
@pytest.mark.parametrize("content", [None, b"", b"garbage"])
def test_a_broken_pair_is_made_again(made, name, content) -> None:
    folder, cert, key = made
    ca = read(folder / "ca.crt")
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    ensure_certificate(folder, NAMES, TLS)
    assert greet(folder, cert, key, "localhost")
    assert read(folder / "ca.crt") == ca


def test_an_authority_that_does_not_open_is_reported_not_replaced(made) -> None:
    folder, _, _ = made
    before = (folder / "ca.key").read_bytes()
    with pytest.raises(Tampered, match="Move the tls folder away"):
        ensure_certificate(folder, NAMES, bytes(32))
    (folder / "ca.key").write_bytes(before[:200])
    with pytest.raises(Tampered):
        ensure_certificate(folder, NAMES, TLS)


@pytest.mark.parametrize("name", ["", "a b", "*.clinic.example", "a..b", "x" * 300, "http://box"])
def test_what_is_no_name_is_refused_without_repeating_it(tmp_path, name) -> None:
    with pytest.raises(Misconfigured, match=r"web\.names") as caught:
        ensure_certificate(tmp_path, [name], TLS)
    assert not name or name not in str(caught.value)


def test_the_fingerprint_is_the_one_browsers_show(made) -> None:
    shown = authority_fingerprint(made[0])
    assert len(shown) == 95
    command = ["openssl", "x509", "-in", made[0] / "ca.crt", "-noout", "-fingerprint", "-sha256"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.strip().endswith(shown)


KILLED = """
import os, sys
from pathlib import Path
from appliance.certificate import ensure_certificate
real, left = os.fsync, int(sys.argv[2])
def counted(fd):
    global left
    left -= 1
    if left < 0:
        os._exit(9)
    real(fd)
os.fsync = counted
ensure_certificate(Path(sys.argv[1]), ["box.local"], bytes(range(32)))
"""


def test_a_kill_at_any_write_is_mended_at_the_next_start(tmp_path) -> None:
    for step in range(8):
        folder = tmp_path / str(step)
        done = subprocess.run([sys.executable, "-c", KILLED, folder, str(step)], cwd=ROOT)
        assert done.returncode == 9
        assert greet(folder, *ensure_certificate(folder, ["box.local"], TLS), "box.local")
