"""Many mtDNA haplotypes against many by their plain bases alone, so that few pairs need aligning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from homeward.genetics.lineage.differences import AROUND
from homeward.genetics.lineage.mitotype import Mitotype, Variant
from homeward.tables import rcrs

Marks = npt.NDArray[np.float32]


class PlainBases:
    """Haplotypes ready to be compared with others at the sites where any of them has another base.

    A site counts where both have read it and no base is lost, gained or mixed nearby in either, so that the
    number of plain bases that differ never exceeds the events, but for bases that slide.

    Parameters
    ----------
    haplotypes : (n,) to be compared with
    others : whose sites are to count too
    """

    def __init__(self, haplotypes: Sequence[Mitotype], *, others: Sequence[Mitotype] = ()) -> None:
        varying = {v.position for one in (*haplotypes, *others) for v in one.variants if _plain(v)}
        self._sites = np.array(sorted(varying), dtype=np.int64)
        self._own = np.array(["ACGT".index(rcrs()[site - 1]) for site in self._sites], dtype=np.int64)
        self._place = {int(site): place for place, site in enumerate(self._sites)}
        self._read, self._bases = self._encoded(haplotypes)

    def apart(self, others: Sequence[Mitotype]) -> Marks:
        """(m, n) plain bases by which each of the others differs from each haplotype."""
        read, bases = self._encoded(others)
        differing: Marks = read @ self._read.T - bases @ self._bases.T
        return differing

    def _encoded(self, haplotypes: Sequence[Mitotype]) -> tuple[Marks, Marks]:
        """(haplotype, site) whether it counts, and (haplotype, 4 site) which base is there."""
        read = np.zeros((len(haplotypes), len(self._sites)), dtype=np.float32)
        bases = np.zeros((len(haplotypes), len(self._sites), 4), dtype=np.float32)
        for row, one in enumerate(haplotypes):
            counts = np.zeros(len(self._sites), dtype=bool)
            for first, last in one.ranges:
                counts |= (self._sites >= first) & (self._sites <= last)
            here = self._own.copy()
            for variant in one.variants:
                if not _plain(variant):
                    near = 0 if variant.symbol.isupper() and not variant.insertion else 2 * AROUND
                    counts &= np.abs(self._sites - variant.position) > near
                elif variant.position in self._place:
                    here[self._place[variant.position]] = "ACGT".index(variant.symbol)
            read[row] = counts
            bases[row, np.flatnonzero(counts), here[counts]] = 1
        return read, bases.reshape(len(haplotypes), -1)


def _plain(variant: Variant) -> bool:
    return not variant.insertion and variant.symbol in ("A", "C", "G", "T")
