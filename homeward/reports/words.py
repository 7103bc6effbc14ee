"""How numbers, dates and codes are said: one way everywhere, in English or Korean.

Likelihood ratios are log10, signed, with a true minus. A probability is never written 1.000 or 0:
where the nines or zeros hide the meaning, "1 in N" stands beside it, taken from the unrounded number.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping
from datetime import date, datetime

from homeward.identification.result import Candidate, Conclusion, Exclusion, Genetics, Label, Method, Note
from homeward.programme import NOT_LISTED, OTHER_LISTED, OUTSIDER, MissingPerson, PriorKind, Programme
from homeward.reports.language import translations

MINUS = "−"
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LEAST = 1e-12  # below it a probability is said to be below it
MOST_NINES = 1e-6  # nearer to one than this, decimals say no more

MONTHS = tuple(calendar.month_name)  # read under the C locale: Homeward never sets another

STATE_OF_LABEL: Mapping[Label, str] = {
    Label.EXACT: "exact",
    Label.CERTIFIED: "certified",
    Label.SAMPLED: "sampled",
    Label.APPROXIMATE: "sampled",
}
"""The ``data-state`` of homeward.css that shows how a posterior was computed."""

STATE_OF_CONCLUSION: Mapping[Conclusion, str] = {
    Conclusion.IDENTIFY: "candidate",
    Conclusion.REVIEW: "candidate",
    Conclusion.SYMMETRIC: "contested",
    Conclusion.OPEN: "missing",
    Conclusion.NOT_LISTED: "excluded",
    Conclusion.DECIDED: "sealed",
}
"""The ``data-state`` of homeward.css that shows a conclusion."""


def log10_words(value: float | None) -> str:
    """A log10 likelihood ratio or odds: always signed, two decimals, a true minus.

    >>> log10_words(7.0211), log10_words(-0.0498), log10_words(0.0), log10_words(None)
    ('+7.02', '−0.05', '0', '−∞')
    """
    if value is None or value == -math.inf:
        return MINUS + "∞"
    if value == math.inf:
        return "+∞"
    if math.isnan(value):
        return "–"
    if value == 0:
        return "0"
    return ("+" if value > 0 else MINUS) + f"{abs(value):.2f}"


def probability_words(chance: float) -> str:
    """A probability in decimals as far as they speak, then as a power of ten; never 1.000 or 0.

    >>> [probability_words(p) for p in (0.99987, 0.61, 0.00013, 3e-9, 0.0, 1.0)]
    ['0.99987', '0.610', '0.00013', '3 × 10⁻⁹', '< 10⁻¹²', '> 0.999999']
    """
    if chance < LEAST:
        return "< 10" + str(round(math.log10(LEAST))).translate(SUPERSCRIPT)
    if chance < MOST_NINES:
        digit, power = f"{chance:.0e}".split("e")
        return f"{digit} × 10" + str(int(power)).translate(SUPERSCRIPT)
    if 1 - chance < MOST_NINES:
        return "> 0.999999"
    places = max(3, _places(min(chance, 1 - chance)))
    return f"{chance:.{places}f}" if chance >= 0.1 else _plain(float(f"{chance:.1e}"), _places(chance))


def _places(chance: float) -> int:
    """Decimals that show two significant figures."""
    return 1 - math.floor(math.log10(float(f"{chance:.1e}")))


def _plain(value: float, places: int) -> str:
    return f"{value:.{places}f}"


def one_in_words(chance: float, language: str = "en") -> str:
    """A chance as "1 in N", two significant figures.

    >>> one_in_words(1 / 7812), one_in_words(0.185), one_in_words(6.2e-9)
    ('1 in 7,800', '1 in 5.4', '1 in 160 million')
    >>> one_in_words(1 / 7812, "ko"), one_in_words(6.2e-9, "ko")
    ('7,800분의 1', '1.6억분의 1')
    """
    _ = translations(language).gettext
    if chance <= LEAST:
        return _("under 1 in 10¹²")
    return _("1 in %(number)s") % {"number": _two_figures(1 / chance, language)}


def _two_figures(number: float, language: str) -> str:
    """Two significant figures, large numbers with the word of the language for their size."""
    rounded = float(f"{number:.1e}")
    sizes = ((1e8, "억"), (1e4, "만")) if language == "ko" else ((1e9, " billion"), (1e6, " million"))
    for size, word in sizes:
        if rounded >= max(size, 1e6):
            return _two_digits(rounded / size) + word
    return _two_digits(rounded)


def _two_digits(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"


def count_words(number: int) -> str:
    """A count with its thousands apart.

    >>> count_words(5300)
    '5,300'
    """
    return f"{number:,}"


def error_words(candidate: Candidate) -> str:
    """The error of a posterior beside its label; nothing where it is exact.

    >>> error_words(Candidate(remains_id="R", hypothesis="P", log10_lr=1.0, log10_lr_all=1.0, prior=0.1,
    ...     posterior=0.5, label=Label.SAMPLED, error=0.0042))
    '± 0.0042'
    """
    if candidate.label is Label.EXACT:
        return ""
    if candidate.error < MOST_NINES:
        return "± " + probability_words(candidate.error) if candidate.error >= LEAST else "± < 10⁻¹²"
    return "± " + _plain(float(f"{candidate.error:.1e}"), _places(candidate.error))


def label_words(label: Label, language: str = "en") -> str:
    """How a posterior was computed, in a word."""
    _ = translations(language).gettext
    return {
        Label.EXACT: _("exact"),
        Label.CERTIFIED: _("certified"),
        Label.SAMPLED: _("sampled"),
        Label.APPROXIMATE: _("approximate"),
    }[label]


def label_meaning(label: Label, language: str = "en") -> str:
    """What that word promises."""
    _ = translations(language).gettext
    return {
        Label.EXACT: _("computed without approximation"),
        Label.CERTIFIED: _("lies within a proven interval; ± is the greatest distance to its ends"),
        Label.SAMPLED: _("estimated by simulation; ± is one standard error"),
        Label.APPROXIMATE: _("not proven; ± is the largest difference from exact answers on parts of the problem"),
    }[label]


def conclusion_words(conclusion: Conclusion, language: str = "en") -> str:
    """What the numbers allow to be proposed, in a few words."""
    _ = translations(language).gettext
    return {
        Conclusion.IDENTIFY: _("identification may be proposed"),
        Conclusion.REVIEW: _("for review"),
        Conclusion.SYMMETRIC: _("persons who cannot be told apart"),
        Conclusion.OPEN: _("open"),
        Conclusion.NOT_LISTED: _("not on the list"),
        Conclusion.DECIDED: _("decided earlier"),
    }[conclusion]


def exclusion_words(exclusion: Exclusion, language: str = "en") -> str:
    """Why a pair is excluded; empty if it is not."""
    _ = translations(language).gettext
    return {
        Exclusion.NONE: "",
        Exclusion.GENOTYPE: _("excluded by DNA"),
        Exclusion.SEX: _("excluded by sex"),
        Exclusion.DECISION: _("excluded by an earlier decision"),
    }[exclusion]


def line_words(line: str, language: str = "en") -> str:
    """The name of a line of evidence."""
    _ = translations(language).gettext
    return {
        "dna": _("autosomal STR"),
        "sex": _("sex"),
        "stature": _("stature"),
        "age": _("age"),
        "dental": _("teeth"),
        "place": _("place of recovery"),
        "material": _("material evidence"),
        "mt": _("mitochondrial DNA"),
        "y": _("Y chromosome"),
        "snp": _("SNP"),
        "body": _("sex, stature and bones"),
        "radiograph": _("radiographs"),
        "isotope": _("isotopes"),
        "trauma": _("injuries and illness"),
        "circumstance": _("circumstances"),
        "other": _("other comparisons"),
        "population": _("population group, over all lines together"),
    }.get(line, line)


def method_words(method: Method, language: str = "en") -> str:
    """How a posterior under other assumptions was obtained."""
    _ = translations(language).gettext
    return {
        Method.EXACT: _("everything computed again"),
        Method.ROW: _("these remains again, the others held as they are"),
    }[method]


def genetics_words(genetics: Genetics, language: str = "en") -> str:
    """Whether genetics can tell the leading hypothesis from the runner-up, and what it would take."""
    _ = translations(language).gettext
    return {
        Genetics.TELLS: _("Genetics tells them apart: further markers or relatives add to it."),
        Genetics.MORE_MARKERS: _(
            "For these remains the markers typed say the same of both; further markers may tell them apart."
        ),
        Genetics.NEVER: _(
            "They are of one family and alike in it: with these relatives no profile tells them apart. "
            "A child, a further relative of either, or another line of evidence would."
        ),
        Genetics.ONE_WITHOUT: _("One of the two has no typed relative; a reference sample would tell."),
        Genetics.NONE_WITH: _("Neither has a typed relative: genetics says nothing until there is a reference sample."),
        Genetics.NOT_TYPED: _("These remains have no profile: genetics says nothing until there is one."),
    }[genetics]


def absent_words(code: str, language: str = "en") -> str:
    """Why a number was not computed."""
    _ = translations(language).gettext
    return {
        "too_large": _("not computed: the problem is too large for that to be exact"),
        "decided": _("not asked: an earlier decision fixes the answer"),
        "fragments": _("not computed where several remains may be one person"),
        "only": _("without bound: nothing else is possible"),
        "flat": _("not asked: the prior is flat"),
    }.get(code, code)


def hypothesis_words(hypothesis: str, language: str = "en") -> str:
    """Who the remains may be: a person by his number, or the alternatives in words."""
    _ = translations(language).gettext
    if hypothesis == NOT_LISTED:
        return _("Someone missing who is not on the list")
    if hypothesis == OTHER_LISTED:
        return _("All other persons on the list, together")
    if hypothesis.startswith(OUTSIDER):
        return _("An outsider: %(group)s") % {"group": hypothesis.removeprefix(OUTSIDER)}
    return hypothesis


def name_words(person: MissingPerson | None) -> str:
    """A person's name as the source wrote it, family name first; empty if none is recorded."""
    if person is None:
        return ""
    return " ".join(part for part in (person.family_name, person.given_name) if part)


def date_words(value: date | datetime, language: str = "en") -> str:
    """A date as it stands in a sentence.

    >>> date_words(date(2026, 10, 20)), date_words(date(2026, 10, 20), "ko")
    ('20 October 2026', '2026년 10월 20일')
    """
    if language == "ko":
        return f"{value.year}년 {value.month}월 {value.day}일"
    return f"{value.day} {MONTHS[value.month]} {value.year}"


def prior_words(programme: Programme, language: str = "en") -> str:
    """What was believed before any evidence, with its weights, in a paragraph."""
    _ = translations(language).gettext
    settings = programme.settings
    persons = count_words(len(programme.missing))
    if settings.prior is PriorKind.FLAT:
        return _(
            "Before any evidence every admissible assignment of the remains to the %(persons)s persons of the list, "
            "or to someone not listed, counts equally (the convention of the literature on joint identification). "
            "On a large list this makes “not listed” very small."
        ) % {"persons": persons}
    outsiders = "; ".join(f"{group} {weight:g}" for group, weight in settings.outsiders.items())
    values = {
        "persons": persons,
        "listed": f"{settings.listed_share:g}",
        "not_listed": f"{settings.not_listed:g}",
        "outsiders": outsiders,
    }
    if outsiders:
        return (
            _(
                "Before any evidence remains belong to someone on the list (%(persons)s persons, each equally "
                "likely) with probability %(listed)s; to someone missing who is not on the list, %(not_listed)s; "
                "to an outsider: %(outsiders)s. Each person is at most one individual."
            )
            % values
        )
    return (
        _(
            "Before any evidence remains belong to someone on the list (%(persons)s persons, each equally "
            "likely) with probability %(listed)s, and to someone missing who is not on the list with probability "
            "%(not_listed)s. Each person is at most one individual."
        )
        % values
    )


def note_words(note: Note, language: str = "en") -> str:
    """A note of a result as a sentence; a code that has none yet is shown with its values."""
    _ = translations(language).gettext
    sentence = {
        "no_frequencies": _(
            "%(marker)s has no allele frequencies in population %(population)s and was not used there."
        ),
        "chromosome": _("%(marker)s is not an autosomal marker and was not used."),
        "genetic_sex": _("%(marker)s tells the genetic sex; it is not among the markers of the likelihood ratio."),
        "chains_disagree": _(
            "Samples of these posteriors disagree with each other, and their error is as large: %(remains)s."
        ),
        "fragments": _(
            "Several remains may be one person here: %(sets)s sets of remains were tried as one individual."
        ),
        "in_blocks": _(
            "Too many pairs to hold at once: pairs with odds below %(least)s against being none of the roster are"
            " bounded, not told."
        ),
        "haplotype_not_counted": _(
            "Nobody counted these haplotypes (%(line)s) in the population of some of the missing, and there they say"
            " nothing: %(remains)s."
        ),
        "snps_set_aside": _(
            "The SNPs of the relatives contradict the pedigree, and say nothing here, in these families: %(families)s."
        ),
        "theta_sampled": _(
            "Family %(family)s is too large for theta to be summed exactly: its likelihood ratios are estimates from"
            " %(draws)s draws, with a standard error of at most %(standard_error)s in log10 over all markers. What they"
            " add to the error of each posterior is in its label and error."
        ),
        "merged": _("These rows were taken as one individual: %(remains)s."),
        "age_of_roster": _("%(persons)s persons of unknown birth date were given the ages of the others on the list."),
        "age_interval_unused": _(
            "Of %(remains)s remains the stages of the skeleton were weighed, not the age interval made of them."
        ),
        "age_stage_unread": _("These stages of age stand in no table and were not weighed: %(stages)s."),
        "stature_of_roster": _(
            "%(persons)s persons without a recorded stature were given the statures of the others on the list."
        ),
        "stature_interval_unused": _(
            "Of %(remains)s remains the bones were weighed, not the stature interval made of them."
        ),
        "sex_column_unused": _(
            "Of %(remains)s remains the traits of sex were weighed, not the sex that was made of them."
        ),
        "sex_traits_unread": _(
            "These traits of sex could not be read by their method and were not weighed: %(traits)s."
        ),
        "bones_out_of_range": _("These measurements are of no adult's bone and were not weighed: %(measurements)s."),
        "bones_pooled": _(
            "No regression of bones on stature is at hand for these populations; those of other groups stand in: "
            "%(groups)s."
        ),
        "unverified_parameters": _(
            "These methods use published figures that were not confirmed in a second source: %(methods)s."
        ),
        "place_unknown": _(
            "%(persons)s persons of whom no place of loss is known were given the places of the others on the list."
        ),
        "place_believed": _(
            "Where remains were found, or are said to be from, was weighed against where the search believes that each"
            " person lies: %(accounts)s accounts and %(searches)s searches that found nothing."
        ),
        "place_off_the_map": _(
            "These remains were found outside the theatre of the search, and their place was not weighed: %(remains)s."
        ),
        "place_several": _("These remains were found in several places, whose likelihoods were averaged: %(remains)s."),
        "material_once": _(
            "A tag and compared effects name the same person; the stronger was weighed, not both: %(remains)s."
        ),
        "verdicts_repeated": _(
            "Several verdicts by one method on one pair were counted as one: %(kind)s, %(remains)s."
        ),
        "dental_roster": _(
            "Teeth of whoever has no chart were weighed as those of the %(charts)s charts of the"
            " list’s %(persons)s persons would be."
        ),
        "dental_few": _(
            "Only %(charts)s charts of teeth are at hand: how common a pattern is among the others is poorly known."
        ),
        "dental_undated": _(
            "%(charts)s charts of teeth without a date were taken as made %(years)s years before the loss."
        ),
        "markers_unused": _("These markers of the remains have no allele frequencies and were not used: %(markers)s."),
    }.get(note.code)
    values = {key: ", ".join(value) if isinstance(value, list | tuple) else value for key, value in note.values.items()}
    if sentence is None:
        said = ", ".join(f"{key} {value}" for key, value in values.items())
        return f"{note.code}: {said}" if said else note.code
    return sentence % values
