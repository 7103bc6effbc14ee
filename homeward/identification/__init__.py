"""Lines of evidence, the joint posterior, and what may be concluded from it."""
