// Proofs of a log: RFC 6962 hashing, verified as RFC 9162 (2.1.3.2 and 2.1.4.2) says.
// Sizes go to 2^53 - 1, so halving is a division: the operators >> and & know 32 bits only.

import { concat, equal } from "./bytes.js";
import { sha256 } from "./hashing.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
export const EMPTY = sha256(new Uint8Array());

export function leafHash(entry) {
  return sha256(concat(LEAF, entry));
}

export function nodeHash(left, right) {
  return sha256(concat(NODE, left, right));
}

const half = (number) => Math.floor(number / 2);
const odd = (number) => number % 2 === 1;

/** Whether the proof leads from the leaf at this index to the root of a tree of this size. */
export function leadsToRoot({ leaf, index, size, proof, root }) {
  if (index >= size) return false;
  let place = index;
  let last = size - 1;
  let hash = leaf;
  for (const beside of proof) {
    if (last === 0) return false;
    if (odd(place) || place === last) {
      hash = nodeHash(beside, hash);
      while (!odd(place) && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      hash = nodeHash(hash, beside);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && equal(hash, root);
}

/** Whether the proof shows that the later tree begins with the earlier one. */
export function continues({ earlier, later, proof }) {
  if (earlier.size > later.size) return false;
  if (earlier.size === later.size) return proof.length === 0 && equal(earlier.root, later.root);
  if (earlier.size === 0) return proof.length === 0 && equal(earlier.root, EMPTY);
  let [place, last] = [earlier.size - 1, later.size - 1];
  while (odd(place)) [place, last] = [half(place), half(last)];
  const path = place === 0 ? [earlier.root, ...proof] : [...proof];
  if (path.length === 0) return false;
  let [old, now] = [path[0], path[0]];
  for (const beside of path.slice(1)) {
    if (last === 0) return false;
    if (odd(place) || place === last) {
      old = nodeHash(beside, old);
      now = nodeHash(beside, now);
      while (!odd(place) && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      now = nodeHash(now, beside);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && equal(old, earlier.root) && equal(now, later.root);
}
