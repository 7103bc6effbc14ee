"""What is in the laboratory: remains in their boxes, samples, profiles, and what computing needs."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.parties.models import Party
from casework.registry.models import Held, Sex


class Remains(Held):
    """Remains presumed to be of one individual. What a sender claims about them is a claim."""

    remains_id = models.CharField(max_length=100)
    accession = models.CharField(max_length=100, blank=True)
    container_id = models.CharField(max_length=100, blank=True)
    found_on = models.CharField(max_length=10, blank=True)
    found_lat = models.FloatField(null=True)
    found_lon = models.FloatField(null=True)
    found_radius_m = models.FloatField(null=True)
    site_id = models.CharField(max_length=100, blank=True)
    claimed_person = models.CharField(max_length=200, blank=True)
    claimed_by = models.CharField(max_length=200, blank=True)
    sex = models.CharField(max_length=1, choices=Sex)
    stature_cm_low = models.FloatField(null=True)
    stature_cm_high = models.FloatField(null=True)
    age_low = models.FloatField(null=True)
    age_high = models.FloatField(null=True)
    population = models.CharField(max_length=100, blank=True)
    same_as = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ("remains_id",)
        constraints = (models.UniqueConstraint(fields=("holder", "remains_id"), name="one_remains_of_a_number"),)
        indexes = (
            models.Index(fields=("holder", "container_id", "remains_id"), name="remains_by_container"),
            models.Index(fields=("holder", "claimed_person"), name="remains_by_claim"),
        )

    def __str__(self) -> str:
        return self.remains_id

    @property
    def journal_name(self) -> str:
        return f"remains:{self.remains_id}"


class Sample(Held):
    """What was taken from whom, and how well it reads."""

    class Kind(models.TextChoices):
        REFERENCE = "reference", _("reference of a relative")
        DIRECT = "direct", _("direct reference")
        REMAINS = "remains", _("from remains")
        ELIMINATION = "elimination", _("elimination")

    sample_id = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=Kind)
    dropout = models.FloatField(null=True)
    dropin = models.FloatField(null=True)
    typing_error = models.FloatField(null=True)
    date = models.CharField(max_length=10, blank=True)
    laboratory = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("sample_id",)
        constraints = (models.UniqueConstraint(fields=("holder", "sample_id"), name="one_sample_of_a_number"),)
        indexes = (models.Index(fields=("holder", "subject_id"), name="samples_by_subject"),)

    def __str__(self) -> str:
        return self.sample_id


class Profile(models.Model):
    """The calls of one sample, all markers in one row. Never shown outside the laboratory's own pages."""

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    sample_id = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=100)
    calls = models.JSONField()  # marker -> [allele, allele]
    typed = models.PositiveSmallIntegerField()  # markers with at least one allele observed

    class Meta:
        ordering = ("sample_id",)
        constraints = (models.UniqueConstraint(fields=("holder", "sample_id"), name="one_profile_of_a_sample"),)
        indexes = (models.Index(fields=("holder", "subject_id", "typed"), name="profiles_by_subject"),)

    def __str__(self) -> str:
        return self.sample_id

    @property
    def journal_name(self) -> str:
        return f"profile:{self.sample_id}"


class Haplotype(Held):
    """A mitochondrial or Y haplotype of one sample, as reported. Shown as profiles are: never outside their pages."""

    class Kind(models.TextChoices):
        MITOCHONDRIAL = "mt", _("mitochondrial")
        Y = "y", _("Y chromosome")

    sample_id = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=2, choices=Kind)
    range = models.CharField(max_length=500, blank=True)
    haplotype = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("holder", "sample_id", "kind"), name="one_haplotype_of_a_sample"),
        )
        indexes = (models.Index(fields=("holder", "subject_id"), name="haplotypes_by_subject"),)

    def __str__(self) -> str:
        return f"{self.sample_id} {self.kind}"


class HaplotypeCount(Held):
    """How often a haplotype was seen in a database of a population."""

    kind = models.CharField(max_length=2, choices=Haplotype.Kind)
    range = models.CharField(max_length=500, blank=True)
    haplotype = models.TextField()
    population = models.CharField(max_length=100)
    count = models.PositiveIntegerField()
    database_size = models.PositiveIntegerField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("holder", "kind", "haplotype", "population"), name="one_count_of_a_haplotype"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.population} {self.count}/{self.database_size}"


class SnpMarker(Held):
    """A SNP of the panel in one population."""

    snp = models.CharField(max_length=100)
    population = models.CharField(max_length=100)
    frequency = models.FloatField()
    chromosome = models.CharField(max_length=2, blank=True)
    position = models.BigIntegerField(null=True)
    position_cm = models.FloatField(null=True)
    reference = models.CharField(max_length=100, blank=True)
    counted = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("holder", "snp", "population"), name="one_row_of_a_snp"),)

    def __str__(self) -> str:
        return f"{self.snp} {self.population}"


class SnpProfile(models.Model):
    """What one sample says of many SNPs, all in one row. Never shown outside the laboratory's own pages."""

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    sample_id = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=100)
    snps = models.JSONField()  # names
    log_likelihood = models.BinaryField()  # (snp, 3) 64-bit floats, little-endian, row by row

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("holder", "sample_id"), name="one_snp_profile_of_a_sample"),)
        indexes = (models.Index(fields=("holder", "subject_id"), name="snp_profiles_by_subject"),)

    def __str__(self) -> str:
        return self.sample_id


class Marker(Held):
    """A marker as this programme uses it."""

    marker = models.CharField(max_length=100)
    chromosome = models.CharField(max_length=1)
    linked_to = models.CharField(max_length=100, blank=True)
    rho = models.FloatField(null=True)
    silent_frequency = models.FloatField(null=True)
    min_frequency = models.FloatField(null=True)
    sample_size = models.IntegerField(null=True)
    aliases = models.JSONField(default=list)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("holder", "marker"), name="one_marker_of_a_name"),)

    def __str__(self) -> str:
        return self.marker


class FrequencyTable(models.Model):
    """Allele frequencies of one marker in one population."""

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    population = models.CharField(max_length=100)
    marker = models.CharField(max_length=100)
    frequencies = models.JSONField()  # allele -> frequency

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("holder", "population", "marker"), name="one_table_of_a_marker"),
        )

    def __str__(self) -> str:
        return f"{self.population} {self.marker}"


class MutationModel(Held):
    """How a marker mutates at meiosis."""

    marker = models.CharField(max_length=100)
    model = models.CharField(max_length=20)
    rate_female = models.FloatField(null=True)
    rate_male = models.FloatField(null=True)
    rate2 = models.FloatField(null=True)
    range = models.FloatField(null=True)
    transform = models.CharField(max_length=10)
    female = models.JSONField(default=list)  # [from, to, probability]
    male = models.JSONField(default=list)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("holder", "marker"), name="one_mutation_model_of_a_marker"),)

    def __str__(self) -> str:
        return self.marker


class EarlierDecision(Held):
    """A decision about a pair, taken before the programme was brought in here; its file states it."""

    remains_id = models.CharField(max_length=100)
    about = models.CharField(max_length=200)
    outcome = models.CharField(max_length=20)
    decided_on = models.CharField(max_length=10, blank=True)
    by = models.CharField(max_length=300, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("holder", "remains_id"), name="decisions_by_remains"),)

    def __str__(self) -> str:
        return f"{self.remains_id} {self.about} {self.outcome}"


class ProgrammeSettings(models.Model):
    """What programme.toml says: name, prior, thresholds and the rest, as brought in."""

    holder = models.OneToOneField(Party, on_delete=models.PROTECT, related_name="programme")
    values = models.JSONField()

    def __str__(self) -> str:
        return str(self.values.get("name", ""))
