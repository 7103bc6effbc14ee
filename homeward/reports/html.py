"""The report of an identification as one self-contained page, in English or Korean.

Sentences stand in ``templates/``; this module gathers what they speak of. Remains for which
something may be proposed are shown in full, the others in a line each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from importlib.resources import files
from typing import Any

from homeward.errors import UnequalCalls
from homeward.genetics.family import calls_of
from homeward.genetics.observation import EXACT, ErrorModel, calls_shown, errors_of
from homeward.identification.result import (
    Assignment,
    Candidate,
    Conclusion,
    FamilyResult,
    Identification,
    Label,
    Method,
    RemainsResult,
    Symmetric,
)
from homeward.programme import LINES as EVIDENCE
from homeward.programme import (
    NOT_LISTED,
    NOTHING,
    OTHER_LISTED,
    OUTSIDER,
    Call,
    Member,
    MutationKind,
    Pedigree,
    Programme,
)
from homeward.reports import words
from homeward.reports.charts import (
    SHARES,
    STEPS,
    Out,
    Shown,
    at_share,
    blocks,
    fitting,
    left_out_svg,
    matrix_svg,
    sensitivity_svg,
)
from homeward.reports.figures import Chance, Step, log10_odds, odds_svg, waterfall_svg
from homeward.reports.language import translations
from homeward.reports.pedigree import pedigree_key, pedigree_svg
from homeward.reports.since import Since

IN_FULL = (Conclusion.IDENTIFY, Conclusion.REVIEW, Conclusion.SYMMETRIC)
FEW = 12  # up to so many remains, all are shown in full
CANDIDATES = 6  # persons in a table of candidates
WORTH = 1e-9  # a posterior below this has no row of its own after the third
ADDED = 60  # notes on added alleles that are listed; the rest is counted
# Notes that stand elsewhere in the report: in the table of added alleles, or under what was assumed.
TOLD = ("allele_added", "rest_added", "untyped_ancestors", "flat_prior", "not_one_to_one")
KIN = 5  # other remains of the same family that are named
LINES = ("dna", *EVIDENCE)


def report_html(
    result: Identification, programme: Programme, *, language: str = "en", since: Since | None = None
) -> str:
    """Write the report.

    Parameters
    ----------
    result : what :func:`homeward.identification.identify.identify` gave
    programme : the programme it was asked about
    language : ``en`` or ``ko``
    since : what changed since an earlier run, if that was asked

    Returns
    -------
    str
        One HTML page with its style sheets inside: no scripts, nothing fetched from elsewhere.
    """
    report = _Report(result, programme, language)
    template = environment(language).get_template("report.html")
    page: str = template.render(report=report, result=result, programme=programme, since=since)
    return page


def environment(language: str) -> Any:
    """The templates with the words of a language: every page of the reports is made with it."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    page = Environment(
        loader=PackageLoader("homeward.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    page.policies["ext.i18n.trimmed"] = True
    page.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    page.globals |= {"language": language, "style": style_sheets()}
    page.filters |= {
        "log10": words.log10_words,
        "probability": words.probability_words,
        "count": words.count_words,
        "error": words.error_words,
        "one_in": lambda chance: words.one_in_words(chance, language),
        "label": lambda label: words.label_words(label, language),
        "meaning": lambda label: words.label_meaning(label, language),
        "conclusion": lambda conclusion: words.conclusion_words(conclusion, language),
        "exclusion": lambda exclusion: words.exclusion_words(exclusion, language),
        "line": lambda line: words.line_words(line, language),
        "method": lambda method: words.method_words(method, language),
        "genetics": lambda genetics: words.genetics_words(genetics, language),
        "absent": lambda code: words.absent_words(code, language),
        "hypothesis": lambda hypothesis: words.hypothesis_words(hypothesis, language),
        "date": lambda value: words.date_words(value, language),
        "state_of_label": words.STATE_OF_LABEL.__getitem__,
        "state_of_conclusion": words.STATE_OF_CONCLUSION.__getitem__,
    }
    return page


def style_sheets() -> str:
    """The style sheets that stand inside every page."""
    static = files("homeward.reports") / "static"
    return "".join((static / name).read_text(encoding="utf-8") for name in ("tokens.css", "homeward.css"))


Calls = tuple[Call, ...]
"""The different calls that the samples of someone show at a marker; none if not typed."""


@dataclass(frozen=True, slots=True)
class MarkerRow:
    """One marker of the remains and of the typed relatives, and what it contributes."""

    marker: str
    remains: Calls
    relatives: tuple[Calls, ...]
    log10: tuple[float | None, ...]  # of each candidate compared; None: impossible


@dataclass(frozen=True, slots=True)
class Family:
    """A family drawn for one comparison."""

    family_id: str
    svg: str
    key: str
    record: FamilyResult | None


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything that is shown of one individual."""

    remains: RemainsResult
    best: Candidate
    rows: tuple[Candidate, ...]
    alternatives: tuple[Candidate, ...]
    others: int
    others_posterior: float
    odds: str
    compared: tuple[Candidate, ...]
    relatives: tuple[Member, ...]
    markers: tuple[MarkerRow, ...]
    waterfall: str
    lines_waterfall: str
    left_out: str
    sensitivity: str
    families: tuple[Family, ...]
    symmetric: Symmetric | None
    kin: tuple[Candidate, ...]
    typed: int
    unused: tuple[str, ...]


class _Report:
    """What the template speaks of, gathered once."""

    def __init__(self, result: Identification, programme: Programme, language: str) -> None:
        self.result = result
        self.programme = programme
        self.language = language
        self.settings = result.settings
        self.candidates: dict[str, list[Candidate]] = {}
        for candidate in result.candidates:
            self.candidates.setdefault(candidate.remains_id, []).append(candidate)
        self.families = {family.family_id: family for family in result.families}

    # ----- the standing -----

    @property
    def made_on(self) -> date:
        return datetime.fromisoformat(self.result.provenance.made_at).date()

    @cached_property
    def conclusions(self) -> list[tuple[Conclusion, int]]:
        counts = Counter(remains.conclusion for remains in self.result.remains)
        return [(conclusion, counts.get(conclusion, 0)) for conclusion in Conclusion]

    def having(self, *conclusions: str) -> list[RemainsResult]:
        return [remains for remains in self.result.remains if remains.conclusion in conclusions]

    @cached_property
    def proposals(self) -> list[RemainsResult]:
        """Remains for which something may be proposed, the surest first."""
        rank = {conclusion: number for number, conclusion in enumerate(Conclusion)}
        chosen = self.having(*IN_FULL)
        return sorted(chosen, key=lambda r: (rank[r.conclusion], -r.best.posterior, r.remains_id))

    @cached_property
    def rest(self) -> list[RemainsResult]:
        shown = {remains.remains_id for remains in self.proposals}
        return [remains for remains in self.result.remains if remains.remains_id not in shown]

    @cached_property
    def labels(self) -> list[tuple[Label, float]]:
        return [(label, self.result.shares[label]) for label in Label if self.result.shares.get(label)]

    # ----- what was asked and assumed -----

    @property
    def prior(self) -> str:
        return words.prior_words(self.programme, self.language)

    @cached_property
    def populations(self) -> list[tuple[str, int]]:
        return [(name, len(tables)) for name, tables in sorted(self.programme.frequencies.items())]

    @cached_property
    def mutation(self) -> list[tuple[str, str, int]]:
        counts = Counter((model.model.value, model.transform.value) for model in self.programme.mutation)
        return [(model, transform, count) for (model, transform), count in sorted(counts.items())]

    @property
    def mutates(self) -> bool:
        return any(model.model is not MutationKind.NONE for model in self.programme.mutation)

    @cached_property
    def error_models(self) -> list[tuple[ErrorModel, int]]:
        """How samples may be wrong, and of how many that is said; empty where all are taken as right."""
        samples = {sample.sample_id: sample for sample in self.programme.samples}
        counts = Counter(errors_of(self.settings, samples.get(p.sample_id)) for p in self.programme.profiles)
        return sorted(counts.items()) if set(counts) - {EXACT} else []

    @cached_property
    def silent(self) -> tuple[int, float, float] | None:
        """How many markers have a silent allele, its least and its greatest frequency."""
        found = [marker.silent_frequency for marker in self.programme.markers if marker.silent_frequency]
        return (len(found), min(found), max(found)) if found else None

    @cached_property
    def lines_used(self) -> list[str]:
        used = {line for candidate in self.result.candidates for line in candidate.evidence} | {"dna"}
        return [*(line for line in LINES if line in used), *sorted(used - set(LINES))]

    @property
    def lines_unused(self) -> list[str]:
        return [line for line in LINES if line not in self.lines_used]

    @cached_property
    def typed_families(self) -> int:
        return sum(1 for family in self.result.families if family.members_typed)

    @cached_property
    def set_aside(self) -> list[FamilyResult]:
        return [family for family in self.result.families if family.state == "set_aside"]

    @cached_property
    def added(self) -> list[Mapping[str, Any]]:
        return [note.values for note in self.result.notes if note.code in ("allele_added", "rest_added")]

    @property
    def added_listed(self) -> list[Mapping[str, Any]]:
        return self.added[:ADDED]

    @cached_property
    def notes(self) -> list[str]:
        """Every other note as a sentence, each once."""
        others = [note for note in self.result.notes if note.code not in TOLD]
        return list(dict.fromkeys(words.note_words(note, self.language) for note in others))

    def differences(self) -> list[tuple[Assignment, list[tuple[str, str]]]]:
        """The ten best assignments, each after the first by what it has different."""
        best = self.result.assignments[0].hypotheses if self.result.assignments else NOTHING
        return [
            (assignment, [(r, h) for r, h in assignment.hypotheses.items() if best[r] != h])
            for assignment in self.result.assignments[:10]
        ]

    # ----- people -----

    def who(self, hypothesis: str) -> str:
        """A person's number and name, or the alternative in words."""
        name = words.name_words(self.programme.people.get(hypothesis))
        return f"{words.hypothesis_words(hypothesis, self.language)} {name}".rstrip()

    def native(self, hypothesis: str) -> str:
        person = self.programme.people.get(hypothesis)
        return "" if person is None else person.name_native

    def is_person(self, hypothesis: str) -> bool:
        return hypothesis in self.programme.people

    @cached_property
    def homes(self) -> dict[str, tuple[Pedigree, Member]]:
        """person_id -> the family and the member that he is."""
        return {
            member.person_id: (pedigree, member)
            for pedigree in self.programme.pedigrees
            for member in pedigree.members
            if member.person_id
        }

    def family_of(self, hypothesis: str) -> str:
        return self.homes[hypothesis][0].family_id if hypothesis in self.homes else ""

    @cached_property
    def calls(self) -> Mapping[str, Mapping[str, Calls]]:
        try:
            return {
                subject: {marker: calls_shown(seen) for marker, seen in of.items()}
                for subject, of in calls_of(self.programme).items()
            }
        except UnequalCalls:  # the result was made from what can be used; the table shows it as not typed
            return {}

    # ----- one individual -----

    @cached_property
    def details(self) -> list[Detail]:
        shown = self.proposals
        if len(self.result.remains) <= FEW:
            shown = [*shown, *self.rest]
        return [self._detail(remains) for remains in shown]

    @cached_property
    def detailed(self) -> set[str]:
        return {detail.remains.remains_id for detail in self.details}

    def _detail(self, remains: RemainsResult) -> Detail:
        everyone = self.candidates.get(remains.remains_id, [remains.best])
        best = next((c for c in everyone if c.hypothesis == remains.best.hypothesis), remains.best)
        persons = [c for c in everyone if self.is_person(c.hypothesis)]
        rows = tuple(c for n, c in enumerate(persons[:CANDIDATES]) if n < 3 or c.posterior >= WORTH)
        alternatives = self._alternatives(remains, everyone)
        runner_up = next((c for c in persons if c.hypothesis != best.hypothesis and c.markers), None)
        compared = tuple(c for c in (best, runner_up) if c is not None and self.is_person(c.hypothesis))
        return Detail(
            remains=remains,
            best=best,
            rows=rows,
            alternatives=alternatives,
            others=self._persons - len(rows),
            others_posterior=max(0.0, remains.listed - sum(c.posterior for c in rows)),
            odds=self._odds(rows, alternatives),
            compared=compared,
            relatives=self._relatives(compared),
            markers=self._markers(remains, compared),
            waterfall=self._waterfall(compared) if compared and compared[0].markers else "",
            lines_waterfall=self._lines_waterfall(best, everyone),
            left_out=self._left_out(remains, best),
            sensitivity=self._sensitivity(remains, best),
            families=self._drawn(compared),
            symmetric=next((s for s in self.result.symmetric if remains.remains_id in s.remains_ids), None),
            kin=self._kin(remains, best),
            typed=remains.markers_typed,
            unused=tuple(self.lines_unused),
        )

    @cached_property
    def _persons(self) -> int:
        return sum(1 for name in self.result.pairs.hypotheses if self.is_person(name))

    def _alternatives(self, remains: RemainsResult, everyone: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """Someone not listed and each group of outsiders, from the candidates or from the remains' own sums."""
        known = {c.hypothesis: c for c in everyone if not self.is_person(c.hypothesis)}
        sums = {NOT_LISTED: remains.not_listed} | {
            name if name.startswith(OUTSIDER) else OUTSIDER + name: chance for name, chance in remains.outsiders.items()
        }
        for name in sums:
            if name not in known:
                known[name] = Candidate(
                    remains_id=remains.remains_id,
                    hypothesis=name,
                    log10_lr=None,
                    log10_lr_all=None,
                    prior=float("nan"),
                    posterior=sums[name],
                    label=remains.best.label,
                    error=remains.best.error,
                )
        return tuple(c for name, c in known.items() if name != OTHER_LISTED)

    def _odds(self, rows: Sequence[Candidate], alternatives: Sequence[Candidate]) -> str:
        shown = sorted([*rows[:3], *alternatives], key=lambda c: -c.posterior)
        chances = [
            Chance(words.hypothesis_words(c.hypothesis, self.language), c.posterior, c.label, c.error) for c in shown
        ]
        return odds_svg(chances, self.settings.identify, language=self.language)

    def _relatives(self, compared: Sequence[Candidate]) -> tuple[Member, ...]:
        """The typed members of the families compared, the best candidate's family first."""
        found: dict[str, Member] = {}
        for candidate in compared:
            if candidate.hypothesis in self.homes:
                pedigree, _ = self.homes[candidate.hypothesis]
                found |= {m.member_id: m for m in pedigree.members if self.calls.get(m.member_id)}
        return tuple(found.values())

    def _markers(self, remains: RemainsResult, compared: Sequence[Candidate]) -> tuple[MarkerRow, ...]:
        if not compared:
            return ()
        calls: dict[str, Calls] = {}
        for row in remains.merged:
            for marker, shown in self.calls.get(row, NOTHING).items():
                calls[marker] = tuple(dict.fromkeys((*calls.get(marker, ()), *shown)))
        relatives = self._relatives(compared)
        seen = {marker for member in relatives for marker in self.calls[member.member_id]}
        used = {marker for candidate in compared for marker in candidate.markers}
        return tuple(
            MarkerRow(
                marker,
                calls.get(marker, ()),
                tuple(self.calls[member.member_id].get(marker, ()) for member in relatives),
                tuple(candidate.markers.get(marker, 0.0) for candidate in compared),
            )
            for marker in sorted(used | seen | set(calls), key=_natural)
        )

    def _waterfall(self, compared: Sequence[Candidate]) -> str:
        shown = [c for c in compared if c.markers and None not in c.markers.values()][:2]
        if not shown or shown[0] is not compared[0]:
            return ""
        markers = sorted({marker for c in shown for marker in c.markers}, key=_natural)
        steps = [Step(marker, tuple(c.markers.get(marker) or 0.0 for c in shown)) for marker in markers]
        lines = [line for line in self.lines_used if line != "dna"]
        steps += [
            Step(words.line_words(line, self.language), tuple(c.evidence.get(line, 0.0) for c in shown))
            for line in lines
        ]
        return self._fallen(shown, steps)

    # ----- what it rests on -----

    def _lines_waterfall(self, best: Candidate, everyone: Sequence[Candidate]) -> str:
        """From prior to posterior by line, for the best and the runner-up; their parts as far as they are told."""
        runner_up = next((c for c in everyone if c.hypothesis not in (best.hypothesis, OTHER_LISTED)), None)
        shown = [c for c in (best, runner_up) if c is not None and c.evidence and 0 < c.prior < 1]
        if not shown or shown[0] is not best:
            return ""
        lines = [line for line in self.lines_used if any(line in c.evidence for c in shown)]
        steps = [
            Step(words.line_words(line, self.language), tuple(c.evidence.get(line, 0.0) for c in shown))
            for line in lines
        ]
        return self._fallen(shown, steps)

    def _fallen(self, shown: Sequence[Candidate], steps: list[Step]) -> str:
        _ = translations(self.language).gettext
        start = [log10_odds(c.prior) for c in shown]
        reached = [start[k] + sum(step.adds[k] for step in steps) for k in range(len(shown))]
        shared = tuple(log10_odds(c.posterior) - value for c, value in zip(shown, reached, strict=True))
        steps = [*steps, Step(_("The other hypotheses"), shared)]
        names = [words.hypothesis_words(c.hypothesis, self.language) for c in shown]
        return waterfall_svg(names, start, steps, language=self.language)

    @property
    def thresholds(self) -> list[tuple[str, float]]:
        _ = translations(self.language).gettext
        asked = ((_("threshold"), self.settings.identify), (_("review"), self.settings.review))
        return [(f"{word} {value:g}", value) for word, value in asked if 0 < value < 1]

    def _left_out(self, remains: RemainsResult, best: Candidate) -> str:
        if remains.explanation is None or not remains.explanation.lines or remains.conclusion is Conclusion.DECIDED:
            return ""
        _ = translations(self.language).gettext
        outs = [Out(_("all lines"), best.posterior, Method.EXACT)]
        for line in remains.explanation.lines:
            name = _("without %(line)s") % {"line": words.line_words(line.line, self.language)}
            other = words.hypothesis_words(line.leading, self.language)
            beside = "" if line.leading == best.hypothesis else _("leads: %(other)s") % {"other": other}
            outs.append(Out(name, line.posterior, line.method, beside))
        return left_out_svg(outs, thresholds=self.thresholds, language=self.language)

    def _sensitivity(self, remains: RemainsResult, best: Candidate) -> str:
        share = self.settings.listed_share
        if not remains.sensitivity or not 0 < share < 1:
            return ""
        unlisted = remains.not_listed + sum(remains.outsiders.values())
        low, high = log10_odds(SHARES[0]), log10_odds(SHARES[-1])
        shares = [1 / (1 + 10 ** -(low + (high - low) * k / STEPS)) for k in range(STEPS + 1)]
        person = self.is_person(best.hypothesis)
        curve = [(s, at_share(best.posterior, remains.listed, unlisted, share, s, person=person)) for s in shares]
        exact = () if remains.explanation is None else remains.explanation.exact_priors
        return sensitivity_svg(curve, exact, share=share, thresholds=self.thresholds, language=self.language)

    @cached_property
    def matrix(self) -> Shown:
        """Who may be whom, by component."""
        posterior = {
            (c.remains_id, c.hypothesis): c.posterior for c in self.result.candidates if self.is_person(c.hypothesis)
        }
        none = {r.remains_id: r.not_listed + sum(r.outsiders.values()) for r in self.result.remains}
        return fitting(blocks(posterior, none))

    @property
    def matrix_drawn(self) -> str:
        return matrix_svg(self.matrix, language=self.language) if self.matrix.blocks else ""

    def _drawn(self, compared: Sequence[Candidate]) -> tuple[Family, ...]:
        persons: dict[str, list[str]] = {}
        for candidate in compared:
            if candidate.hypothesis in self.homes:
                persons.setdefault(self.family_of(candidate.hypothesis), []).append(candidate.hypothesis)
        drawn = []
        for family_id, highlight in list(persons.items())[:1]:
            pedigree = self.homes[highlight[0]][0]
            typed = {m.member_id for m in pedigree.members if self.calls.get(m.member_id)}
            names = {m.member_id: self.who(m.person_id).replace(" ", "\n", 1) for m in pedigree.missing}
            drawn.append(
                Family(
                    family_id,
                    pedigree_svg(pedigree, typed=typed, highlight=highlight[:1], names=names, language=self.language),
                    pedigree_key(pedigree, typed=typed, highlight=highlight[:1], language=self.language),
                    self.families.get(family_id),
                )
            )
        return tuple(drawn)

    @cached_property
    def _by_family(self) -> dict[str, list[Candidate]]:
        found: dict[str, list[Candidate]] = {}
        for candidate in self.result.candidates:
            family = self.family_of(candidate.hypothesis)
            if family and candidate.posterior >= 0.01:
                found.setdefault(family, []).append(candidate)
        return found

    def _kin(self, remains: RemainsResult, best: Candidate) -> tuple[Candidate, ...]:
        """Other remains that may be someone of the same family: what is decided here moves them."""
        family = self.family_of(best.hypothesis)
        others = [c for c in self._by_family.get(family, ()) if c.remains_id != remains.remains_id]
        return tuple(sorted(others, key=lambda c: (-c.posterior, c.remains_id))[:KIN])


def _natural(marker: str) -> tuple[bool, int, str]:
    """Markers in the order a laboratory lists them: D1, D2, ... by number, then the named ones."""
    digits = ""
    if marker.startswith("D"):
        for letter in marker[1:]:
            if not letter.isdigit():
                break
            digits += letter
    return (not digits, int(digits or 0), marker)
