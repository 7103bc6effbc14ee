"""Talks between the parties: forums, sessions, agreements, commitments, and each party’s assessment."""
