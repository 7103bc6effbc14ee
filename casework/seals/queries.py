"""What has been sealed between parties: statements, their signatures, and each party’s own log."""
