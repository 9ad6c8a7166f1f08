"""The issuer's own short process: `python -m edge.issuer VERB FOLDER …`, JSON in and out.

Stdout holds one JSON object, or nothing and exit status 1 with a sentence on stderr.
"""

import argparse
import sys
from pathlib import Path

import msgspec

from edge.issuer import desk
from edge.issuer.order import Order
from models.errors import InputError

_MAX_ORDER = 4096
"""Bytes of an order; the longest that means anything has under one thousand."""


def main(arguments: list[str] | None = None) -> int:
    """Do one verb and return the exit status: 0 done, 1 refused with a sentence on stderr."""
    wanted = _parser().parse_args(arguments)
    try:
        sys.stdout.write(_answer(wanted) + "\n")
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m edge.issuer", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    helps = {
        "create": "make a desk for one compound",
        "issue": "sign the order on stdin",
        "keys": "print the public keys for the gates",
        "rotate": "make a new key and sign with it from now on",
        "retire": "drop an old key and with it every pass it signed",
    }
    for verb, text in helps.items():
        one = verbs.add_parser(verb, help=text)
        one.add_argument(
            "folder", type=Path, help="the desk's folder, which may be off this machine"
        )
        if verb == "create":
            one.add_argument("compound", help="8 hex digits")
        if verb == "retire":
            one.add_argument("kid", type=int, help="the key's number")
    return parser


def _answer(wanted: argparse.Namespace) -> str:
    match wanted.verb:
        case "create":
            return _kid(desk.create(wanted.folder, wanted.compound))
        case "rotate":
            return _kid(desk.rotate(wanted.folder))
        case "retire":
            desk.retire(wanted.folder, wanted.kid)
            return _kid(wanted.kid)
        case "keys":
            return desk.public_keys(wanted.folder).rstrip("\n")
        case _:
            order = Order.parse(sys.stdin.buffer.read(_MAX_ORDER))
            return msgspec.json.encode(desk.issue(wanted.folder, order)).decode()


def _kid(kid: int) -> str:
    return msgspec.json.encode({"kid": kid}).decode()


if __name__ == "__main__":
    sys.exit(main())
