"""The faults that the product must stand, and the page that says which test holds it to each.

`python -m tests.nemesis.faults` writes docs/faults.md from the marks `@pytest.mark.fault("F1")` on
the tests, and from `ELSEWHERE`, which names tests that stand in a suite of their own.
"""

import ast
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.nemesis.elsewhere import ELSEWHERE, MUTANTS, WEAKER

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "faults.md"

FAULTS = {
    "F1": "core killed at random under load",
    "F2": "core killed at every write of a passage",
    "F3": "power cut at any moment",
    "F4": "the disk answers EIO",
    "F5": "the disk is full",
    "F7": "a corrupt database at start",
    "F8": "the broker stands still and wakes",
    "F9": "the broker flaps",
    "F10": "a broker's receipt is no delivery",
    "F11": "messages repeated, reordered, replayed, retained",
    "F12": "the relay restarts between command and answer",
    "F13": "no centre for a long time, or one that hangs",
    "F14": "the centre answers 429, 500, garbage, nothing, or 200 without storing",
    "F15": "a poison event, letter or item among good ones",
    "F16": "the same number with another hash; a centre put back from a copy",
    "F17": "the wall clock is wrong or leaps",
    "F18": "summer time, zones, leap seconds",
    "F19": "a camera away, silent, frozen, black, slow or of another size",
    "F20": "more pictures than can be looked at",
    "F21": "weights missing or corrupt, a look that hangs",
    "F22": "memory runs out",
    "F23": "sensors stuck, cut, flapping, contradictory",
    "F24": "fire in any state",
    "F25": "one pass at many lanes at once",
    "F26": "upgrade, and a schema of a newer program",
    "F27": "a long time at work: nothing grows",
    "F28": "a slow disk",
    "F29": "a network in pieces",
    "F30": "many return at once",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """One test, and whether it runs in the long form only."""

    file: str
    test: str
    long: bool

    @property
    def text(self) -> str:
        return f"`{self.file}` {self.test}" + (" (long)" if self.long else "")


def marked() -> dict[str, list[Proof]]:
    """Return the tests that carry a fault's mark, by fault."""
    found: dict[str, list[Proof]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for test in tests_of(path):
            marks = [m for m in map(_mark, test.decorator_list) if m]
            for number in [word for name, words in marks if name == "fault" for word in words]:
                is_long = any(name == "long" for name, _ in marks)
                proof = Proof(str(path.relative_to(ROOT / "tests")), test.name, is_long)
                found.setdefault(number, []).append(proof)
    return found


def tests_of(path: Path) -> list[ast.FunctionDef]:
    """Return the test functions of a file."""
    tree = ast.parse(path.read_text("utf-8"))
    return [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def _mark(node: ast.expr) -> tuple[str, list[str]] | None:
    call = node if isinstance(node, ast.Call) else None
    name = ast.unparse(call.func if call else node)
    if not name.startswith("pytest.mark."):
        return None
    is_fault = call is not None and name == "pytest.mark.fault"
    words = [str(ast.literal_eval(word)) for word in call.args] if call and is_fault else []
    return name.rpartition(".")[2], words


def proofs() -> dict[str, list[Proof]]:
    """Return every test of every fault, in the order of the faults.

    Raises KeyError for a mark that names no fault, LookupError for a test that is not there.
    """
    found = {number: list[Proof]() for number in FAULTS}
    for number, tests in marked().items():
        found[number] += tests
    for number, names in ELSEWHERE.items():
        found[number] += [named(name) for name in names]
    return found


def named(name: str) -> Proof:
    """Return the test that is called `FILE::TEST`.

    Raises LookupError where there is none.
    """
    file, _, test = name.partition("::")
    if test not in {one.name for one in tests_of(ROOT / "tests" / file)}:
        message = f"there is no test {name}: mend what names it in tests/nemesis"
        raise LookupError(message)
    return Proof(file, test, long=False)


HEAD = """\
# Faults and their tests

Made by `python -m tests.nemesis.faults` from the marks on the tests; a test holds this page to
them. Numbers are those of the fault matrix. `(long)` runs with `make check-long` only.

The judge of most of them is `tests/fakes/oracle.py`: what was acknowledged is there and arrives at
the centre once, no command moves twice, late, onto somebody or undecided, the chain holds. The
ledgers of the simulated gates are its witnesses.

| | fault | held by |
|---|---|---|
"""

MIDDLE = """
## Mutants

The product with one rule taken out, and the test that notices. Those of the doors are in
[laws.md](laws.md).

| the product that | is found out by |
|---|---|
"""


def page() -> str:
    """Return docs/faults.md."""
    rows = [
        f"| {number} | {FAULTS[number]} | {'<br>'.join(proof.text for proof in tests)} |\n"
        for number, tests in proofs().items()
    ]
    mutants = [f"| {what} | {named(name).text} |\n" for what, name in MUTANTS.items()]
    return "".join([HEAD, *rows, MIDDLE, *mutants, "\n## Weaker than asked\n\n", WEAKER])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")
