"""What is wrong with the files of bones, teeth, traits and comparisons, and what of them will not be weighed."""

from __future__ import annotations

import difflib
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from homeward.anthropology.age import transitions
from homeward.anthropology.dental import yearly_rates
from homeward.anthropology.parameters import LEAST, Shipped, shipped
from homeward.anthropology.sex import methods
from homeward.formats.traits import unread
from homeward.identification.evidence.dental import YEARS
from homeward.identification.evidence.place import ANYWHERE
from homeward.identification.evidence.verdicts import shortlist
from homeward.programme import (
    LINES,
    OUTSIDER,
    ChartKind,
    DateSpan,
    Measurement,
    Parameter,
    Settings,
    Specimen,
    Verdict,
    VerdictKind,
)
from homeward.tables import measurement_codes, measurement_ranges, zones
from homeward.tables import table as shipped_table

if TYPE_CHECKING:
    from homeward.formats.checks import Draft
    from homeward.formats.dental import ChartReading
    from homeward.formats.faults import Findings

_WHOLE = 1 + 1e-6  # the verdicts of one method sum to at most this
_SHOWN = 6  # words listed within one sentence
LINES_OF_FILES = {  # a table -> the lines of evidence that weigh it
    "lineage": ("mt", "y"),
    "snps": ("snp",),
    "measurements": ("body",),
    "dental": ("dental",),
}
LINE_OF_VERDICTS = {
    VerdictKind.RADIOGRAPH: "radiograph",
    VerdictKind.ISOTOPE: "isotope",
    VerdictKind.TRAUMA: "trauma",
    VerdictKind.EFFECTS: "material",
    VerdictKind.CIRCUMSTANCE: "circumstance",
    VerdictKind.OTHER: "other",
}


class EvidenceChecks:
    """Goes through all of it; ``draft`` and ``findings`` are those of the whole folder.

    ``individual`` gives a remains_id the one that stands for all rows of the same individual.
    """

    def __init__(self, draft: Draft, findings: Findings, individual: Mapping[str, str]) -> None:
        self.draft, self.findings, self.individual = draft, findings, individual
        self.settings = draft.settings or Settings(name="")
        self.samples = {sample.sample_id: sample for _, sample in draft.of("samples")}
        self.persons = {person.person_id: person for _, person in draft.of("missing")}
        self.remains = {remains.remains_id: remains for _, remains in draft.of("remains")}

    def all(self) -> None:
        self._specimens()
        self._measurements()
        for chart in self.draft.dental:
            self._chart(chart)
        for line, trait in self.draft.of("traits"):
            self._in_remains("traits", line, trait.remains_id)
            if wrong := unread(trait.method, trait.trait, trait.value):
                tell = self._note if wrong.column == "method" else self._fault
                tell("traits", line, wrong.column, getattr(trait, wrong.column), wrong.reason, wrong.remedy)
        self._comparisons()
        self._rates()
        self._parameters()
        self._unused()

    def _fault(self, table: str, line: int | None, column: str, value: str, reason: str, remedy: str) -> None:
        self.findings.fault(self.draft.files[table], line, column, value, reason, remedy)

    def _note(self, table: str, line: int | None, column: str, value: str, reason: str, remedy: str = "") -> None:
        self.findings.note(self.draft.files[table], line, column, value, reason, remedy)

    def _in_remains(self, table: str, line: int, remains_id: str, column: str = "remains_id") -> None:
        if not self.draft.knows("remains", remains_id):
            remedy = "Add the remains, or correct the identifier."
            self._fault(table, line, column, remains_id, "is not in remains.", remedy)

    # --- bones ---

    def _specimens(self) -> None:
        unknown: set[str] = set()
        known = {element.lower(): element for element in zones()}
        for line, specimen in self.draft.of("specimens"):
            if specimen.remains_id:
                self._in_remains("specimens", line, specimen.remains_id)
            self._unique(line, specimen.specimen_id)
            self._sample(line, specimen)
            element = known.get(specimen.element.lower(), "")
            if element:
                self._zones(line, specimen, element)
            elif (specimen.zones or specimen.element) and specimen.element not in unknown:
                unknown.add(specimen.element)
                near = difflib.get_close_matches(specimen.element.lower(), list(known), 1, 0.7)
                self._note(
                    "specimens",
                    line,
                    "element",
                    specimen.element,
                    "is not a bone of the zones; such specimens are kept, and their zones are not compared.",
                    f"If it is {known[near[0]]}, write that." if near else f"Known: {', '.join(known.values())}.",
                )

    def _unique(self, line: int, specimen_id: str) -> None:
        for table, what in (("remains", "remains_id"), ("pedigrees", "member_id")):
            if (at := self.draft.keys(table).get(specimen_id)) is not None:
                reason = f"is also a {what} ({table}, line {at:,})."
                remedy = "Identifiers of members, remains and specimens are unique across the folder."
                self._fault("specimens", line, "specimen_id", specimen_id, reason, remedy)

    def _sample(self, line: int, specimen: Specimen) -> None:
        if not specimen.sample_id:
            return
        if not self.draft.knows("samples", specimen.sample_id):
            tell = self._fault if "samples" in self.draft.present else self._note
            remedy = "Add the sample, or correct the identifier."
            tell("specimens", line, "sample_id", specimen.sample_id, "is not in samples.", remedy)
        sample = self.samples.get(specimen.sample_id)
        if sample and specimen.remains_id in self.remains and not self._same(sample.subject_id, specimen.remains_id):
            self._fault(
                "specimens",
                line,
                "sample_id",
                specimen.sample_id,
                f"is a sample of {sample.subject_id}, and the specimen is given to {specimen.remains_id}.",
                "Correct one of them.",
            )

    def _same(self, one: str, other: str) -> bool:
        return self.individual.get(one, one) == self.individual.get(other, other)

    def _zones(self, line: int, specimen: Specimen, element: str) -> None:
        known = [str(number) for number in range(1, zones()[element] + 1)]
        for zone in specimen.zones:
            if zone not in known:
                reason = f"is not a zone of {element}, which has 1 to {len(known)}."
                self._fault("specimens", line, "zones", zone, reason, "Write the numbers of the zones, separated by ;.")
        for zone in {zone for zone in specimen.zones if specimen.zones.count(zone) > 1}:
            self._fault("specimens", line, "zones", zone, "stands twice in the cell.", "Keep it once.")

    def _measurements(self) -> None:
        for line, measured in self.draft.of("measurements"):
            if not self.draft.knows("specimens", measured.specimen_id):
                remedy = "Add the specimen, or correct the identifier."
                self._fault("measurements", line, "specimen_id", measured.specimen_id, "is not in specimens.", remedy)
            if measured.code in measurement_codes():
                self._length(line, measured)
            else:
                reason = "is not a measurement that Homeward knows."
                self._fault("measurements", line, "code", measured.code, reason, _instead_of_code(measured.code))

    def _length(self, line: int, measured: Measurement) -> None:
        low, high = measurement_ranges().get(measured.code, (0.0, float("inf")))
        mm, shown = measured.mm, f"{measured.mm:g}"
        if low <= mm <= high:
            return
        usual = f"adults have {low:g} to {high:g} mm"
        for factor, unit in ((10, "centimetres"), (25.4, "inches")):
            if mm < low and low <= mm * factor <= high:
                reason = f"seems to be in {unit}: of {measured.code} {usual}."
                self._fault("measurements", line, "mm", shown, reason, "Write millimetres.")
                return
        self._note("measurements", line, "mm", shown, f"is unusual: of {measured.code} {usual}.", "Check it.")

    # --- teeth ---

    def _chart(self, chart: ChartReading) -> None:
        before = chart.kind is ChartKind.ANTE_MORTEM
        table, other = ("missing", "remains") if before else ("remains", "missing")
        if not self.draft.knows(table, chart.subject_id):
            there = f"is in {other}, and not in {table}" if chart.subject_id in self.draft.keys(other) else ""
            self._fault(
                "dental",
                chart.line,
                "subject_id",
                chart.subject_id,
                f"{there or f'is not in {table}'}.",
                "A chart made before death (am) is of a person_id, one made after it (pm) of a remains_id.",
            )
        if chart.may_be_fdi:
            self._note(
                "dental",
                chart.line,
                "tooth",
                "",
                f"holds in this chart of {chart.subject_id} only numbers that FDI notation has too; they are taken for "
                "universal numbers.",
                "If it is FDI, convert it: 11-18 are 8-1, 21-28 are 9-16, 31-38 are 24-17, 41-48 are 25-32.",
            )
        self._chart_date(chart, before)

    def _chart_date(self, chart: ChartReading, before: bool) -> None:
        if chart.date is None:
            return
        if before and (person := self.persons.get(chart.subject_id)):
            last = person.lost_until or person.lost_on
            self._after(chart, last, "is after the loss", "A chart made before death is older than that.")
            if person.birth_date and chart.date.latest < person.birth_date.earliest:
                reason = f"is before the birth, {person.birth_date.text}."
                self._fault("dental", chart.line, "date", chart.date.text, reason, "Correct one of the dates.")
        elif not before and (remains := self.remains.get(chart.subject_id)):
            found = remains.found_on
            if found and chart.date.latest < found.earliest:
                reason = f"is before the find, {found.text}."
                self._note("dental", chart.line, "date", chart.date.text, reason, "Check both dates.")

    def _after(self, chart: ChartReading, last: DateSpan | None, reason: str, remedy: str) -> None:
        if last and chart.date and chart.date.earliest > last.latest:
            self._note("dental", chart.line, "date", chart.date.text, f"{reason}, {last.text}.", remedy)

    # --- comparisons ---

    def _comparisons(self) -> None:
        own = defaultdict(list)
        for kind, method, verdict in self.draft.keys("verdict_rates"):
            own[kind, method].append(verdict)
        for line, compared in self.draft.of("comparisons"):
            self._in_remains("comparisons", line, compared.remains_id)
            self._about(line, compared)
            if not compared.verdict and compared.rank is None:
                reason = "is empty, and so is rank: the row says nothing."
                self._fault("comparisons", line, "verdict", "", reason, "State a verdict or a rank, or delete the row.")
            elif LINE_OF_VERDICTS[compared.kind] in self.settings.lines:
                kind, method = compared.kind.value, compared.method
                self._calibrated(line, compared, [*own[kind, method], *shipped_verdicts(kind, method)])

    def _about(self, line: int, compared: Verdict) -> None:
        groups = {*self.settings.outsiders, *self.settings.outsider_population}
        about = compared.about
        if not about.startswith(OUTSIDER):
            if not self.draft.knows("missing", about):
                remedy = f"Add the missing person, or write {OUTSIDER}GROUP."
                self._fault("comparisons", line, "about", about, "is not in missing.", remedy)
        elif self.draft.settings and about.removeprefix(OUTSIDER) not in groups:
            reason, remedy = (
                "names a group that programme.toml does not.",
                "Give the group a weight in [prior.outsiders].",
            )
            self._fault("comparisons", line, "about", about, reason, remedy)

    def _calibrated(self, line: int, compared: Verdict, known: list[str]) -> None:
        """Of a comparison that is weighed it must be known how often its verdict is given."""
        if (compared.verdict or shortlist(compared)) in known or "verdict_rates" in self.draft.cut_short:
            return
        column, value = ("verdict", compared.verdict) if compared.verdict else ("rank", f"{compared.rank}")
        what = "a place in a list" if not compared.verdict else f"{compared.verdict!r}"
        line_of = LINE_OF_VERDICTS[compared.kind]
        remedy = f"Write one of: {_some(known)}; or state there" if known else "State there"
        self._fault(
            "comparisons",
            line,
            column,
            value,
            f"has no row in verdict_rates ({compared.kind}, {compared.method}), so that it cannot be weighed.",
            f"{remedy} how often {what} is given of the same person and of different ones; or leave {line_of} out in "
            "[evidence] lines.",
        )

    def _rates(self) -> None:
        sums: dict[tuple[str, str, str], float] = defaultdict(float)
        last: dict[tuple[str, str, str], int] = {}
        for line, rate in self.draft.of("verdict_rates"):
            for column in ("if_same", "if_different"):
                key = rate.kind.value, rate.method, column
                sums[key] += getattr(rate, column)
                last[key] = line
            if not rate.source:
                self._note("verdict_rates", line, "source", "", "is empty: nobody can check these figures.")
        for (kind, method, column), whole in sums.items():
            if whole > _WHOLE:
                reason = f"is the sum over the verdicts of {kind}, {method}: more than 1."
                line = last[kind, method, column]
                self._fault("verdict_rates", line, column, f"{whole:.12g}", reason, "They exclude each other; correct.")

    def _parameters(self) -> None:
        for line, parameter in self.draft.of("parameters"):
            if not parameter.source:
                self._note("parameters", line, "source", "", "is empty: nobody can check this figure.")
            self._parameter_of_body(line, parameter)

    def _method_of_parameter(self, line: int, method: str) -> None:
        if method not in replaceable():
            near = difflib.get_close_matches(method, replaceable(), 1, 0.7)
            remedy = f"If it is {near[0]}, write that." if near else f"Known: {', '.join(replaceable())}."
            reason = "is not a method with parameters; the row is kept and replaces nothing."
            self._note("parameters", line, "method", method, reason, remedy)

    def _parameter_of_body(self, line: int, parameter: Parameter) -> None:
        """A name that its method does not know replaces nothing; a value out of range cannot be."""
        method, name = parameter.method, parameter.parameter
        known = [other for of, other in figures() if of == method]
        if not known:
            self._method_of_parameter(line, method)
            return
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, 0.6)
            remedy = f"If it is {near[0]}, write that." if near else f"{method} has: {_some(known)}."
            self._fault("parameters", line, "parameter", name, f"is no parameter of {method}.", remedy)
            return
        figure = figures()[method, name]
        if not figure.admits(parameter.value):
            least = f"at least {figure.low:.6g}" if math.isfinite(figure.low) else ""
            most = f"at most {figure.high:.6g}" if math.isfinite(figure.high) else ""
            remedy = f"Write {' and '.join(filter(None, (least, most)))}."
            self._fault("parameters", line, "value", f"{parameter.value:g}", f"cannot be {name} of {method}.", remedy)

    # --- lines of evidence that are left out ---

    def _unused(self) -> None:
        """What is on record and by [evidence] lines not weighed."""
        left_out = [name for name in LINES if name not in self.settings.lines]
        for name in left_out:
            for table in self._tables_of(name):
                file = self.draft.files[table]
                reason = f"leaves out {name}: what {file} says of it is read and not weighed."
                self._note("programme", None, "evidence.lines", name, reason, "Add it, if it was forgotten.")

    def _tables_of(self, line: str) -> Iterator[str]:
        """Tables in which something of a line stands."""
        for table, lines in LINES_OF_FILES.items():
            if line in lines and self._says_something(table, line):
                yield table
        if any(LINE_OF_VERDICTS[compared.kind] == line for _, compared in self.draft.of("comparisons")):
            yield "comparisons"
        if line in ("age", "body") and any(_weighs(trait.method, line) for _, trait in self.draft.of("traits")):
            yield "traits"
        if any(_says(remains, line) for remains in self.remains.values()):
            yield "remains"

    def _says_something(self, table: str, line: str) -> bool:
        if table == "lineage":
            return any(kind == line for _, kind in self.draft.keys("lineage"))
        return bool(self.draft.dental if table == "dental" else self.draft.snps or self.draft.keys(table))


_OF_REMAINS: dict[str, tuple[str, ...]] = {
    "body": ("stature_cm_low", "stature_cm_high"),
    "age": ("age_low", "age_high"),
    "material": ("claimed_person",),
    "place": ("found",),
}


def _says(remains: Any, line: str) -> bool:
    return any(getattr(remains, name) not in (None, "") for name in _OF_REMAINS.get(line, ()))


@cache
def figures() -> Mapping[tuple[str, str], Shipped]:
    """(method, parameter) -> what is shipped and what may replace it: of methods, and of lines as a whole."""
    of_lines = {("dental", rate): Shipped(value=value, low=0) for rate, value in yearly_rates().items()}
    of_lines["dental", "years"] = Shipped(value=YEARS, low=0)
    of_lines["place", "anywhere"] = Shipped(value=ANYWHERE, low=LEAST, high=1)
    return MappingProxyType({**shipped(), **of_lines})


def replaceable() -> list[str]:
    """Methods and lines of which parameters.csv may replace a parameter."""
    return sorted({method for method, _ in figures()})


@cache
def shipped_verdicts(kind: str, method: str) -> tuple[str, ...]:
    """Verdicts of a method, and of its kind in general, whose rates are shipped."""
    rows = shipped_table("verdict_rates.csv")
    return tuple(row["verdict"] for row in rows if row["kind"] == kind and row["method"] in (method, ""))


def _weighs(method: str, line: str) -> bool:
    """Whether a line of evidence weighs what a method observes."""
    return method in methods() if line == "body" else method in {name for name, _ in transitions()}


def _instead_of_code(code: str) -> str:
    """What to write instead of a code of another standard, or one that is misspelt."""
    by_case = {known.lower(): known for known in measurement_codes()}
    if code.lower() in by_case:
        return f"Write {by_case[code.lower()]}."
    same = [known for known, numbers in measurement_codes().items() if code in numbers.values()]
    if same:
        meant = ", ".join(f"{known} ({_standards(known, code)})" for known in same[:_SHOWN])
        return f"Write the osteometric code: {meant}."
    near = difflib.get_close_matches(code.lower(), list(by_case), 1, 0.7)
    hint = f"If it is {by_case[near[0]]}, write that. " if near else ""
    return f"{hint}Write the osteometric code, such as Fem_01."


def _standards(known: str, number: str) -> str:
    return ", ".join(standard for standard, given in measurement_codes()[known].items() if given == number)


def _some(words: Iterable[str]) -> str:
    listed = list(words)
    return ", ".join(listed[:_SHOWN]) + ("" if len(listed) <= _SHOWN else f" and {len(listed) - _SHOWN:,} more")
