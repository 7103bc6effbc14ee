"""A programme with known truth, invented from a seed: people, families, boxes and what a laboratory sees of them.

In order: ``scenario`` says which world, ``people`` and ``families`` invent who was lost and who gave a
reference sample, ``inheritance`` hands alleles down, ``laboratory`` reads what time has left of them,
``world`` puts the programme together and keeps the truth apart.
"""

from homeward.simulation.scenario import Scenario, scaled, scenarios
from homeward.simulation.world import Truth, simulate

__all__ = ["Scenario", "Truth", "scaled", "scenarios", "simulate"]
