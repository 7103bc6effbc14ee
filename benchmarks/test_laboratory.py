"""How long laboratories' files take to read and write: seconds for a hundred thousand calls.

`make test` runs the smallest size; the size of a national laboratory runs under `make bench`.
"""

from __future__ import annotations

from itertools import pairwise

import pytest

from homeward.formats.laboratory import read, writers
from homeward.formats.laboratory.exports import Wanted
from homeward.programme import Profile, Programme, Remains, Sample, SampleKind, Settings
from homeward.tables import nist1036

SMALL, LARGE = 20, 4_167  # people; 24 markers each
FEW, CHIP = 200, 95_000  # SNPs
MARKERS = tuple(nist1036()["Asian"])[:24]
ALLELES = ("10", "11", "12", "12.3", "13")


def programme(people: int) -> Programme:
    calls = [
        {marker: (ALLELES[(i + j) % 5], ALLELES[(i * j) % 5]) for j, marker in enumerate(MARKERS)} for i in range(5)
    ]
    names = [f"R{number}" for number in range(people)]
    return Programme(
        settings=Settings(name="large", population="P"),
        samples=tuple(Sample(sample_id=name, subject_id=name, kind=SampleKind.REMAINS) for name in names),
        profiles=tuple(Profile(sample_id=n, subject_id=n, calls=calls[i % 5]) for i, n in enumerate(names)),
        frequencies={"P": {marker: dict.fromkeys(ALLELES, 0.2) for marker in MARKERS}},
        remains=tuple(Remains(remains_id=name) for name in names),
    )


@pytest.mark.parametrize("people", [SMALL, LARGE])
@pytest.mark.parametrize("format_", list(writers))
def test_calls_written_and_read_again(benchmark, request, tmp_path, format_, people):
    if people == LARGE and not request.config.getoption("benchmark_enable"):
        pytest.skip("the larger size is for measuring only: make bench")
    known = programme(people)
    path = tmp_path / f"large.{format_}"

    def there_and_back():
        path.write_bytes(writers[format_](known, Wanted()).data)
        return read(path)

    found = benchmark.pedantic(there_and_back, rounds=1)
    assert found.counts["calls"] == 24 * people


@pytest.mark.parametrize("people", [SMALL, LARGE])
def test_a_genemapper_table(benchmark, request, tmp_path, people):
    if people == LARGE and not request.config.getoption("benchmark_enable"):
        pytest.skip("the larger size is for measuring only: make bench")
    path = tmp_path / "run.txt"
    rows = [
        f"F{number}.fsa\t{profile.sample_id}\t{marker}\t{first}\t{second}\t120.5\t900\n"
        for number, profile in enumerate(programme(people).profiles)
        for marker, (first, second) in profile.calls.items()
    ]
    path.write_text("Sample File\tSample Name\tMarker\tAllele 1\tAllele 2\tSize 1\tHeight 1\n" + "".join(rows))
    found = benchmark.pedantic(read, args=(path,), rounds=1)
    assert found.counts["calls"] == 24 * people


@pytest.mark.parametrize("snps", [FEW, CHIP])
def test_a_vcf_of_ten_samples(benchmark, request, tmp_path, snps):
    if snps == CHIP and not request.config.getoption("benchmark_enable"):
        pytest.skip("the larger size is for measuring only: make bench")
    path = tmp_path / "chip.vcf"
    names = "\t".join(f"K{number}" for number in range(10))
    columns = f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}\n"
    path.write_text("##fileformat=VCFv4.2\n" + columns + "".join(map(vcf_row, range(snps))))
    found = benchmark.pedantic(read, args=(path,), rounds=1)
    assert found.counts["SNP profiles"] == 10


def vcf_row(number: int) -> str:
    reads = [(number * 7 + sample * 5) % 6 for sample in range(11)]
    cells = [f"0/1:{a},{b}:{a + b}:{a * 10},0,{b * 10 + 1}" for a, b in pairwise(reads)]
    return (
        f"chr{number % 22 + 1}\t{number * 30 + 1}\trs{number}\tA\tG\t50\tPASS\t.\tGT:AD:DP:PL\t"
        + "\t".join(cells)
        + "\n"
    )
