"""programme.toml: how the programme is called, and how it is to be computed.

One table of settings is followed by the reader, the writer and the documentation. In an Excel
file the sheet ``programme`` holds the same as rows of section, key and value.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from homeward.errors import Nonsense
from homeward.formats.cells import BadCell, number, number_text, unwritable
from homeward.formats.faults import Findings
from homeward.formats.tabular import Row
from homeward.programme import LINES, DateSpan, OutsiderProfile, PriorKind, Settings, ThetaMethod

HEADER = ("section", "key", "value")  # of the sheet `programme`
_OUTSIDERS = re.compile(r"outsiders\.(.+)")
_EXACT = 1e-9
_BODIES = {
    "male_share": (0.0, 1.0),
    "stature_mean_cm": (50.0, 250.0),
    "stature_sd_cm": (math.nextafter(0, 1), 50.0),
    "age_low": (0.0, 120.0),
    "age_high": (0.0, 120.0),
}
"""What may be said of the bodies of a group of outsiders, least and greatest."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of programme.toml: where it stands, which field of Settings it is, what it may be."""

    section: str
    key: str
    field: str
    kind: str  # text | date | number | whole | yes_no | choice | lines
    meaning: str
    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    required: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting("", "schema", "schema", "whole", "The version of these conventions: 1.", low=1, high=1, required=True),
    Setting("", "name", "name", "text", "What the programme is called.", required=True),
    Setting("", "conflict", "conflict", "text", "The war or conflict."),
    Setting("", "as_of", "as_of", "date", "The day on which the folder was true."),
    Setting(
        "read",
        "single_allele",
        "single_allele",
        "choice",
        "What a single allele in a profile means.",
        ("fault", "homozygote", "partial"),
    ),
    Setting("genetics", "population", "population", "text", "The population of whoever has none stated."),
    Setting("genetics", "theta", "theta", "number", "Co-ancestry of founders (Balding and Nichols).", high=0.5),
    Setting(
        "genetics",
        "untyped_ancestors",
        "untyped_ancestors",
        "choice",
        "Whether untyped ancestors are kept in a pedigree (as pedprobr does) or pruned (as Familias does).",
        ("keep", "prune"),
    ),
    Setting(
        "genetics",
        "dropout",
        "dropout",
        "number",
        "Probability that a copy of an allele is not seen, of samples that state none.",
    ),
    Setting(
        "genetics",
        "dropin",
        "dropin",
        "number",
        "Probability that a foreign allele is seen at a marker, of samples that state none.",
    ),
    Setting(
        "genetics",
        "typing_error",
        "typing_error",
        "number",
        "Probability that an allele is read as one drawn from the population, of samples that state none.",
    ),
    Setting(
        "genetics",
        "theta_method",
        "theta_method",
        "choice",
        "What becomes of a family too large for theta to be exact: exact refuses it, sampled estimates it from draws.",
        tuple(ThetaMethod),
    ),
    Setting(
        "genetics",
        "theta_draws",
        "theta_draws",
        "whole",
        "Draws for each family that is estimated.",
        low=100,
        high=10_000_000,
    ),
    Setting(
        "prior",
        "kind",
        "prior",
        "choice",
        "roster: shares for listed, not listed and outsiders. flat: every admissible assignment equally likely.",
        tuple(PriorKind),
    ),
    Setting("prior", "listed_share", "listed_share", "number", "Prior that remains are of someone on the roster."),
    Setting("prior", "not_listed", "not_listed", "number", "Prior that they are of someone missing but not listed."),
    Setting("evidence", "sex_error", "sex_error", "number", "Probability that the sex of remains is wrong."),
    Setting(
        "evidence",
        "bound",
        "bound",
        "number",
        "No line of evidence but DNA counts more than 1/bound.",
        low=math.nextafter(0, 1),
    ),
    Setting("evidence", "lines", "lines", "lines", f"The lines of evidence that are weighed: {', '.join(LINES)}."),
    Setting(
        "evidence",
        "stature_sd_cm",
        "stature_sd_cm",
        "number",
        "Standard deviation of a recorded stature around the true one, cm.",
        low=math.nextafter(0, 1),
        high=50,
    ),
    Setting("evidence", "age_error", "age_error", "number", "Chance that an indicator of age says nothing of it."),
    Setting("evidence", "dental_error", "dental_error", "number", "Chance that the code of a tooth is wrong."),
    Setting(
        "evidence",
        "tag_reliability",
        "tag_reliability",
        "number",
        "Chance that a tag or a name on a box is of someone in that box.",
    ),
    Setting(
        "evidence",
        "place_radius_km",
        "place_radius_km",
        "number",
        "How far remains usually lie from where the person was lost, km.",
        low=math.nextafter(0, 1),
        high=20_000,
    ),
    Setting("evidence", "place_floor", "place_floor", "number", "Chance that the place of recovery says nothing."),
    Setting("identification", "one_to_one", "one_to_one", "yes_no", "Whether each person is at most one individual."),
    Setting("identification", "fragments", "fragments", "yes_no", "Whether several rows may be one person."),
    Setting("identification", "seed", "seed", "whole", "Seed of everything left to chance.", high=2**53),
    Setting("thresholds", "identify", "identify", "number", "Posterior from which an identification is proposed."),
    Setting("thresholds", "review", "review", "number", "Posterior from which a pair is to be reviewed."),
    Setting("thresholds", "exclude", "exclude", "number", "Posterior below which a pair is left aside."),
    Setting(
        "thresholds",
        "undisputed_lr",
        "undisputed_lr",
        "number",
        "Likelihood ratio of an undisputed match.",
        low=math.nextafter(0, 1),
        high=1e300,
    ),
    Setting("search", "theatre", "search_theatre", "text", "The ground of the search: a shipped outline, or WKT."),
    Setting("search", "cell_m", "search_cell_m", "number", "Side of a cell of the map, metres.", low=10, high=100_000),
    Setting(
        "search",
        "elsewhere",
        "search_elsewhere",
        "number",
        "Chance that somebody lies nowhere on the map, where no scenario says it.",
    ),
    Setting("search", "label_error", "search_label_error", "number", "Chance that a stated origin is another's."),
    Setting(
        "search",
        "label_radius_m",
        "search_label_radius_m",
        "number",
        "Radius of two sigma around a stated origin, metres.",
        low=1,
        high=1_000_000,
    ),
    Setting("search", "detection", "search_detection", "number", "Chance that a dig finds what lies there."),
    Setting("search", "crews", "search_crews", "whole", "Crews that dig at the same time.", low=1, high=10_000),
    Setting(
        "search",
        "season_days",
        "search_season_days",
        "number",
        "Days that a crew digs in a season.",
        low=math.nextafter(0, 1),
        high=366,
    ),
)
_BY_PLACE = {(setting.section, setting.key): setting for setting in SETTINGS}
_MIXTURES = {"populations": "populations", "prior.outsiders": "outsiders"}  # section of weights -> field


def read_settings(content: str | list[Row] | None, file: str, findings: Findings) -> Settings | None:
    """Settings from the text of programme.toml or from the rows of the sheet; None when they have a fault.

    Without either, the defaults apply and a note says so.
    """
    if content is None:
        findings.note(
            file,
            None,
            "",
            "",
            "is not there; every setting has its default.",
            'Write one with at least schema = 1 and name = "...".',
        )
        return Settings(name="")
    reading = _Reading(file, findings)
    if isinstance(content, str):
        _read_toml(content, reading)
    else:
        _read_sheet(content, reading)
    return reading.settings()


class _Reading:
    """Takes one setting after another, keeps what is right and says what is not."""

    def __init__(self, file: str, findings: Findings) -> None:
        self.file, self._findings = file, findings
        self._values: dict[str, Any] = {}
        self._weights: dict[str, dict[str, float]] = {field: {} for field in _MIXTURES.values()}
        self._populations: dict[str, str] = {}
        self._bodies: dict[str, dict[str, float]] = {}
        self._lines: dict[tuple[str, str], int | None] = {}
        self._wrong = False

    def fault(self, line: int | None, name: str, value: str, reason: str, remedy: str) -> None:
        self._wrong = True
        self._findings.fault(self.file, line, name, value, reason, remedy)

    def take(self, line: int | None, section: str, key: str, value: Any) -> None:
        """One setting; ``value`` is a TOML value or the text of a cell."""
        name = f"{section}.{key}" if section else key
        if (section, key) in self._lines:
            self.fault(line, name, str(value), "occurs twice.", "Keep one of them.")
            return
        self._lines[section, key] = line
        try:
            if (section, key) in _BY_PLACE:
                self._keep(_BY_PLACE[section, key], value)
            elif section in _MIXTURES:
                self._weights[_MIXTURES[section]][key] = _number(value, 0, 1)
            elif (group := _OUTSIDERS.fullmatch(section)) and key == "population":
                self._populations[group[1]] = _text(value)
            elif group and key in _BODIES:
                self._bodies.setdefault(group[1], {})[key] = _number(value, *_BODIES[key])
            else:
                self._unknown(line, section, key, name)
        except BadCell as bad:
            self.fault(line, name, str(value), bad.reason + ".", bad.remedy)

    def _keep(self, setting: Setting, value: Any) -> None:
        read = _VALUES[setting.kind](value, setting)
        if setting.field:
            self._values[setting.field] = read

    def _unknown(self, line: int | None, section: str, key: str, name: str) -> None:
        known = [setting.key for setting in SETTINGS if setting.section == section]
        remedy = f"Known in this section: {', '.join(known)}." if known else f"Sections: {', '.join(_sections())}."
        self.fault(line, name, key, "is not a setting that Homeward knows.", remedy)

    def settings(self) -> Settings | None:
        for setting in SETTINGS:
            if setting.required and (setting.section, setting.key) not in self._lines:
                example = "1" if setting.kind == "whole" else '"..."'
                self.fault(None, setting.key, "", "is not stated.", f"Write {setting.key} = {example} at the top.")
        if not self._wrong:
            self._check_sums()
            self._check_outsiders()
        profiles = {group: self._profile(group) for group in self._bodies}
        if self._wrong:
            return None
        values = {
            **self._values,
            **self._weights,
            "outsider_population": self._populations,
            "outsider_profiles": profiles,
        }
        values["prior"] = PriorKind(values.get("prior", PriorKind.ROSTER))
        values["theta_method"] = ThetaMethod(values.get("theta_method", ThetaMethod.EXACT))
        try:
            return Settings(**values)
        except Nonsense as refusal:
            self.fault(None, "", "", f"{refusal}.", "Correct it.")
            return None

    def _profile(self, group: str) -> OutsiderProfile:
        """What is said of a group's bodies; a fault, and nothing of it, where that makes no sense."""
        try:
            return OutsiderProfile(**self._bodies[group])
        except Nonsense as refusal:
            stated = self._bodies[group]
            line = next(self._lines[f"outsiders.{group}", key] for key in stated)
            remedy = "State both of what belongs together, the lower first."
            told = ", ".join(f"{key} = {value:g}" for key, value in stated.items())
            self.fault(line, f"outsiders.{group}", told, f"{refusal}.", remedy)
            return OutsiderProfile()

    def _check_sums(self) -> None:
        if mixture := self._weights["populations"]:
            self._one("populations", sum(mixture.values()), "the weights of [populations]")
        if self._values.get("prior", PriorKind.ROSTER) == PriorKind.ROSTER:
            default = Settings(name="")
            listed = self._values.get("listed_share", default.listed_share)
            whole = listed + self._values.get("not_listed", default.not_listed)
            self._one(
                "prior", whole + sum(self._weights["outsiders"].values()), "listed_share, not_listed and the outsiders"
            )

    def _one(self, name: str, whole: float, what: str) -> None:
        if abs(whole - 1) > _EXACT:
            line = next((line for (section, _), line in self._lines.items() if section == name), None)
            self.fault(line, name, f"{whole:.12g}", f"is the sum of {what}, and not 1.", "Make them sum to 1.")

    def _check_outsiders(self) -> None:
        groups = self._weights["outsiders"]
        for group in sorted(groups.keys() - self._populations.keys()):
            self.fault(
                self._lines["prior.outsiders", group],
                f"prior.outsiders.{group}",
                "",
                "is a group whose population is not stated.",
                f'Write [outsiders.{group}] and under it population = "...".',
            )
        for group in sorted((self._populations.keys() | self._bodies.keys()) - groups.keys()):
            self._findings.note(
                self.file,
                next(line for (section, _), line in self._lines.items() if section == f"outsiders.{group}"),
                f"outsiders.{group}",
                "",
                "is a group to which [prior.outsiders] gives no weight.",
            )


def _sections() -> list[str]:
    named = dict.fromkeys(setting.section for setting in SETTINGS if setting.section)
    return [*named, *_MIXTURES, "outsiders.GROUP"]


def _read_toml(text: str, reading: _Reading) -> None:
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(problem))
        reason = re.sub(r"\s*\(at .*", "", str(problem))
        reading.fault(
            int(place[1]) if place else None,
            "",
            "",
            f"is not TOML: {reason}.",
            "Correct the line; texts stand in quotation marks.",
        )
        return
    if not content and not text.strip():
        reading.fault(None, "", "", "is empty.", 'Write at least schema = 1 and name = "...".')
        return
    lines = _lines_of(text)
    for section, key, value in _leaves(content):
        reading.take(lines.get((section, key)), section, key, value)


def _leaves(content: Mapping[str, Any], section: str = "") -> Iterator[tuple[str, str, Any]]:
    for key, value in content.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{section}.{key}" if section else key)
        elif not isinstance(value, dict):
            yield section, key, value


def _lines_of(text: str) -> dict[tuple[str, str], int]:
    """Where each key stands, as far as it is written in the plain way."""
    lines: dict[tuple[str, str], int] = {}
    section = ""
    for number_of_line, line in enumerate(text.split("\n"), 1):
        if header := re.match(r"\s*\[([^\[\]]+)\]", line):
            section = ".".join(part.strip().strip("\"'") for part in header[1].split("."))
        elif entry := re.match(r"""\s*("[^"]*"|'[^']*'|[^=#\s]+)\s*=""", line):
            lines.setdefault((section, entry[1].strip("\"'")), number_of_line)
    return lines


def _read_sheet(rows: list[Row], reading: _Reading) -> None:
    """Rows of section, key, value. Cells are text; numbers and dates are read out of it."""
    written = [(line, [cell.strip() for cell in cells]) for line, cells in rows if any(cell.strip() for cell in cells)]
    if not written or tuple(written[0][1][:3]) != HEADER:
        reading.fault(
            written[0][0] if written else None,
            "",
            "",
            "has no header row section, key, value.",
            "Write it as the first row.",
        )
        return
    for line, cells in written[1:]:
        section, key, value = cells[:3]
        if any(cells[3:]):
            reading.fault(line, key, next(filter(None, cells[3:])), "stands right of the value.", "Delete it.")
        elif not key:
            reading.fault(line, "key", "", "is empty.", "Write the key, or delete the row.")
        else:
            reading.take(line, section, key, value)


def _number(value: Any, low: float, high: float) -> float:
    if isinstance(value, str):
        return number(value, low=low, high=high)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadCell("is not a number", "Write a number with a decimal point.")
    return number(repr(value), low=low, high=high)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadCell("is not a text", "Put it in quotation marks.")
    if unwritable(value):
        raise BadCell("holds control characters", "Write plain text.")
    return value.strip()


def _date(value: Any) -> DateSpan | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        value = value.isoformat()
    if not isinstance(value, str):
        raise BadCell("is not a date", 'Write YYYY-MM-DD, or "YYYY-MM" or "YYYY" in quotation marks.')
    try:
        return DateSpan.read(value.strip()) if value.strip() else None
    except Nonsense as refusal:
        raise BadCell(str(refusal), "Write YYYY, YYYY-MM or YYYY-MM-DD.") from None


def _whole(value: Any, setting: Setting) -> int:
    read = _number(value, setting.low, setting.high)
    if read != int(read):
        raise BadCell("is not a whole number", "Write a whole number.")
    return int(read)


def _choice(value: Any, setting: Setting) -> str:
    if value not in setting.choices:
        raise BadCell("is not one of the words known here", f"Write one of: {', '.join(setting.choices)}.")
    return str(value)


def _yes_no(value: Any) -> bool:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise BadCell("is neither true nor false", "Write true or false.")
    return value


def _names_of_lines(value: Any) -> tuple[str, ...]:
    """A list of texts, or one text with semicolons (as in a cell)."""
    names = [name.strip() for name in value.split(";")] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadCell("is not a list of lines of evidence", f"Write some of: {', '.join(LINES)}.")
    for name in filter(None, names):
        if name not in LINES:
            raise BadCell(f"names {name!r}, which is not a line of evidence", f"Write some of: {', '.join(LINES)}.")
    return tuple(name for name in LINES if name in names)


_VALUES: Mapping[str, Callable[[Any, Setting], Any]] = {
    "text": lambda value, setting: _text(value),
    "date": lambda value, setting: _date(value),
    "number": lambda value, setting: _number(value, setting.low, setting.high),
    "whole": _whole,
    "choice": _choice,
    "yes_no": lambda value, setting: _yes_no(value),
    "lines": lambda value, setting: _names_of_lines(value),
}


def stated(settings: Settings) -> list[tuple[str, str, Any]]:
    """Every setting as section, key and value, in the order in which it is written."""
    rows = [(s.section, s.key, getattr(settings, s.field)) for s in SETTINGS if s.field]
    rows += [("populations", name, weight) for name, weight in settings.populations.items()]
    rows += [("prior.outsiders", group, weight) for group, weight in settings.outsiders.items()]
    for group in dict.fromkeys([*settings.outsider_population, *settings.outsider_profiles]):
        profile = settings.outsider_profiles.get(group, OutsiderProfile())
        rows += [(f"outsiders.{group}", "population", settings.outsider_population.get(group))]
        rows += [(f"outsiders.{group}", key, getattr(profile, key)) for key in _BODIES]
    return [(section, key, value) for section, key, value in rows if value not in (None, "") or key == "name"]


def as_toml(settings: Settings) -> str:
    """The text of programme.toml; every setting is written, also where it has its default."""
    lines: list[str] = []
    current = ""
    for section, key, value in stated(settings):
        if section != current:
            parts = section.split(".", 1)
            lines += ["", f"[{'.'.join(_toml_key(part) for part in parts)}]"]
            current = section
        lines.append(f"{_toml_key(key)} = {_toml_value(value)}")
    return "\n".join(lines) + "\n"


def as_rows(settings: Settings) -> list[tuple[str, str, str]]:
    """The rows of the sheet ``programme``."""
    return [(section, key, _cell(value)) for section, key, value in stated(settings)]


def _cell(value: Any) -> str:
    if isinstance(value, tuple):
        return ";".join(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, int | float) else str(value)


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml_text(key)


def _toml_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml_value(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_toml_text(item) for item in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, DateSpan):
        return value.text if len(value.text) == 10 else _toml_text(value.text)
    if isinstance(value, int | float):
        return number_text(value)
    return _toml_text(str(value))


_KEPT = {setting.field for setting in SETTINGS} | set(_MIXTURES.values()) | {"outsider_population", "outsider_profiles"}
assert {f.name for f in fields(Settings)} <= _KEPT, "every setting of the record stands in a programme.toml"
