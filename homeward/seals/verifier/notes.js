// Checkpoints: signed notes (C2SP signed-note, tlog-checkpoint, tlog-cosignature).

import { concat, equal, fromBase64, textOf, utf8 } from "./bytes.js";
import { sha256 } from "./hashing.js";

const OWN = 0x01; // an Ed25519 signature of the note's text
const COSIGNED = 0x04; // a timestamped cosignature
const MOST_SIGNATURES = 100;
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

/** What a log or a key is called in a note: visible ASCII without the plus sign. */
export function isNoteName(text) {
  return typeof text === "string" && /^[!-*,-~]{1,100}$/.test(text);
}

/** A checkpoint and its signatures from the text of a note, or null when it is none. */
export function readNote(text) {
  const parts = text.split("\n\n");
  if (parts.length !== 2 || !parts[1].endsWith("\n") || CONTROL.test(text)) return null;
  const lines = parts[1].slice(0, -1).split("\n");
  if (lines.length > MOST_SIGNATURES || new Set(lines).size !== lines.length) return null;
  const checkpoint = readCheckpoint(parts[0].split("\n"));
  const signatures = lines.map(readSignature);
  if (checkpoint === null || signatures.includes(null)) return null;
  return { ...checkpoint, body: utf8(parts[0] + "\n"), signatures };
}

export function readNoteBytes(bytes) {
  try {
    return readNote(textOf(bytes));
  } catch {
    return null;
  }
}

function readCheckpoint([origin, size, root, ...extensions]) {
  const hash = fromBase64(root);
  const written = /^(0|[1-9][0-9]{0,15})$/.test(size) && Number.isSafeInteger(Number(size));
  if (!isNoteName(origin) || !written || hash === null || hash.length !== 32 || extensions.includes("")) return null;
  return { origin, size: Number(size), root: hash, extensions };
}

function readSignature(line) {
  const [dash, name, blob, ...more] = line.split(" ");
  const bytes = fromBase64(blob);
  if (dash !== "\u2014" || !isNoteName(name) || more.length || bytes === null || bytes.length < 5) return null;
  return { name, id: bytes.subarray(0, 4), rest: bytes.subarray(4) };
}

function idOf(name, type, key) {
  return sha256(concat(utf8(name), Uint8Array.of(0x0a, type), key)).subarray(0, 4);
}

function linesOf(note, name, type, key) {
  const id = idOf(name, type, key);
  return note.signatures.filter((line) => line.name === name && equal(line.id, id));
}

/** The lines by a log's installation key; its name is the note's origin. */
export function ownLines(note, key) {
  return linesOf(note, note.origin, OWN, key);
}

/** The lines in which this key of this party cosigned. */
export function cosignedLines(note, party, key) {
  return linesOf(note, party, COSIGNED, key);
}

export function ownIsGood(note, line, key, good) {
  return good(key, note.body, line.rest);
}

/** The seconds since 1970 at which a line was cosigned. */
export function cosignedAt(line) {
  const bytes = Uint8Array.from(line.rest.subarray(0, 8));
  return new DataView(bytes.buffer).getBigUint64(0);
}

export async function cosignatureIsGood(note, line, key, good) {
  if (line.rest.length !== 72) return false;
  const signed = concat(utf8(`cosignature/v1\ntime ${cosignedAt(line)}\n`), note.body);
  return good(key, signed, line.rest.subarray(8));
}
