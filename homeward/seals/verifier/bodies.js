// A statement's body in words: coded values by their words, lists of records as tables, personal values as withheld
// unless an opening came with the bundle. A body is whatever its parties signed; nothing here trusts its form.

import { digest, facts, fingerprint, h, table } from "./elements.js";
import { fieldWord, specialWord, valueWord } from "./words.js";

// The order in which a reader expects fields; others follow by name.
const ORDER = [
  "number", "version", "what", "act", "state", "mode", "forum", "tier", "level", "date", "place", "from", "to", "through",
  "manifest", "statement", "on", "refuses", "voids", "resolves", "answers", "fulfils", "line", "container", "kind", "outcome",
  "content", "found", "individuals_estimated", "bags", "weight_g", "seals", "seal_condition", "description", "origin",
  "about", "claims", "field", "declared", "paper", "name", "office", "party", "signed_on", "fingerprint", "lines", "containers",
];

/** A body as a list of facts. opened: Map from JSON pointer to the value that an opening gave. */
export function bodyOf({ kind, body }, opened, language) {
  const reader = { kind, opened, language };
  return facts(fieldsOf(body).map((name) => [fieldWord(language, name), valueOf(body[name], name, `/${escaped(name)}`, reader)]));
}

function fieldsOf(object) {
  const place = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return Object.keys(object).sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

function valueOf(value, field, path, reader) {
  const { kind, language } = reader;
  if (value === null) return h("span", { class: "quiet" }, absent(field, language));
  if (value === "") return "";
  if (typeof value === "boolean") return specialWord(language, value ? "yes" : "no");
  if (typeof value === "number") return field === "weight_g" ? kilograms(value) : value.toLocaleString("en");
  if (typeof value === "string") return textOf(value, field, kind, language);
  if (Array.isArray(value)) return listOf(value, field, path, reader);
  if (isCommitment(value)) return openedOrWithheld(value, path, reader);
  return facts(fieldsOf(value).map((name) => [fieldWord(language, name), valueOf(value[name], name, `${path}/${escaped(name)}`, reader)]));
}

function absent(field, language) {
  const name = { weight_g: "not_weighed", line: "not_on_manifest" }[field] ?? "not_stated";
  return specialWord(language, name);
}

function textOf(value, field, kind, language) {
  if (/^sha256:[0-9a-f]{64}$/.test(value)) return digest(value);
  if (field === "fingerprint" && /^[0-9a-f]{64}$/.test(value)) return fingerprint(value);
  return valueWord(language, kind, field, value);
}

function listOf(items, field, path, reader) {
  if (items.length === 0) return h("span", { class: "quiet" }, specialWord(reader.language, "none"));
  if (items.every(isWording)) return items.map(({ lang, text }) => h("p", { lang }, text));
  if (items.every(isRecord)) return recordsOf(items, path, reader);
  const shown = items.map((item, at) => valueOf(item, field, `${path}/${at}`, reader));
  return h("ul", { class: "inline" }, shown.map((item) => h("li", {}, item)));
}

function recordsOf(items, path, reader) {
  const names = fieldsOf(Object.fromEntries(items.flatMap(Object.keys).map((name) => [name, null])));
  const filled = names.filter((name) => items.some((item) => item[name] !== undefined && item[name] !== "" && item[name]?.length !== 0));
  const columns = filled.map((name) => ({ label: fieldWord(reader.language, name), numeric: items.every((item) => isNumber(item[name])) }));
  const rows = items.map((item, at) =>
    filled.map((name) => (Object.hasOwn(item, name) ? valueOf(item[name], name, `${path}/${at}/${escaped(name)}`, reader) : "")),
  );
  return table({ columns, rows });
}

function openedOrWithheld(value, path, { opened, language }) {
  if (!opened.has(path)) return h("span", { class: "withheld" }, specialWord(language, "withheld"));
  const given = opened.get(path);
  return h("span", {}, typeof given === "string" ? given : JSON.stringify(given));
}

/** Kilograms to one decimal, halves rounded up as scales are read. */
function kilograms(grams) {
  const tenths = Math.floor((grams + 50) / 100);
  return `${Math.floor(tenths / 10)}.${tenths % 10}`;
}

const isNumber = (value) => typeof value === "number" || value === null;
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value) && !isCommitment(value);
const isCommitment = (value) => isObjectWith(value, ["commitment"]) && typeof value.commitment === "string";
const isWording = (value) => isObjectWith(value, ["lang", "text"]) && typeof value.text === "string" && typeof value.lang === "string";

function isObjectWith(value, names) {
  return typeof value === "object" && value !== null && Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name));
}

function escaped(name) {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
