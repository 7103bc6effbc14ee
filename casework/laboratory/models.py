"""What is in the laboratory: remains in their boxes, bones, teeth, samples, profiles, and what computing needs."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.parties.models import Party
from casework.registry.models import Entered, Held, Sex


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


class Specimen(Entered):
    """A bone, or a part of one, as the inventory has it."""

    class Side(models.TextChoices):
        LEFT = "left", _("left")
        RIGHT = "right", _("right")
        UNSIDED = "unsided", _("side not told")
        AXIAL = "axial", _("axial")

    specimen_id = models.CharField(max_length=100)
    accession = models.CharField(max_length=100, blank=True)
    container_id = models.CharField(max_length=100, blank=True)
    element = models.CharField(max_length=100, blank=True)
    side = models.CharField(max_length=10, choices=Side, blank=True)
    zones = models.JSONField(default=list)
    completeness = models.FloatField(null=True)
    sample_id = models.CharField(max_length=100, blank=True)
    remains_id = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ("specimen_id",)
        constraints = (models.UniqueConstraint(fields=("holder", "specimen_id"), name="one_specimen_of_a_number"),)
        indexes = (models.Index(fields=("holder", "remains_id"), name="specimens_by_remains"),)

    def __str__(self) -> str:
        return self.specimen_id

    @property
    def journal_name(self) -> str:
        return f"specimen:{self.specimen_id}"


class Measurement(Entered):
    """A measurement of a specimen."""

    specimen_id = models.CharField(max_length=100)
    code = models.CharField(max_length=20)
    mm = models.FloatField()

    class Meta:
        ordering = ("specimen_id", "code")
        constraints = (
            models.UniqueConstraint(fields=("holder", "specimen_id", "code"), name="one_measurement_of_a_code"),
        )

    def __str__(self) -> str:
        return f"{self.specimen_id} {self.code}"

    @property
    def journal_name(self) -> str:
        return f"specimen:{self.specimen_id}"


class DentalChart(Entered):
    """The teeth of one subject at one time, before or after death."""

    class Kind(models.TextChoices):
        ANTE_MORTEM = "am", _("before death")
        POST_MORTEM = "pm", _("after death")

    subject_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=2, choices=Kind)
    date = models.CharField(max_length=10, blank=True)
    teeth = models.JSONField()  # universal number -> code as charted

    class Meta:
        ordering = ("subject_id", "date", "pk")
        constraints = (
            models.UniqueConstraint(fields=("holder", "subject_id", "kind", "date"), name="one_chart_of_a_date"),
        )

    def __str__(self) -> str:
        return f"{self.subject_id} {self.kind} {self.date}".strip()

    @property
    def journal_name(self) -> str:
        return f"{'person' if self.kind == self.Kind.ANTE_MORTEM else 'remains'}:{self.subject_id}"


class Trait(Entered):
    """What was observed on remains by a named method."""

    remains_id = models.CharField(max_length=100)
    method = models.CharField(max_length=100)
    trait = models.CharField(max_length=100)
    value = models.CharField(max_length=200)

    class Meta:
        ordering = ("remains_id", "method", "trait")
        constraints = (
            models.UniqueConstraint(fields=("holder", "remains_id", "method", "trait"), name="one_value_of_a_trait"),
        )

    def __str__(self) -> str:
        return f"{self.remains_id} {self.method} {self.trait}"

    @property
    def journal_name(self) -> str:
        return f"remains:{self.remains_id}"


class Verdict(Entered):
    """A comparison of remains with someone, as its examiner recorded it."""

    class Kind(models.TextChoices):
        RADIOGRAPH = "radiograph", _("radiograph")
        ISOTOPE = "isotope", _("isotopes")
        TRAUMA = "trauma", _("injuries")
        EFFECTS = "effects", _("effects")
        CIRCUMSTANCE = "circumstance", _("circumstances")
        OTHER = "other", _("another comparison")

    remains_id = models.CharField(max_length=100)
    about = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind)
    method = models.CharField(max_length=100)
    verdict = models.CharField(max_length=200, blank=True)
    rank = models.PositiveIntegerField(null=True)
    list_size = models.PositiveIntegerField(null=True)
    examiner = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("remains_id", "about", "kind", "method")
        constraints = (
            models.UniqueConstraint(
                fields=("holder", "remains_id", "about", "kind", "method"), name="one_verdict_of_a_comparison"
            ),
        )

    def __str__(self) -> str:
        return f"{self.remains_id} {self.about} {self.method}"

    @property
    def journal_name(self) -> str:
        return f"remains:{self.remains_id}"


class VerdictRate(Held):
    """How often a verdict is given of the same person, and of different ones."""

    kind = models.CharField(max_length=20, choices=Verdict.Kind)
    method = models.CharField(max_length=100)
    verdict = models.CharField(max_length=200)
    if_same = models.FloatField()
    if_different = models.FloatField()
    source = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("holder", "kind", "method", "verdict"), name="one_rate_of_a_verdict"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.method} {self.verdict}"


class Parameter(Held):
    """A parameter of a method that the programme replaces by its own."""

    method = models.CharField(max_length=100)
    parameter = models.CharField(max_length=100)
    value = models.FloatField()
    source = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("holder", "method", "parameter"), name="one_value_of_a_parameter"),
        )

    def __str__(self) -> str:
        return f"{self.method} {self.parameter}"


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


class LaboratoryFile(models.Model):
    """A laboratory's file, and what reading it gave: every rejected row, and every record that it would add."""

    class State(models.TextChoices):
        READ = "read", _("read, to be confirmed")
        REFUSED = "refused", _("not accepted")
        KEPT = "kept", _("kept")
        DISCARDED = "discarded", _("discarded")

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="laboratory_files")
    name = models.CharField(max_length=300)  # as whoever handed it in called it
    beside = models.CharField(max_length=300, blank=True)  # a second file that belongs to it
    folder = models.CharField(max_length=100, blank=True)  # in UPLOADS; empty once it was settled
    handed_in_by = models.CharField(max_length=200)
    handed_in_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=20, choices=State)
    options = models.JSONField(default=dict)  # what was said of the file that it does not say itself
    format = models.CharField(max_length=100, blank=True)
    version = models.CharField(max_length=100, blank=True)
    counts = models.JSONField(default=dict)  # records that the file holds
    rejected = models.JSONField(default=list)  # every row that was not read
    hindrances = models.JSONField(default=list)  # why nothing of it can be kept
    notes = models.JSONField(default=list)
    new_rows = models.JSONField(default=dict)  # table -> rows that are new
    named = models.JSONField(default=list)  # [table, identifier, of whom, kind of sample, markers called]
    content = models.CharField(max_length=80, blank=True)  # digest of what would be kept
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.name

    @property
    def journal_name(self) -> str:
        return f"laboratory_file:{self.pk}"

    @property
    def path(self) -> Path:
        return Path(settings.UPLOADS) / self.folder / self.name

    @property
    def path_beside(self) -> Path | None:
        return Path(settings.UPLOADS) / self.folder / self.beside if self.beside else None
