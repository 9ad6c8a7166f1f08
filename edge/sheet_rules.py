"""What a sheet of the register may hold: its columns, their names, and what can be wrong."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from models.registry import ResidentKind


class SheetKind(StrEnum):
    """What a sheet holds."""

    RESIDENTS = "residents"
    VEHICLES = "vehicles"


class Rule(StrEnum):
    """What is wrong with a cell, a line or the whole file."""

    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    WRITING = "writing"
    QUOTES = "quotes"
    EMPTY = "empty"
    HEADING = "heading"
    HEADING_TWICE = "heading_twice"
    NO_COLUMN = "no_column"
    WIDTH = "width"
    TOO_LONG = "too_long"
    NO_HOME = "no_home"
    HOME_DATE = "home_date"
    NO_NAME = "no_name"
    NO_KIND = "no_kind"
    NO_DAY = "no_day"
    NO_PLATE = "no_plate"
    TWICE = "twice"
    OTHER_HOME = "other_home"
    NO_OWNER = "no_owner"


SENTENCES: Mapping[Rule, str] = MappingProxyType(
    {
        Rule.TOO_LARGE: "the file is over 1 MB; import it in parts",
        Rule.TOO_MANY: "the file has over 10,000 lines; import it in parts",
        Rule.WRITING: "this is no text; save the table as CSV (UTF-8, or CSV as Excel writes it)",
        Rule.QUOTES: "a quotation mark does not end; write it twice inside a cell",
        Rule.EMPTY: "there is nothing below the heading",
        Rule.HEADING: "this column is not known; take the headings of an export",
        Rule.HEADING_TWICE: "two columns have this heading; delete one of them",
        Rule.NO_COLUMN: "this column is missing; take the headings of an export",
        Rule.WIDTH: "there are more cells than headings; quote what has a comma in it",
        Rule.TOO_LONG: "over 60 characters; shorten it",
        Rule.NO_HOME: "write building-unit-room, such as 3-1-502",
        Rule.HOME_DATE: "Excel took the home for a date; make the column text and type it again",
        Rule.NO_NAME: "a resident needs a name",
        Rule.NO_KIND: "write owner, family, tenant or staff",
        Rule.NO_DAY: "write the last day as 2026-12-31, or nothing for no end",
        Rule.NO_PLATE: "write the plate as it stands on the car, such as 京A12345",
        Rule.TWICE: "this is in the file twice; delete one of the lines",
        Rule.OTHER_HOME: "this plate is on the register at another home; remove it there first",
        Rule.NO_OWNER: "nobody of that name is on the register at this home",
    }
)
"""What to do, in English, for the command line; the pages have words of their own."""

HEADINGS: Mapping[SheetKind, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        SheetKind.RESIDENTS: MappingProxyType(
            {
                "home": ("房号", "home"),
                "name": ("姓名", "name"),
                "kind": ("类别", "kind"),
                "until": ("有效期至", "last day", "until"),
            }
        ),
        SheetKind.VEHICLES: MappingProxyType(
            {
                "home": ("房号", "home"),
                "plate": ("车牌", "plate"),
                "owner": ("车主", "owner"),
                "until": ("有效期至", "last day", "until"),
                "label": ("备注", "note", "label"),
            }
        ),
    }
)
"""The columns of each sheet, and what they may be called; the first two are what we write."""
NEEDED = MappingProxyType(
    {
        SheetKind.RESIDENTS: ("home", "name", "kind"),
        SheetKind.VEHICLES: ("home", "plate"),
    }
)
KIND_WORDS: Mapping[str, ResidentKind] = MappingProxyType(
    {
        **{kind.value: kind for kind in ResidentKind},
        "业主": ResidentKind.OWNER,
        "家属": ResidentKind.FAMILY,
        "租户": ResidentKind.TENANT,
        "物业人员": ResidentKind.STAFF,
        "员工": ResidentKind.STAFF,
    }
)
