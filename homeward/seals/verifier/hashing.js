// SHA-256, and the digest as it is written everywhere. One implementation in every browser: the signatures'
// checks use the browser's own where it has one, the hashes do not need to.

import { hexOf } from "./bytes.js";
import { sha256 as hash } from "./sha2.js";

export function sha256(bytes) {
  return hash(bytes);
}

export function sha256Hex(bytes) {
  return hexOf(hash(bytes));
}

export function digestOf(bytes) {
  return "sha256:" + sha256Hex(bytes);
}
