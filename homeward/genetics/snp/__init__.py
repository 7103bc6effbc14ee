"""SNPs by the ten thousand, read well or hardly at all.

In the order in which they are used: ``panel`` says which SNPs there are, how common their alleles are and where they
lie; ``observation`` turns reads, single alleles and array genotypes into likelihoods; ``thinning`` chooses SNPs that
may be taken as independent; ``pedigree`` sums a family out at all SNPs at once; ``relationship`` is the closed form
for two people; ``screening`` has moment estimators that need no frequencies; ``compare`` puts remains beside a family.
"""
