"""Public counts: each with its definition, unit, stream, claimant, source and date."""
