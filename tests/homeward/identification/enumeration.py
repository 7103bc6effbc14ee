"""The joint posterior by listing every assignment: slow, and impossible to get wrong."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from homeward.identification.joint import Coupling, Weights


@dataclass
class Enumerated:
    none: np.ndarray
    slot: np.ndarray
    free: np.ndarray
    log_total: float
    assignments: list[tuple[float, tuple[int, ...]]]


def log_weight(weights: Weights, chosen: tuple[int, ...]) -> float:
    total = sum(float(weights.log_none[r]) if s < 0 else float(weights.log_slot[r, s]) for r, s in enumerate(chosen))
    for coupling in weights.couplings:
        holder = tuple(chosen.index(s) if s in chosen else -1 for s in coupling.slots)
        total += coupling.log_ratio(holder)
    return total


def enumerate_all(weights: Weights, *, free: bool = True) -> Enumerated:
    remains, slots = weights.log_slot.shape
    listed = []
    for chosen in itertools.product(range(-1, slots), repeat=remains):
        taken = [s for s in chosen if s >= 0]
        if len(set(taken)) == len(taken) and (w := log_weight(weights, chosen)) > -math.inf:
            listed.append((w, chosen))
    highest = max((w for w, _ in listed), default=-math.inf)
    if highest == -math.inf:
        return Enumerated(np.zeros(remains), np.zeros((remains, slots)), np.ones((remains, slots)), -math.inf, [])
    total = math.fsum(math.exp(w - highest) for w, _ in listed)
    none, slot = np.zeros(remains), np.zeros((remains, slots))
    for w, chosen in listed:
        p = math.exp(w - highest) / total
        for r, s in enumerate(chosen):
            if s < 0:
                none[r] += p
            else:
                slot[r, s] += p
    listed.sort(key=lambda one: -one[0])
    log_total = highest + math.log(total)
    chances = [(w - log_total, chosen) for w, chosen in listed]
    return Enumerated(none, slot, _free(weights) if free else np.ones((remains, slots)), log_total, chances)


def _free(weights: Weights) -> np.ndarray:
    remains, slots = weights.log_slot.shape
    answer = np.ones((remains, slots))
    for r in range(remains):
        log_slot, log_none = weights.log_slot.copy(), weights.log_none.copy()
        log_slot[r], log_none[r] = -np.inf, 0.0
        without = Weights(log_none=log_none, log_slot=log_slot, couplings=weights.couplings)
        answer[r] = 1 - enumerate_all(without, free=False).slot.sum(0)
    return answer


def drawn(seed: int, *, remains: int = 4, slots: int = 5) -> Weights:
    """A small problem from a seed: true and false pairs simulated consistently, brothers, impossible pairs.

    log10 LR of a true pair ~ N(mu, sd) and of a false one ~ N(-mu, sd) with sd = sqrt(2 mu / ln 10):
    then a false pair's LR has mean one, as it must.
    """
    rng = np.random.default_rng(seed)
    mu = rng.uniform(0, 6, size=slots) * (rng.random(slots) < 0.75)  # a quarter without informative references
    spread = np.sqrt(2 * mu / math.log(10))
    truth = rng.permutation(max(slots, remains))[:remains]
    sign = np.where(truth[:, None] == np.arange(slots), 1.0, -1.0)
    log10_lr = sign * mu + spread * rng.normal(size=(remains, slots))
    log_slot = log10_lr * math.log(10) + math.log(rng.uniform(0.05, 1) / slots)
    log_slot[rng.random((remains, slots)) < rng.choice([0, 0.2, 0.6])] = -np.inf
    log_none = np.log(rng.uniform(0.05, 1, size=remains))
    couplings = []
    order = rng.permutation(slots)
    position = 0
    while position < slots - 1 and rng.random() < 0.7:
        together = 3 if rng.random() < 0.25 and position < slots - 2 else 2
        family = tuple(int(s) for s in order[position : position + together])
        couplings.append(_brothers(rng, remains, family))
        position += together
    if rng.random() < 0.3:  # an earlier decision, or someone who must be on the roster
        log_none[rng.integers(remains)] = -np.inf
    return Weights(log_none=log_none, log_slot=log_slot, couplings=tuple(couplings))


def _brothers(rng: np.random.Generator, remains: int, family: tuple[int, ...]) -> Coupling:
    pair = rng.normal(-2, 6, size=(remains, remains))
    if rng.random() < 0.3:
        pair[rng.random(pair.shape) < 0.3] = -np.inf
    if len(family) == 2:
        return Coupling.of_pair(*family, pair)

    def log_ratio(holder: tuple[int, ...]) -> float:
        held = [r for r in holder if r >= 0]
        return float(sum(pair[min(a, b), max(a, b)] for a, b in itertools.combinations(held, 2)))

    return Coupling(slots=family, log_ratio=log_ratio)


# --- several remains that may be one person ---


def partitions(remains: list[int]):
    """Every way to put remains into sets."""
    if not remains:
        yield []
        return
    first, *rest = remains
    for others in partitions(rest):
        yield [(first,), *others]
        for k in range(len(others)):
            yield [*others[:k], (first, *others[k]), *others[k + 1 :]]


def enumerate_units(weights: Weights) -> Enumerated:
    """Every partition into units, every place for each."""
    number = {unit: k for k, unit in enumerate(weights.units)}
    remains = 1 + max(r for unit in weights.units for r in unit)
    slots = weights.log_slot.shape[1]
    listed = []
    for partition in partitions(list(range(remains))):
        units = [number.get(tuple(sorted(unit)), -1) for unit in partition]
        if -1 in units:
            continue
        for places in itertools.product(range(-1, slots), repeat=len(units)):
            taken = [s for s in places if s >= 0]
            if len(set(taken)) < len(taken):
                continue
            total = sum(
                float(weights.log_none[u]) if s < 0 else float(weights.log_slot[u, s])
                for u, s in zip(units, places, strict=True)
            )
            held = {s: u for u, s in zip(units, places, strict=True) if s >= 0}
            for coupling in weights.couplings:
                total += coupling.log_ratio(tuple(held.get(s, -1) for s in coupling.slots))
            if total > -math.inf:
                listed.append((total, [(r, s) for u, s in zip(units, places, strict=True) for r in weights.units[u]]))
    none, slot = np.zeros(remains), np.zeros((remains, slots))
    highest = max((w for w, _ in listed), default=-math.inf)
    if highest == -math.inf:
        return Enumerated(none, slot, np.ones(slot.shape), -math.inf, [])
    sum_of = math.fsum(math.exp(w - highest) for w, _ in listed)
    merged: dict[tuple[int, ...], float] = {}
    for w, chosen in listed:
        p = math.exp(w - highest) / sum_of
        for r, s in chosen:
            if s < 0:
                none[r] += p
            else:
                slot[r, s] += p
        key = tuple(s for _, s in sorted(chosen))
        merged[key] = merged.get(key, 0.0) + p
    best = sorted(((math.log(p), key) for key, p in merged.items() if p > 0), key=lambda one: -one[0])
    return Enumerated(none, slot, np.ones(slot.shape), highest + math.log(sum_of), best)


def drawn_units(seed: int, *, remains: int = 4, slots: int = 4) -> Weights:
    """A small problem with fragments: some pairs, and the triples of which all pairs are, may be one person."""
    single = drawn(seed, remains=remains, slots=slots)
    rng = np.random.default_rng(seed + 1)
    pairs = {pair for pair in itertools.combinations(range(remains), 2) if rng.random() < 0.6}
    units = [(r,) for r in range(remains)] + sorted(pairs)
    units += [t for t in itertools.combinations(range(remains), 3) if set(itertools.combinations(t, 2)) <= pairs]
    size = len(units)
    log_none, log_slot = np.zeros(size), np.zeros((size, slots))
    for k, unit in enumerate(units):
        gain = rng.normal(2 * (len(unit) - 1), 4) if len(unit) > 1 else 0.0
        log_none[k] = single.log_none[list(unit)].sum() + gain - 3 * (len(unit) - 1)
        log_slot[k] = single.log_slot[list(unit)].sum(0) + gain
    pair = rng.normal(-1, 4, size=(size, size))

    def log_ratio(holder: tuple[int, ...]) -> float:
        held = [u for u in holder if u >= 0]
        return float(sum(pair[min(a, b), max(a, b)] for a, b in itertools.combinations(held, 2)))

    couplings = tuple(Coupling(slots=coupling.slots, log_ratio=log_ratio) for coupling in single.couplings)
    return Weights(log_none=log_none, log_slot=log_slot, couplings=couplings, units=tuple(units))
