"""What the page's script sends: a photo sealed as a browser seals it."""

import json
import os
from base64 import b64encode

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec

from models.letter import ResidentNow
from tests.fakes.centre_home import COMPOUND, OWNER, HomeCentre

SUITE = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
JPEG = b"\xff\xd8\xff\xe0 a face \xff\xd9"


def photo_info(photo_id: str, who: ResidentNow) -> bytes:
    """Return what a photo is bound to (docs/centre.md)."""
    return f"kuahu photo 1\0{COMPOUND}\0{photo_id}\0{who.resident_id}".encode()


def sealed_photo(
    centre: HomeCentre, photo: bytes = JPEG, who: ResidentNow = OWNER, **changes: str
) -> bytes:
    """Return the body of the request that brings `photo`; `changes` replace fields of it."""
    site, photo_id = centre.site_now(), os.urandom(16).hex()
    point = bytes.fromhex(site.photo_key)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    text = b64encode(SUITE.encrypt(photo, key, photo_info(photo_id, who))).decode()
    plain = {"photo_id": photo_id, "key_id": site.photo_key_id, "sealed": text}
    return json.dumps(plain | changes).encode()
