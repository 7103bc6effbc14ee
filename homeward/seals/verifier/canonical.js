// Canonical JSON: RFC 8785 with whole numbers only. A reader parses, writes again and compares every byte.

import { equal, textOf, utf8 } from "./bytes.js";

const DEEPEST = 64;

export class NotCanonical extends Error {}

/** The canonical text of a value. Throws NotCanonical for what has none. */
export function write(value, depth = 1) {
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === "number") return writeNumber(value);
  if (typeof value === "string") return writeText(value);
  if (depth > DEEPEST) throw new NotCanonical("nested too deep");
  if (Array.isArray(value)) return "[" + value.map((item) => write(item, depth + 1)).join(",") + "]";
  // The default order of sort() is that of UTF-16 code units, which is the one RFC 8785 asks for.
  const fields = Object.keys(value).sort();
  return "{" + fields.map((name) => writeText(name) + ":" + write(value[name], depth + 1)).join(",") + "}";
}

function writeNumber(value) {
  // Beyond 2^53 - 1 two different texts are one number: refused, as fractions are.
  if (!Number.isSafeInteger(value)) throw new NotCanonical("not a whole number of at most 2^53 - 1");
  return String(value);
}

function writeText(value) {
  // JSON.stringify escapes as RFC 8785 does, except that it would write a lone surrogate as an escape.
  if (/\p{Surrogate}/u.test(value)) throw new NotCanonical("a lone surrogate");
  return JSON.stringify(value);
}

/** The canonical bytes of a value. */
export function canonical(value) {
  return utf8(write(value));
}

/** The value of canonical bytes. Throws NotCanonical when they are any other bytes. */
export function readCanonical(bytes) {
  let value;
  try {
    value = JSON.parse(textOf(bytes));
  } catch {
    throw new NotCanonical("not JSON in UTF-8");
  }
  if (!equal(canonical(value), bytes)) throw new NotCanonical("written otherwise than its canonical form");
  return value;
}
