"""Genetics: pedigrees, markers, mutation, and how well a genotype fits a family.

In the order in which they are used: ``mutation`` gives the matrix of one marker and sex, ``locus``
prepares a marker of a population, ``likelihood`` defines the probability of a family's calls by
variable elimination, ``tables`` turns it into one table per family and marker for everyone who may
be compared, and ``family`` reads the families of a programme.
"""
