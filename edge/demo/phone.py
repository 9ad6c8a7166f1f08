"""A phone: a resident's and a visitor's, played over HTTP against the centre's own pages."""

import re
import secrets
import ssl
from base64 import b64encode
from html.parser import HTMLParser
from typing import Any, Final

import cv2
import httpx
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from edge.demo.lan import Front
from models.errors import Fault
from recognition.ports import CodeReader

_SUITE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_LINK: Final = re.compile(r"/p/[A-Za-z0-9_-]{16,64}")
_OK, _SEEN = 200, 303
_PATIENCE: Final = 10.0


class Phone:
    """One phone on the residents' pages of a centre; belongs to one thread at a time."""

    def __init__(self, front: Front, reader: CodeReader) -> None:
        """Open nothing yet."""
        trust = ssl.create_default_context(cafile=front.certificate)
        self._http = httpx.Client(
            base_url=front.url, verify=trust, timeout=_PATIENCE, trust_env=False
        )
        self._reader = reader

    def close(self) -> None:
        """Switch it off."""
        self._http.close()

    def claim(self, code: str) -> None:
        """Become a resident's phone by the desk's code."""
        self._send("/home/claim", "/home/claim", {"code": code})

    def send_photo(self, resident: str, jpeg: bytes) -> None:
        """Agree to a face, and send its photo sealed to the compound's own key."""
        page = f"/home/people/{resident}/face"
        seen = _read(self._get(page).text)
        if "version" in seen.hidden:
            self._send(page, f"{page[:-5]}/face/agree", {"sure": "yes"})
            seen = _read(self._get(page).text)
        photo = secrets.token_hex(16)
        key = EllipticCurvePublicKey.from_encoded_point(
            SECP256R1(), bytes.fromhex(seen.data["key"])
        )
        bound = "\0".join(("kuahu photo 1", seen.data["compound"], photo, resident)).encode()
        sealed = b64encode(_SUITE.encrypt(jpeg, key, bound)).decode()
        self._ask(
            "POST",
            f"/home/people/{resident}/photo",
            _OK,
            json={"photo_id": photo, "key_id": seen.data["key-id"], "sealed": sealed},
            headers={"x-csrf": seen.data["csrf"]},
        )

    def photo(self, resident: str) -> str:
        """Return the one word for how the newest photo stands, such as `accepted`."""
        said = _read(self._get(f"/home/people/{resident}/photo").text)
        return said.data.get("photo", "")

    def withdraw_face(self, resident: str) -> None:
        """Take the face back."""
        page = f"/home/people/{resident}/face"
        self._send(page, f"{page}/withdraw", {})

    def make_pass(self, label: str) -> str:
        """Make a pass for one visit within two hours; return the path of its page at the host's."""
        page = "/home/passes/new?kind=single"
        start = _read(self._get(page).text).filled["start"]
        end = f"{(int(start[:2]) + 2) % 24:02d}{start[2:]}"
        fields = {"label": label, "start": start, "end": end}
        return self._send(page, "/home/passes/new", fields).partition("?")[0]

    def revoke(self, made: str) -> None:
        """Take back the pass that `make_pass` named."""
        self._send(made, f"{made}/revoke", {})

    def link_of(self, made: str) -> str:
        """Return the path of the page that the visitor of a pass opens."""
        found = _LINK.search(self._get(made).text)
        if found is None:
            message = "the pass has no link for its visitor"
            raise Fault(message, part="centre")
        return found[0]

    def code_of(self, made: str) -> str:
        """Return the code that a visitor saves: what the picture of the pass's own page holds."""
        link = self.link_of(made)
        self._get(link)
        png = self._get(f"{link}/pass.png").content
        picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
        codes = () if picture is None else self._reader.read(np.asarray(picture, np.uint8))
        if len(codes) != 1:
            message = f"the picture of the pass holds {len(codes)} codes"
            raise Fault(message, part="centre")
        return codes[0].text

    def _get(self, path: str) -> httpx.Response:
        return self._ask("GET", path, _OK)

    def _send(self, page: str, action: str, fields: dict[str, str]) -> str:
        """Fill in the form of a page and send it; return where that leads."""
        form = _read(self._get(page).text)
        data = {**form.hidden, **form.filled, **fields}
        return self._ask("POST", action, _SEEN, data=data).headers["location"]

    def _ask(self, method: str, path: str, status: int, **content: Any) -> httpx.Response:  # noqa: ANN401 - as httpx has it
        try:
            answer = self._http.request(method, path, **content)
        except httpx.HTTPError as error:
            message = f"the centre does not answer ({type(error).__name__})"
            raise Fault(message, part="centre") from error
        if answer.status_code != status:
            message = f"the centre answered {answer.status_code} to {method} {path}"
            raise Fault(message, part="centre")
        return answer


class _Form(HTMLParser):
    """What a page holds that a phone fills in or goes on with."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.filled: dict[str, str] = {}
        self.data: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note hidden and filled-in fields, and what the page tells its script."""
        known = {name: value or "" for name, value in attrs}
        self.data |= {
            name.removeprefix("data-"): value
            for name, value in known.items()
            if name.startswith("data-")
        }
        if tag == "input" and known.get("type") == "hidden":
            self.hidden[known["name"]] = known.get("value", "")
        elif tag == "input" and known.get("type") in {"date", "time"}:
            self.filled[known["name"]] = known.get("value", "")


def _read(html: str) -> _Form:
    form = _Form()
    form.feed(html)
    return form
