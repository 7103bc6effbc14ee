// The container: a ZIP whose every byte is determined by what it holds. We read its entries, write each record
// again from them, and compare as we go; nothing in the file is left that we did not write ourselves.

import { byBytes } from "./bytes.js";

const VERSION = 20;
const VERSION_64 = 45;
const UTF8_NAMES = 0x0800;
const DATE = 0x0021; // 1980-01-01
const MANY = 0xffff; // entries from which the end record needs its larger brother
const LONGEST = 100; // bytes of a name
const ENTRIES = 1_000_000;
const ENTRY_BYTES = 2 ** 28;
const ALL_BYTES = 2 ** 30;
const HEX = "[0-9a-f]{64}";
const NAMES = new RegExp(
  `^(seal\\.note|files\\.json|documents\\.json|verify\\.html|README\\.txt|documents/${HEX}` +
    `|(keys|statements|openings)/${HEX}\\.json|logs/[A-Za-z0-9_-]{1,50}\\.json)$`,
);

export class NotABundle extends Error {}

/** Whether an entry of a bundle may be called so. */
export function isName(name) {
  return typeof name === "string" && NAMES.test(name);
}

/** The entries of a canonical ZIP, by name, in order. Throws NotABundle for any other bytes. */
export function readZip(bytes) {
  const entries = readEntries(bytes);
  const directory = compareRecords(bytes, entries);
  compareEnd(bytes, entries, directory);
  return new Map(entries.map(({ name, data }) => [name, data]));
}

function readEntries(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = [];
  if (bytes.length > ALL_BYTES) throw new NotABundle("too large");
  let at = 0;
  while (at + 30 <= bytes.length && view.getUint32(at, true) === 0x04034b50) {
    const size = view.getUint32(at + 18, true);
    const start = at + 30 + view.getUint16(at + 26, true);
    if (start + size > bytes.length) throw new NotABundle("an entry is cut short");
    if (start - at > 30 + LONGEST) throw new NotABundle("a name that no bundle holds");
    const name = String.fromCharCode(...bytes.subarray(at + 30, start));
    entries.push({ name, data: bytes.subarray(start, start + size), offset: at });
    at = start + size;
    if (size > ENTRY_BYTES || entries.length > ENTRIES) throw new NotABundle("too large");
  }
  entries.forEach(({ name }, place) => {
    if (!isName(name)) throw new NotABundle("a name that no bundle holds");
    if (place && byBytes(entries[place - 1].name, name) >= 0) throw new NotABundle("names out of order");
  });
  return entries;
}

/** Compare every local header and every record of the directory; where the directory begins and ends. */
function compareRecords(bytes, entries) {
  let at = 0;
  for (const entry of entries) {
    entry.common = commonFields(entry);
    at = compare(bytes, at, record([0x04034b50, 4], [VERSION, 2], ...entry.common));
    at = compare(bytes, at, ascii(entry.name)) + entry.data.length;
  }
  const start = at;
  for (const entry of entries) {
    const place = [[0, 2], [0, 2], [0, 2], [0, 4], [entry.offset, 4]];
    at = compare(bytes, at, record([0x02014b50, 4], [VERSION, 2], [VERSION, 2], ...entry.common, ...place));
    at = compare(bytes, at, ascii(entry.name));
  }
  return { start, end: at };
}

function commonFields({ name, data }) {
  const size = data.length;
  return [[UTF8_NAMES, 2], [0, 2], [0, 2], [DATE, 2], [crc32(data), 4], [size, 4], [size, 4], [name.length, 2], [0, 2]];
}

function compareEnd(bytes, entries, { start, end }) {
  let at = end;
  const count = entries.length;
  const size = end - start;
  if (count >= MANY) {
    const versions = [[VERSION_64, 2], [VERSION_64, 2], [0, 4], [0, 4]];
    at = compare(bytes, at, record([0x06064b50, 4], [44, 8], ...versions, [count, 8], [count, 8], [size, 8], [start, 8]));
    at = compare(bytes, at, record([0x07064b50, 4], [0, 4], [end, 8], [1, 4]));
  }
  const told = Math.min(count, MANY);
  at = compare(bytes, at, record([0x06054b50, 4], [0, 2], [0, 2], [told, 2], [told, 2], [size, 4], [start, 4], [0, 2]));
  if (at !== bytes.length) throw new NotABundle("something stands after its end");
}

function compare(bytes, at, expected) {
  const differs = expected.some((byte, place) => bytes[at + place] !== byte);
  if (differs) throw new NotABundle("written otherwise than a bundle is");
  return at + expected.length;
}

/** Numbers of so many bytes each, the least significant first. */
function record(...fields) {
  const bytes = [];
  for (const [value, width] of fields) {
    for (let place = 0; place < width; place += 1) bytes.push(Math.floor(value / 256 ** place) % 256);
  }
  return bytes;
}

function ascii(name) {
  return Array.from(name, (character) => character.charCodeAt(0));
}

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

export function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
