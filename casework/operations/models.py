"""The search: what is told of where the missing lie, the sites, what was done at each, and joint operations."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.parties.models import Party
from casework.registry.models import Entered, Held


class Burial(models.TextChoices):
    """Classes of burial; each is found or missed at a rate of its own."""

    ISOLATED = "isolated", _("isolated burial")
    MASS = "mass", _("mass grave")
    CEMETERY = "cemetery", _("cemetery")
    CRASH = "crash", _("crash site")


class OnGround(models.Model):
    """A piece of ground: a point with its uncertainty, or a geometry; of neither, nobody has said where it is."""

    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    radius_m = models.FloatField(null=True)
    geometry = models.TextField(blank=True)  # WKT, longitude then latitude, WGS84 degrees

    class Meta:
        abstract = True

    @property
    def placed(self) -> bool:
        """Whether somebody has said where it is."""
        return self.lat is not None or bool(self.geometry)


class Account(Entered, OnGround):
    """One account of where a person, or everyone of an incident, may lie (a row of scenarios.csv)."""

    class Kind(models.TextChoices):
        ELLIPSE = "ellipse", _("near a point")
        ROUTE = "route", _("along a route")
        WITNESS = "witness", _("from where a witness stood")
        CAMP = "camp", _("in a camp’s burial ground")
        CEMETERY = "cemetery", _("in a cemetery with records")
        MOVED = "moved", _("taken elsewhere")
        ELSEWHERE = "elsewhere", _("nowhere on the map")

    scenario_id = models.CharField(max_length=100)
    about = models.CharField(max_length=100)  # a person_id or an incident_id
    kind = models.CharField(max_length=20, choices=Kind)
    weight = models.FloatField()
    radius_minor_m = models.FloatField(null=True)
    bearing_deg = models.FloatField(null=True)
    bearing_sd_deg = models.FloatField(null=True)
    range_m = models.FloatField(null=True)
    range_sd = models.FloatField(null=True)
    reliability = models.FloatField(default=1.0)
    shared = models.BooleanField(default=False)
    burial = models.CharField(max_length=20, choices=Burial, default=Burial.ISOLATED)
    moved_to = models.CharField(max_length=100, blank=True)
    source_id = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ("scenario_id",)
        constraints = (models.UniqueConstraint(fields=("holder", "scenario_id"), name="one_account_of_a_number"),)
        indexes = (models.Index(fields=("holder", "about"), name="accounts_by_subject"),)

    def __str__(self) -> str:
        return self.scenario_id

    @property
    def journal_name(self) -> str:
        return f"account:{self.scenario_id}"


class Lead(Entered, OnGround):
    """Something said or read about where remains may lie."""

    lead_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=100, blank=True)
    about = models.CharField(max_length=100, blank=True)  # a person_id, an incident_id or a site_id
    text = models.TextField(blank=True)
    given_on = models.CharField(max_length=10, blank=True)
    reliability = models.FloatField(null=True)
    source_id = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ("lead_id",)
        constraints = (models.UniqueConstraint(fields=("holder", "lead_id"), name="one_lead_of_a_number"),)
        indexes = (models.Index(fields=("holder", "about"), name="leads_by_subject"),)

    def __str__(self) -> str:
        return self.lead_id

    @property
    def journal_name(self) -> str:
        return f"lead:{self.lead_id}"


class Region(Held):
    """Sites that share the cost of getting there, a window of weather and a permit."""

    region_id = models.CharField(max_length=100)
    name = models.CharField(max_length=300, blank=True)
    mobilisation_cost = models.FloatField(default=0.0)
    travel_days = models.FloatField(default=0.0)
    window_from = models.CharField(max_length=10, blank=True)
    window_until = models.CharField(max_length=10, blank=True)
    base_lat = models.FloatField(null=True)
    base_lon = models.FloatField(null=True)
    base_radius_m = models.FloatField(null=True)

    class Meta:
        ordering = ("region_id",)
        constraints = (models.UniqueConstraint(fields=("holder", "region_id"), name="one_region_of_a_number"),)

    def __str__(self) -> str:
        return self.name or self.region_id


class Site(Entered, OnGround):
    """A place that may be dug, and what digging it costs."""

    class Status(models.TextChoices):
        LEAD = "lead", _("lead")
        INVESTIGATED = "investigated", _("investigated")
        NOMINATED = "nominated", _("nominated")
        APPROVED = "approved", _("approved by both sides")
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")
        ABANDONED = "abandoned", _("abandoned")

    site_id = models.CharField(max_length=100)
    name = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.LEAD)
    region = models.CharField(max_length=100, blank=True)  # a region_id
    burial = models.CharField(max_length=20, choices=Burial, default=Burial.ISOLATED)
    fixed_cost = models.FloatField(default=0.0)
    cost_per_unit = models.FloatField(default=1.0)
    days = models.FloatField(null=True)
    permit_from = models.CharField(max_length=10, blank=True)
    permit_until = models.CharField(max_length=10, blank=True)
    detection_rate = models.FloatField(null=True)

    class Meta:
        ordering = ("site_id",)
        constraints = (models.UniqueConstraint(fields=("holder", "site_id"), name="one_site_of_a_number"),)
        indexes = (models.Index(fields=("holder", "status", "site_id"), name="sites_by_status"),)

    def __str__(self) -> str:
        return self.name or self.site_id

    @property
    def journal_name(self) -> str:
        return f"site:{self.site_id}"


class Approval(models.Model):
    """One side's consent that a site be dug. A site is approved when both sides have given theirs."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="approvals")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    said = models.TextField(blank=True)  # by whom, in which paper
    withdrawn_on = models.DateField(null=True)
    entered_by = models.CharField(max_length=200)
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("on", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("site", "party"), condition=models.Q(withdrawn_on=None), name="one_approval_of_a_party"
            ),
        )

    def __str__(self) -> str:
        return f"{self.site.site_id} {self.party}"

    @property
    def journal_name(self) -> str:
        return self.site.journal_name


class Search(Entered, OnGround):
    """A search that was done, and what it gave."""

    class Outcome(models.TextChoices):
        NOTHING = "nothing", _("nothing found")
        REMAINS = "remains", _("remains found")

    search_id = models.CharField(max_length=100)
    site_id = models.CharField(max_length=100, blank=True)
    on = models.CharField(max_length=10, blank=True)
    effort = models.FloatField(null=True)
    unit = models.CharField(max_length=100, blank=True)
    detection = models.FloatField(null=True)
    trials = models.FloatField(null=True)
    burial = models.CharField(max_length=20, choices=Burial, blank=True)  # that it was good for; empty: all
    outcome = models.CharField(max_length=20, choices=Outcome, default=Outcome.NOTHING)

    class Meta:
        ordering = ("on", "search_id")
        constraints = (models.UniqueConstraint(fields=("holder", "search_id"), name="one_search_of_a_number"),)
        indexes = (models.Index(fields=("holder", "site_id"), name="searches_by_site"),)

    def __str__(self) -> str:
        return self.search_id

    @property
    def journal_name(self) -> str:
        return f"search:{self.search_id}"


class StatedOrigin(Held):
    """Where the sender of a box says that its content is from: a claim (a row of containers.csv)."""

    container_id = models.CharField(max_length=100)
    state = models.CharField(max_length=100, blank=True)
    received_on = models.CharField(max_length=10, blank=True)
    stated_from = models.TextField(blank=True)
    origin_lat = models.FloatField(null=True)
    origin_lon = models.FloatField(null=True)
    origin_radius_m = models.FloatField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("container_id",)
        constraints = (models.UniqueConstraint(fields=("holder", "container_id"), name="one_origin_of_a_box"),)

    def __str__(self) -> str:
        return self.container_id


class Source(Held):
    """A document or a person that something about the search is known from."""

    source_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=100, blank=True)
    title = models.CharField(max_length=500, blank=True)
    publisher = models.CharField(max_length=300, blank=True)
    date = models.CharField(max_length=10, blank=True)
    page = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ("source_id",)
        constraints = (models.UniqueConstraint(fields=("holder", "source_id"), name="one_source_of_a_number"),)

    def __str__(self) -> str:
        return self.title or self.source_id


class Operation(models.Model):
    """A joint operation: who goes where, when, with how many of each side."""

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        AGREED = "agreed", _("agreed")
        DEPLOYED = "deployed", _("deployed")
        COMPLETED = "completed", _("completed")
        REPORTED = "reported", _("reported")
        SUSPENDED = "suspended", _("suspended")
        CANCELLED = "cancelled", _("cancelled")

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=100)
    name = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.PLANNED)
    with_party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", null=True)
    sites = models.ManyToManyField(Site, related_name="operations")
    starts = models.DateField()
    ends = models.DateField()
    people_own = models.PositiveIntegerField()
    people_other = models.PositiveIntegerField(null=True)
    route = models.TextField(blank=True)
    liaison = models.CharField(max_length=300, blank=True)
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    entered_by = models.CharField(max_length=200)
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("-starts", "number")
        constraints = (
            models.UniqueConstraint(fields=("holder", "number"), name="one_operation_of_a_number"),
            models.CheckConstraint(condition=models.Q(ends__gte=models.F("starts")), name="operation_ends_after_start"),
        )

    def __str__(self) -> str:
        return self.name or self.number

    @property
    def days(self) -> int:
        """From the first day to the last, both counted."""
        return (self.ends - self.starts).days + 1

    @property
    def journal_name(self) -> str:
        return f"operation:{self.number}"


class Unit(models.Model):
    """An excavation unit: a piece of a site that is dug as one, by whom, how deep, and what it held."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        STERILE = "sterile", _("dug to sterile ground, nothing found")
        REMAINS = "remains", _("remains found")

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="units")
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="units", null=True)
    number = models.CharField(max_length=50)
    state = models.CharField(max_length=20, choices=State, default=State.OPEN)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    area_m2 = models.FloatField()
    depth_cm = models.FloatField(null=True)
    description = models.TextField(blank=True)
    entered_by = models.CharField(max_length=200)
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("site", "number")
        constraints = (models.UniqueConstraint(fields=("site", "number"), name="one_unit_of_a_number"),)

    def __str__(self) -> str:
        return f"{self.site.site_id} {self.number}"

    @property
    def journal_name(self) -> str:
        return f"unit:{self.site.site_id}/{self.number}"
