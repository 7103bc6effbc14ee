"""Familias files written out by hand, line after line, as the program writes them."""

from itertools import chain


def locus(name, alleles, *, rates=(0.001, 0.002), codes=(4, 4), ranges=(0.1, 0.1), rates2=("1e-006", "1e-006"),
          silent=None, size=600, dropout=0, least=0):  # fmt: skip
    """A marker; ``rates2=()`` and ``size=None`` as in version 2."""
    count = len(alleles)
    told = f"\t(DatabaseSize = {size} , Dropout probability = {dropout} , Minor allele frequency = {least} )"
    return [
        f'"{name}"', *rates, *codes, count + (silent is not None), *ranges, *rates2,
        "#TRUE#" if silent is not None else "#FALSE#", silent or 0,
        f"{count}" + (told if size is not None else ""),
        *chain(*((f'"{allele}"', frequency) for allele, frequency in alleles.items())),
    ]  # fmt: skip


def person(name, male, *genotypes, dropout=False, born=-1):
    return [
        f'"{name}"', "#FALSE#", f"{born} (Consider dropouts)" if dropout else born, "#FALSE#",
        "#TRUE#" if male else "#FALSE#", len(genotypes), *chain(*genotypes),
    ]  # fmt: skip


def relations(*pairs):
    return [len(pairs), *chain(*pairs)]


def tree(place, name, *pairs, women=0, men=0):
    return [place, f'"{name}"', women, men, *relations(*pairs)]


def case(persons, trees, loci, *, version="3.2.8", theta=0, known=(0, 0, 0), title=True, results="#FALSE#",
         databases=1, after=()):  # fmt: skip
    return [
        f'"Output from Familias, version {version}"', '"DO NOT EDIT!"', version, *(['""'] if title else []),
        len(persons), *chain(*persons), '"Known relations"', *known, len(trees), *chain(*trees),
        f"{results} (#Databases: {databases} ;Theta/Kinship/Fst: {theta} )", *after, len(loci), "#TRUE#",
        '"Test database"', *chain(*loci),
    ]  # fmt: skip


def text(lines, end="\r\n"):
    return "".join(f"{line}{end}" for line in lines)


# --- the DVI module --------------------------------------------------------------------------


def heading(depth, title):
    return "[" * depth + title + "]" * depth


def dna(depth, calls):
    rows = chain(*((f"SystemName= {m}", f"Allele1= {a}", f"Allele2= {b}") for m, (a, b) in calls.items()))
    return [heading(depth, "DNA data"), f"nSystems= {len(calls)}", *rows]


def someone(depth, number, name, gender="", **calls):
    gendered = [f"Gender= {gender}"] if gender else []
    return [heading(depth, f"Person {number}"), f"Name= {name}", *gendered, *dna(depth + 1, calls)]


def pedigree(number, name, *pairs):
    rows = chain(*((f"Parent= {parent}", f"Child= {child}") for parent, child in pairs))
    return [heading(5, f"Pedigree {number}"), f"Name= {name}", f"nRelations= {len(pairs)}", *rows]


def family(number, name, people, *trees):
    return [
        heading(3, f"Family {number} "), f"Name= {name}", heading(4, "Persons"), f"nPersons= {len(people)}",
        *chain(*people), heading(4, "Pedigrees"), f"nPedigrees= {len(trees)}", *chain(*trees),
    ]  # fmt: skip


def dvi(loci, remains, families, *, version="3.3 (DVI)", notes=(), dropout=0):
    return [
        *case([], [], loci, version=version), "", "[DVI]", "[[Unidentified persons]]", f"nPersons= {len(remains)}",
        *chain(*remains), "[[Notes]]", f"nFamilies= {len(families)}", *notes, "", "[[Reference Families]]",
        f"nFamilies= {len(families)}", *chain(*families), "[Prior]", "UseList= Yes", "Size= 2", "[Advanced]",
        "[[Direct/Identity]]", "Dropin= 0", f"Dropout= {dropout}", "Error= 0", "[[Other]]", "NumberOfDecimals= 10",
    ]  # fmt: skip
