"""The local network: where a real phone finds the demo's centre, and under which certificate."""

import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edge.places import keep_secret
from models.errors import InputError

_LASTS = timedelta(days=7)


def address() -> str:
    """Return the address by which this machine is known in its own network.

    Raises InputError where it has none.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: only the way there is looked up. TEST-NET-1 (RFC 5737) leads out.
            probe.connect(("192.0.2.1", 9))
            found = str(probe.getsockname()[0])
        except OSError as error:
            message = "this machine is in no network; connect it, or start the demo without --lan"
            raise InputError(message) from error
    return found


@dataclass(frozen=True, slots=True)
class Front:
    """Where the demo's centre is found; `certificate` and `key` are None on loopback alone."""

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None

    @property
    def url(self) -> str:
        """Return its address."""
        scheme = "http" if self.certificate is None else "https"
        return f"{scheme}://{self.host}:{self.port}"


def front(port: int, folder: Path, now: datetime, *, lan: bool) -> Front:
    """Return where the centre is found: on loopback, or with `lan` in the network, over TLS.

    Raises InputError where this machine is in no network.
    """
    if not lan:
        return Front("127.0.0.1", port)
    host = address()
    return Front(host, port, *certificate(folder, host, now))


def certificate(folder: Path, host: str, now: datetime) -> tuple[Path, Path]:
    """Write a certificate for `host` and loopback, and its key; return both files.

    A browser seals a photo and keeps a pass only where the page came over TLS.
    """
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Kuahu demo {host}")])
    known = [x509.IPAddress(ip_address(one)) for one in (host, "127.0.0.1")]
    usage = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LASTS)
        .add_extension(x509.SubjectAlternativeName(known), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=False)
        .sign(private, hashes.SHA256())
    )
    pem, key = folder / "centre.pem", folder / "centre.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    keep_secret(key, secret.decode())
    return pem, key
