"""Custody between parties who do not trust each other: canonical bytes, signatures, logs, offline verification."""
