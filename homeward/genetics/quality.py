"""Are the references what they are said to be? Each family, and all families together.

1. Every two typed members of a family: what they look like (identical, parent and child, full sibs, second degree,
   first cousins, unrelated) against what the pedigree says they are.
2. Every family as a whole, with mutation: its likelihood as stated, against that with one thing changed: another
   father or mother of one child, two samples exchanged, a sample of someone unrelated, a sample of another member,
   twins who are not identical. The best of these explains a family that does not fit; nothing is left out of it.
3. Families that do not fit, two by two: samples exchanged between them.
4. Members of one maternal or paternal line whose haplotypes differ by more than it explains.
5. Everyone typed against everyone of another family: the same person, parent and child, full sibs.

Where the stated pedigree is right, a likelihood ratio of t or more against it has probability 1/t at most, whatever
the alternative. So of n tests at most n/t findings are false, and usually far fewer. Ratios are against the family
as stated; an ``inf`` is a family that is impossible as stated.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from homeward.errors import Nonsense
from homeward.genetics.family import families
from homeward.genetics.kinship import RELATIONSHIPS, SLIP
from homeward.genetics.lineage.evidence import Category, FamilyLineage, LineageEvidence
from homeward.genetics.locus import prepare_loci
from homeward.genetics.quality_families import exchanged_between, family_quality, finding_of
from homeward.genetics.quality_findings import FamilyQuality, Finding, Kind, PairTest, ScreenTold
from homeward.genetics.quality_pairs import groups_of, pairs_within, related_across, relationships_of
from homeward.genetics.tables import engine_for
from homeward.programme import LineageKind, Programme
from homeward.progress import Tick, silent
from homeward.provenance import Provenance, provenance

LN10 = math.log(10)
THRESHOLD = 3.0  # log10 LR at which an alternative is told
EXPECTED = 1.0  # false pairs of different families that are put up with


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Every test of a programme's references, and what to look at."""

    families: tuple[FamilyQuality, ...]
    pairs: tuple[PairTest, ...]
    findings: tuple[Finding, ...]
    screens: tuple[ScreenTold, ...]
    not_compared: int  # pairs of people of different populations
    tests: int
    provenance: Provenance

    @property
    def most_false(self) -> float:
        """Findings within families that can be expected to be false, at most."""
        return float(self.tests / 10.0 ** float(self.provenance.parameters["threshold"]))


def quality(
    programme: Programme,
    *,
    threshold: float = THRESHOLD,
    expected: float = EXPECTED,
    slip: float = SLIP,
    tick: Tick = silent,
) -> Quality:
    """Test every reference of a programme.

    Parameters
    ----------
    threshold : log10 LR against the family as stated from which an alternative is a finding; also the least of
        pairs of different families
    expected : false pairs of different families that are put up with, for each relationship and population
    slip : chance that a genotype reads otherwise in a second sample of one person
    tick : told of stages "families" and "screen"

    Raises
    ------
    Nonsense
        If ``threshold`` or ``expected`` is not above 0, or ``slip`` no probability below one.
    UnequalCalls, NotFound
        As of :func:`homeward.genetics.family.families`.
    """
    if not threshold > 0 or not expected > 0 or not 0 <= slip < 1:
        raise Nonsense("a threshold and a number of false pairs are above 0, a slip at least 0 and below 1")
    of_programme = families(programme, prepare_loci(programme))
    markers = max((len(family.loci) for family in of_programme), default=0)
    engine = engine_for(20 * len(of_programme), markers)
    tested: list[FamilyQuality] = []
    for done, family in enumerate(of_programme):
        tick("families", done, len(of_programme))
        tested.append(family_quality(family, slip=slip, engine=engine))
    tick("families", len(of_programme), len(of_programme))
    groups = groups_of(of_programme, slip)
    pairs = tuple(pair for group in groups for pair in pairs_within(group, engine))
    findings = [found for one in tested if (found := finding_of(one, threshold)) is not None]
    findings += relationships_of(pairs, threshold)
    lines, compared = _lines(programme, threshold)
    exchanged, exchanges = exchanged_between(of_programme, tested, threshold, engine)
    across, screens, not_compared = related_across(groups, threshold, expected, tick)
    return Quality(
        families=tuple(tested),
        pairs=pairs,
        findings=(*sorted(findings, key=_order), *lines, *exchanged, *across),
        screens=tuple(screens),
        not_compared=not_compared,
        tests=sum(one.tests for one in tested) + len(pairs) * (len(RELATIONSHIPS) - 1) + exchanges + compared,
        provenance=provenance(
            "quality",
            input_digest=programme.digest,
            parameters={
                "threshold": threshold,
                "expected": expected,
                "slip": slip,
                "theta": programme.settings.theta,
                "untyped_ancestors": programme.settings.untyped_ancestors,
            },
        ),
    )


def _order(finding: Finding) -> tuple[float, tuple[str, ...], str, tuple[str, ...]]:
    return -finding.log10_lr, finding.family_ids, finding.kind, finding.members


# --- lines ---


def _lines(programme: Programme, threshold: float) -> tuple[list[Finding], int]:
    """Members of one line whose haplotypes speak against it; and how many pairs of members were compared.

    The ratio is that of someone of the population against a member of the line as it is drawn. Where nobody counted
    the haplotype, what laboratories call an exclusion is told without one.
    """
    evidence = LineageEvidence(programme)
    findings: list[Finding] = []
    compared = 0
    for pedigree, kind in itertools.product(programme.pedigrees, LineageKind):
        of = {m.member_id: evidence.by_subject.get((kind, m.member_id), ()) for m in pedigree.members}
        database = evidence.databases.get((kind, evidence.population(pedigree)))
        for one, other in itertools.combinations([who for who, haplotypes in of.items() if haplotypes], 2):
            references = [(one, haplotype) for haplotype in of[one]]
            family = FamilyLineage(pedigree, kind, references, database=database, model=evidence.model)
            line = family.line(other)
            if line is None or one not in line.stands_for:
                continue
            lr = family.log_lr(other, of[other])
            compared += lr.events is not None
            against = math.nan if lr.log_lr is None else -lr.log_lr / LN10
            if against >= threshold or (lr.log_lr is None and lr.category is Category.EXCLUSION):
                findings.append(
                    Finding(
                        kind=Kind.LINE,
                        family_ids=(pedigree.family_id,),
                        members=(one, other),
                        log10_lr=against,
                        stated=str(kind),
                        looks_like=str(lr.events),
                    )
                )
    return findings, compared
