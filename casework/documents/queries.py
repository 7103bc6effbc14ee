"""Documents, quotations and claims that a member may see, and how claims about the same thing compare.

A party sees what it holds, what another has disclosed to it, what is published, and what was shown to
it alone. What someone quotes from a published or shown document of his own travels with the document;
what he quotes from another's stays his until he discloses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet

from casework.documents.models import Claim, Dispute, Document, Qualifier, Quotation, Standing
from casework.parties.models import Disclosure, Member
from casework.parties.queries import holders_visible_to
from casework.parties.refusal import NOT_FOUND, Refused
from homeward.provenance import digest

KIND = Disclosure.Kind.DOCUMENTS


def documents(*, by: Member) -> QuerySet[Document]:
    """The documents that a member may see."""
    by.require("see documents")
    return _documents(by)


def _documents(by: Member) -> QuerySet[Document]:
    seen = Q(holder__in=holders_visible_to(by, KIND)) | Q(public=True) | Q(pk__in=_shown(by))
    return Document.objects.filter(seen)


def _shown(by: Member) -> QuerySet[Document, int]:
    return Document.objects.filter(shown_to=by.party).values_list("pk", flat=True)


def document(key: int, *, by: Member) -> Document:
    found = documents(by=by).select_related("holder").filter(pk=key).first()
    if found is None:
        raise Refused(NOT_FOUND, document=key)
    return found


def by_digest(digest: str, *, by: Member) -> Document | None:
    """The document with these bytes, one's own first; None where no party shows one."""
    wanted = digest.strip().lower().removeprefix("sha256:").replace(" ", "")
    found = documents(by=by).select_related("holder").filter(digest=f"sha256:{wanted}") if wanted else []
    return min(found, key=lambda one: (one.holder_id != by.party_id, one.pk), default=None)


def same_bytes(document: Document, *, by: Member) -> QuerySet[Document]:
    """The same file as other parties hold it: equal bytes have equal digests."""
    if not document.digest:
        return Document.objects.none()
    return _documents(by).filter(digest=document.digest).exclude(pk=document.pk).select_related("holder")


def content(document: Document) -> bytes:
    """The bytes of a document, checked against its digest before anyone is given them.

    Raises
    ------
    Refused
        ``not-found`` where no file is held, ``file-altered`` where it is gone or no longer has its digest.
    """
    if not document.kept_as:
        raise Refused(NOT_FOUND, document=document.pk)
    try:
        data = document.path.read_bytes()
    except OSError:
        data = b""
    if digest(data) != document.digest:
        raise Refused("file-altered", digest=document.digest)
    return data


def quotations(*, by: Member) -> QuerySet[Quotation]:
    """What was quoted, as far as a member may see it."""
    by.require("see documents")
    return Quotation.objects.filter(_travels(by))


def quotation(key: int, *, by: Member) -> Quotation:
    found = quotations(by=by).select_related("document", "holder").filter(pk=key).first()
    if found is None:
        raise Refused(NOT_FOUND, quotation=key)
    return found


def _travels(by: Member) -> Q:
    """What is one's own or disclosed, and what its holder took from his own published or shown document."""
    own_source = Q(document__holder=F("holder"))
    open_source = Q(document__public=True) | Q(document__in=_shown(by))
    return Q(holder__in=holders_visible_to(by, KIND)) | (own_source & open_source)


def claims(*, by: Member, about: str | None = None) -> QuerySet[Claim]:
    """Claims that a member may see, of every status; of one subject, or of all."""
    by.require("see documents")
    found = Claim.objects.filter(_travels(by)).select_related("holder", "document", "quotation", "superseded_by")
    return found if about is None else found.filter(about=about)


def claim(code: str, *, by: Member, holder: str = "") -> Claim:
    """One claim by its code, and by the party that holds it; else one's own where another uses the same code."""
    among = claims(by=by).filter(code=code)
    among = among.filter(holder__code=holder) if holder else among
    found = min(among, key=lambda one: (one.holder_id != by.party_id, one.pk), default=None)
    if found is None:
        raise Refused(NOT_FOUND, claim=code)
    return found


def claim_by_key(key: int, *, by: Member) -> Claim:
    found = claims(by=by).filter(pk=key).first()
    if found is None:
        raise Refused(NOT_FOUND, claim=key)
    return found


def public_claims() -> QuerySet[Claim]:
    """Claims whose source is published, for whoever asks: they can be read without signing in."""
    taken = Q(document__public=True, document__holder=F("holder"))
    return Claim.objects.filter(taken).select_related("holder", "document", "quotation")


def disputes(found: Iterable[Claim]) -> Mapping[int, list[Dispute]]:
    """Who disputes each of these claims, in one query."""
    raised: dict[int, list[Dispute]] = {}
    for dispute in Dispute.objects.filter(claim__in=[one.pk for one in found]).select_related("party"):
        raised.setdefault(dispute.claim_id, []).append(dispute)
    return raised


# ---------- Side by side ----------


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What one claimant says of a matter: his latest word, and what he said before."""

    claimant: str
    latest: Claim
    earlier: Sequence[Claim]  # newest first: superseded, or of an earlier date
    differs: bool  # from another claimant's latest word in the same unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Claims about the same thing in one unit, each claimant's beside the others'. Nothing is merged."""

    key: str
    about: str
    topic: str
    scope: str
    stream: str
    unit: str
    versions: Sequence[Version]

    @property
    def differs(self) -> bool:
        return any(version.differs for version in self.versions)

    @property
    def unit_label(self) -> str:
        return self.versions[0].latest.get_unit_display()


def side_by_side(found: Iterable[Claim]) -> list[Matter]:
    """Claims by matter and unit, each claimant's latest word beside the others'."""

    def subject(claim: Claim) -> tuple[str, str]:
        return claim.matter, claim.unit

    in_order = sorted(found, key=lambda one: (one.about, one.topic, one.stream, one.scope, one.matter, one.unit))
    return [_matter(list(group)) for _key, group in groupby(in_order, key=subject)]


def _matter(group: Sequence[Claim]) -> Matter:
    by_claimant: dict[str, list[Claim]] = {}
    for claim in sorted(group, key=_newest_first, reverse=True):
        by_claimant.setdefault(claim.claimant, []).append(claim)
    latest = [said[0] for said in by_claimant.values()]
    one = latest[0]
    return Matter(
        key=one.matter,
        about=one.about,
        topic=one.topic,
        scope=one.scope,
        stream=one.stream,
        unit=one.unit,
        versions=[
            Version(claimant=claimant, latest=said[0], earlier=said[1:], differs=_stands_alone(said[0], latest))
            for claimant, said in sorted(by_claimant.items())
        ],
    )


def _newest_first(claim: Claim) -> tuple[bool, str, int]:
    return claim.status != Standing.SUPERSEDED, claim.as_of, claim.pk


def _stands_alone(claim: Claim, latest: Sequence[Claim]) -> bool:
    return any(not compatible(claim, other) for other in latest if other.pk != claim.pk)


def compatible(first: Claim, second: Claim) -> bool:
    """Whether two claims in one unit can both be true as they are worded.

    "More than 440" and 444 can; "about 100" and 200 cannot: about is read as the number itself.
    """
    if first.value is None or second.value is None:
        return (first.value is None) == (second.value is None) and first.value_text == second.value_text
    (low, open_low), (high, open_high) = _ends(first)
    (other_low, other_open_low), (other_high, other_open_high) = _ends(second)
    return not (
        _above(low, other_high, strict=open_low or other_open_high)
        or _above(other_low, high, strict=other_open_low or open_high)
    )


def _above(low: Decimal | None, high: Decimal | None, *, strict: bool) -> bool:
    if low is None or high is None:
        return False
    return low >= high if strict else low > high


def _ends(claim: Claim) -> tuple[tuple[Decimal | None, bool], tuple[Decimal | None, bool]]:
    """The lowest and the highest number that a claim allows, and whether that number itself is left out."""
    value = claim.value
    return {
        Qualifier.MORE_THAN.value: ((value, True), (None, False)),
        Qualifier.AT_LEAST.value: ((value, False), (None, False)),
        Qualifier.UP_TO.value: ((None, False), (value, False)),
    }.get(claim.qualifier, ((value, False), (value, False)))


def matters(*, by: Member, text: str = "", unit: str = "", status: str = "") -> QuerySet[Any, Any]:
    """What claims are about, with how many claims and claimants each has; one query, however many claims."""
    found = claims(by=by).select_related(None)
    if text:
        words = Q(about__icontains=text) | Q(topic__icontains=text) | Q(stream__icontains=text)
        found = found.filter(words | Q(scope__icontains=text) | Q(claimant__icontains=text) | Q(code__icontains=text))
    if unit:
        found = found.filter(unit=unit)
    if status:
        found = found.filter(status=status)
    return (
        found.order_by()
        .values("matter", "unit", "about")
        .annotate(
            topic_shown=Max("topic"),
            scope_shown=Max("scope"),
            stream_shown=Max("stream"),
            claims=Count("pk"),
            claimants=Count("claimant", distinct=True),
            disputed=Count("pk", filter=Q(status=Standing.DISPUTED)),
            latest=Max("as_of"),
        )
        .order_by("about", "topic_shown", "stream_shown", "scope_shown", "unit")
    )


def matter(key: str, *, by: Member) -> list[Matter]:
    """Everything claimed about one matter, a table for each unit."""
    found = list(claims(by=by).filter(matter=key))
    if not found:
        raise Refused(NOT_FOUND, matter=key)
    return side_by_side(found)
