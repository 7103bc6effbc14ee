"""Families drawn in one line: who descends from whom."""

from homeward.genetics.lineage.lines import line_of
from homeward.programme import LineageKind, Member, Pedigree, Sex

MT, Y = LineageKind.MITOCHONDRIAL, LineageKind.Y


def family(*rows):
    """Members from texts "member father mother sex"; - is not known."""
    members = []
    for row in rows:
        member, father, mother, sex, *twin = row.split()
        members.append(
            Member(
                family_id="F",
                member_id=member,
                father_id="" if father == "-" else father,
                mother_id="" if mother == "-" else mother,
                sex=Sex(sex),
                twin_of=twin[0] if twin else "",
            )
        )
    return Pedigree(family_id="F", members=tuple(members))


def descent(generations, kind):
    """One child each generation: members 0, 1, 2, ..."""
    if kind is MT:
        return family("0 - - F", *(f"{n + 1} - {n} F" for n in range(generations)))
    return family("0 - - M", *(f"{n + 1} {n} - M" for n in range(generations)))


def descent_line(generations, kind):
    return line_of(descent(generations, kind), "0", kind)


# A mother with a son who is missing, a daughter and the daughter's son; her brother; a father with his own.
WIDE = family(
    "grandmother - - F",
    "mother - grandmother F",
    "uncle - grandmother M",
    "grandfather - - M",
    "father grandfather - M",
    "paternal_uncle grandfather - M",
    "missing father mother M",
    "brother father mother M",
    "sister father mother F",
    "nephew - sister M",
    "brothers_son brother - M",
    "stepbrother father - M",
)
