"""A programme as a pedigree file (.ped) that PLINK, MERLIN and the LINKAGE programs read."""

from __future__ import annotations

from dataclasses import replace

from homeward.formats.laboratory.exports import Export, Telling, Wanted, calls_by_subject
from homeward.genetics.locus import MarkerNames
from homeward.programme import NOT_OBSERVED, Member, Pedigree, Programme, SampleKind, Sex

_TAKEN = ("0", "x", "X", ".", "-")  # words by which such a file says that something is unknown


def write_ped(programme: Programme, wanted: Wanted) -> Export:
    """Families, remains as families of one, and their calls, with a .map and a .dat that name the markers.

    Identical twins need the .dat of MERLIN; a file with twins has no .map. A child of one named parent gets a
    founder as the other, for these programs want both or none.
    """
    return _Writing(programme).export()


class _Writing:
    def __init__(self, programme: Programme) -> None:
        self.programme, self.telling = programme, Telling()
        self.names = MarkerNames(programme.markers)
        kinds = (SampleKind.REFERENCE, SampleKind.DIRECT, SampleKind.REMAINS)
        self.calls = calls_by_subject(programme, self.names, self.telling, kinds)
        self.markers = list(dict.fromkeys(marker for calls in self.calls.values() for marker in calls))
        self.members = [one for pedigree in programme.pedigrees for one in self._with_both_parents(pedigree)]
        self.members += [
            Member(family_id=one.remains_id, member_id=one.remains_id, sex=one.sex) for one in programme.remains
        ]
        self.words = self._words()
        self.twins = self._twin_codes()

    def export(self) -> Export:
        self._note_what_is_left_out()
        self.telling.stop_if_refused()
        rows = "".join(f"{' '.join(self._row(member))}\n" for member in self.members)
        beside = {".dat": self._dat()}
        if not self.twins:
            beside[".map"] = self._map()
        return Export(data=rows.encode(), beside=beside, notes=tuple(self.telling.notes))

    def _row(self, member: Member) -> list[str]:
        parents = [self.words[one] if one else "0" for one in (member.father_id, member.mother_id)]
        sex = {Sex.MALE: "1", Sex.FEMALE: "2", Sex.UNKNOWN: "0"}[member.sex]
        calls = self.calls.get(member.member_id, {})
        cells = [self.words[member.family_id], self.words[member.member_id], *parents, sex, "0"]
        if self.twins:
            cells.append(str(self.twins.get(member.member_id, 0)))
        for marker in self.markers:
            cells += ["0" if allele == NOT_OBSERVED else allele for allele in calls.get(marker, ("0", "0"))]
        return cells

    def _words(self) -> dict[str, str]:
        """Each identifier as a word without blanks, alone and not to be taken for nobody."""
        every = dict.fromkeys(text for one in self.members for text in (one.family_id, one.member_id))
        words = {text: "_".join(text.split()) for text in [*every, *self.markers]}
        changed = [text for text, word in words.items() if text != word]
        self.telling.note_several("names", changed, "hold blanks; they are written with _.")
        for text, word in words.items():
            shared = [other for other, taken in words.items() if taken == word and other != text]
            if shared or word in _TAKEN or word.startswith("#") or "," in word or '"' in word:
                reason = f"cannot be told from {shared[0]}." if shared else "means something else in such a file."
                self.telling.refuse("names", text, reason, "Give it another name.")
        return words

    def _with_both_parents(self, pedigree: Pedigree) -> list[Member]:
        members: list[Member] = []
        added: list[Member] = []
        for member in pedigree.members:
            father, mother = member.father_id, member.mother_id
            if bool(father) != bool(mother):
                name, sex = (
                    (f"{member.member_id}_father", Sex.MALE) if mother else (f"{member.member_id}_mother", Sex.FEMALE)
                )
                added.append(Member(family_id=pedigree.family_id, member_id=name, sex=sex))
                member = replace(member, father_id=father or name, mother_id=mother or name)
            members.append(member)
        self.telling.note_several("pedigrees", [one.member_id for one in added], "were added as the other parent.")
        return [*members, *added]

    def _twin_codes(self) -> dict[str, int]:
        """An odd code for each pair of identical twins."""
        codes: dict[str, int] = {}
        for member in self.members:
            if member.twin_of:
                code = codes.get(member.twin_of) or codes.get(member.member_id) or 2 * len(codes) + 1
                codes[member.member_id] = codes[member.twin_of] = code
        return codes

    def _dat(self) -> bytes:
        lines = ["A affection", *(["Z zygosity"] if self.twins else [])]
        return "".join(f"{line}\n" for line in [*lines, *(f"M {self.words[one]}" for one in self.markers)]).encode()

    def _map(self) -> bytes:
        number = {"X": "23", "Y": "24", "M": "26"}
        lines = []
        for marker in self.markers:
            detail = self.names.details.get(marker)
            lines.append(f"{number.get(detail.chromosome, '0') if detail else '0'}\t{self.words[marker]}\t0\t0\n")
        return "".join(lines).encode()

    def _note_what_is_left_out(self) -> None:
        programme, telling = self.programme, self.telling
        missing = [one.member_id for pedigree in programme.pedigrees for one in pedigree.missing]
        telling.note_several("pedigrees", missing, "are missing, which the file cannot say.")
        remains = [one.remains_id for one in programme.remains]
        telling.note_several("remains", remains, "are remains; each is written as a family of one.")
        staff = [one.sample_id for one in programme.samples if one.kind is SampleKind.ELIMINATION]
        telling.note_several("samples", staff, "are elimination samples; left out.")
        lost = {
            "frequencies": programme.frequencies,
            "mutation": programme.mutation,
            "haplotypes": programme.haplotypes,
            "SNP profiles": programme.snp_profiles,
            "decisions": programme.decisions,
        }
        telling.note_several("programme", [name for name, records in lost.items() if records], "have no place here.")
