"""Evidence that follows one line: mtDNA from mother to child, the Y chromosome from father to son.

In order: read a haplotype (`mitotype`, `ystr`), compare two (`differences`, `ystr`), who shares a line
(`lines`), what a line makes of a haplotype (`transmission`), how common it is (`frequency`, `laplace`),
what it says about each of the missing (`evidence`), and the pairs a laboratory asks for (`candidates`).
"""
