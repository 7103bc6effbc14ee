"""The rooms of the house: the apps of casework, in the order of the layers, uppermost first.

A lower one never imports a higher one (pyproject.toml holds the same order and checks it).
"""

ROOMS = (
    "casework.home",
    "casework.exchange",
    "casework.figures",
    "casework.whereabouts",
    "casework.board",
    "casework.laboratory",
    "casework.custody",
    "casework.operations",
    "casework.registry",
    "casework.agreements",
    "casework.documents",
    "casework.seals",
    "casework.runs",
    "casework.parties",
    "casework.journal",
)
