"""What a laboratory's file holds and would add, in words."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy as _

from casework.laboratory.models import Sample
from homeward.formats.laboratory import readers

register = template.Library()

TABLES = {
    "missing": _("missing persons"),
    "missing persons": _("missing persons"),
    "incidents": _("loss incidents"),
    "pedigrees": _("families"),
    "families": _("families"),
    "members": _("members of families"),
    "markers": _("markers"),
    "samples": _("DNA samples"),
    "profiles": _("profiles"),
    "calls": _("calls"),
    "frequencies": _("tables of frequencies"),
    "frequency tables": _("tables of frequencies"),
    "mutation": _("mutation models"),
    "mutation models": _("mutation models"),
    "haplotypes": _("haplotypes"),
    "haplotype_counts": _("counted haplotypes"),
    "haplotype counts": _("counted haplotypes"),
    "snp_panel": _("SNPs of the panel"),
    "SNPs": _("SNPs of the panel"),
    "snp_profiles": _("SNP profiles"),
    "SNP profiles": _("SNP profiles"),
    "remains": _("remains"),
    "decisions": _("earlier decisions"),
}


@register.filter
def table(name: str) -> str:
    """A kind of record in words; the science's own word where it has none yet."""
    return str(TABLES.get(name, name))


@register.filter
def sample_kind(code: str) -> str:
    """What a sample is of, in words."""
    return str(Sample.Kind(code).label) if code else ""


@register.filter
def format_title(name: str) -> str:
    """What a format is called."""
    return readers[name].title if name in readers else name
