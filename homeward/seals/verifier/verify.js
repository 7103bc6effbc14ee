// The answer: nine steps, in the order of section 8 of the format. What has a fault is set aside; later checks pass
// over it, so that one wrong thing is told once and does not cry through everything that rests on it.

import { concat, equal, fromBase64, utf8 } from "./bytes.js";
import { canonical, readCanonical, NotCanonical } from "./canonical.js";
import { isKey, verifierOfSignatures } from "./ed25519.js";
import * as forms from "./forms.js";
import { digestOf, sha256Hex } from "./hashing.js";
import { continues, leafHash, leadsToRoot } from "./merkle.js";
import * as notes from "./notes.js";
import { NotABundle, readZip } from "./zip.js";

const UNANCHORED = ["unpinned-key", "unpinned-log", "no-checkpoint", "no-consistency"];
const NO_ANCHORS = { keys: {}, logs: {}, schema: "homeward/anchors/1" };

export class NotAnchors extends Error {}

/**
 * Verify a bundle.
 *
 * bundle: its bytes; anchors: what the reader knows (null: nothing); tick(done, total): called as statements are read.
 * Gives { verdict, faults, told, engine, bundle, keys, statements, logs, documents, openings }.
 */
export async function verify(bundle, anchors = null, { webcrypto = true, tick = async () => {} } = {}) {
  const { good, engine } = await verifierOfSignatures({ webcrypto });
  const report = new Report(engine);
  const files = readContainer(bundle, report);
  const inventory = files && readInventory(files, report);
  if (inventory) {
    const whole = { files, inventory, report, good, tick };
    whole.keys = readKeys(whole);
    whole.statements = await readStatements(whole);
    whole.logs = await readLogs(whole);
    checkRevocations(whole);
    whole.documents = readDocuments(whole);
    whole.openings = readOpenings(whole);
    checkAnchors(whole, anchors ?? NO_ANCHORS);
    return report.answer(whole);
  }
  return report.answer(null);
}

/** What the reader knows, from the bytes of an anchors file. Throws NotAnchors. */
export function readAnchors(bytes) {
  let anchors;
  try {
    anchors = readCanonical(bytes);
  } catch {
    throw new NotAnchors("not-canonical");
  }
  if (!forms.isAnchors(anchors)) throw new NotAnchors("schema");
  for (const [origin, { checkpoint }] of Object.entries(anchors.logs)) {
    if (checkpoint !== "" && notes.readNote(checkpoint)?.origin !== origin) throw new NotAnchors("note");
  }
  return anchors;
}

/** Faults as they are found, what they set aside, and what is only told. */
class Report {
  constructor(engine) {
    this.engine = engine;
    this.faults = [];
    this.told = [];
    this.broken = new Set();
  }

  fault(code, file, { statement = "", signature = "" } = {}) {
    this.faults.push({ code, file, statement, signature });
    this.broken.add(signature === "" ? file : `${file} ${statement} ${signature}`);
  }

  tell(code, file, { statement = "", about = "" } = {}) {
    this.told.push({ code, file, statement, about });
  }

  /** Whether a file, or one signature or entry in it, has been set aside. */
  aside(file, { statement = "", signature = "" } = {}) {
    return this.broken.has(file) || (signature !== "" && this.broken.has(`${file} ${statement} ${signature}`));
  }

  answer(whole) {
    const broken = this.faults.some(({ code }) => !UNANCHORED.includes(code));
    const verdict = broken ? "broken" : this.faults.length ? "unanchored" : "valid";
    const { inventory = null, files = new Map(), keys = new Map(), statements = new Map(), logs = new Map() } = whole ?? {};
    const { documents = [], openings = [] } = whole ?? {};
    const { faults, told, engine } = this;
    return { verdict, faults, told, engine, inventory, files, keys, statements, logs, documents, openings };
  }
}

const statementFile = (digest) => `statements/${digest.slice(7)}.json`;
const keyFile = (fingerprint) => `keys/${fingerprint}.json`;
const logFile = (party) => `logs/${party}.json`;

/** Names and contents of a folder of the bundle that have not been set aside. */
function within(folder, { files, report }) {
  return [...files].filter(([name]) => name.startsWith(folder) && !report.aside(name));
}

/** The value of a file in canonical JSON and of a form; null, with the fault told, where it is not. */
function readForm(name, bytes, form, report, about = {}) {
  try {
    const value = readCanonical(bytes);
    if (form(value)) return value;
    report.fault("schema", name, about);
  } catch (problem) {
    if (!(problem instanceof NotCanonical)) throw problem;
    report.fault("not-canonical", name, about);
  }
  return null;
}

// 1. Container

function readContainer(bundle, report) {
  try {
    return readZip(bundle);
  } catch (problem) {
    if (!(problem instanceof NotABundle)) throw problem;
    report.fault("container", "");
    return null;
  }
}

// 2. Inventory

function readInventory(files, report) {
  for (const name of ["seal.note", "files.json"]) if (!files.has(name)) report.fault("file-missing", name);
  const seal = files.has("seal.note") ? notes.readNoteBytes(files.get("seal.note")) : null;
  if (files.has("seal.note") && seal?.signatures.length !== 1) report.fault("note", "seal.note");
  const inventory = files.has("files.json") ? readForm("files.json", files.get("files.json"), forms.isInventory, report) : null;
  if (inventory === null) return null;
  if (!report.aside("seal.note")) checkSeal(seal, inventory, files.get("files.json"), report);
  checkFiles(inventory, files, report);
  return { ...inventory, seal };
}

function checkSeal(seal, inventory, bytes, report) {
  const sealed = seal.extensions.length === 1 && seal.extensions[0] === `bundle ${digestOf(bytes)}`;
  if (seal.origin !== inventory.origin || !sealed) report.fault("seal", "seal.note");
}

function checkFiles(inventory, files, report) {
  const listed = new Set(inventory.files.map(({ path }) => path));
  for (const { path, bytes, digest } of inventory.files) {
    const content = files.get(path);
    if (content === undefined) report.fault("file-missing", path);
    else if (content.length !== bytes || digestOf(content) !== digest) report.fault("file-altered", path);
  }
  for (const name of files.keys()) {
    if (name !== "seal.note" && name !== "files.json" && !listed.has(name)) report.fault("file-extra", name);
  }
}

// 3. Keys

function readKeys({ files, report }) {
  const keys = new Map();
  for (const [name, bytes] of within("keys/", { files, report })) {
    const key = readForm(name, bytes, forms.isKey, report);
    if (key === null) continue;
    const raw = fromBase64(key.key);
    const named = key.fingerprint === sha256Hex(raw) && name === keyFile(key.fingerprint);
    if (!named || !isKey(raw)) report.fault("key-altered", name);
    else keys.set(key.fingerprint, { ...key, raw });
  }
  return keys;
}

/** Whether a key may speak for a party in a role; the code of the fault, "" if it may, null if its file is set aside. */
function unfit(fingerprint, party, role, { keys, report }) {
  if (report.aside(keyFile(fingerprint))) return null;
  const key = keys.get(fingerprint);
  if (key === undefined) return "unknown-key";
  if (key.party !== party) return "key-party";
  return key.role === role ? "" : "wrong-role";
}

// 4. Statements

async function readStatements(whole) {
  const { report, inventory, tick } = whole;
  const statements = new Map();
  const found = within("statements/", whole);
  for (const [at, [name, bytes]] of found.entries()) {
    const statement = readStatement(name, bytes, inventory.programme, report);
    if (statement !== null) {
      statement.signatures = await checkSignatures(statement, whole);
      statements.set(statement.digest, statement);
    }
    if (at % 100 === 0) await tick(at, found.length);
  }
  for (const { file, digest, follows } of statements.values()) {
    for (const other of follows) if (!whole.files.has(statementFile(other))) report.tell("follows-missing", file, { statement: digest, about: other });
  }
  return statements;
}

function readStatement(file, bytes, programme, report) {
  const digest = "sha256:" + file.slice("statements/".length, -".json".length);
  const envelope = readEnvelope(file, bytes, digest, report);
  if (envelope === null) return null;
  const payload = fromBase64(envelope.payload);
  if (digestOf(payload) !== digest) {
    report.fault("misnamed", file, { statement: digest });
    return null;
  }
  const ofThisProgramme = (value) => forms.isStatement(value) && value.programme === programme;
  const statement = readForm(file, payload, ofThisProgramme, report, { statement: digest });
  return statement && { ...statement, file, digest, payload, envelope };
}

function readEnvelope(file, bytes, digest, report) {
  try {
    const envelope = readCanonical(bytes);
    if (forms.isEnvelope(envelope)) return envelope;
    report.fault("envelope", file, { statement: digest });
  } catch (problem) {
    if (!(problem instanceof NotCanonical)) throw problem;
    report.fault("not-canonical", file, { statement: digest });
  }
  return null;
}

/** The signatures of a statement that are good, with those by a key that was set aside. */
async function checkSignatures(statement, whole) {
  const { report, keys, good } = whole;
  const { file, digest, payload, signers } = statement;
  const signed = paeOf(statement.envelope.payloadType, payload);
  const standing = [];
  for (const { keyid, sig } of statement.envelope.signatures) {
    const signer = signers.find(({ key }) => key === keyid);
    let code = signer ? unfit(keyid, signer.party, "party", whole) : "signer-unexpected";
    if (code === "" && !(await good(keys.get(keyid).raw, signed, fromBase64(sig)))) code = "signature";
    if (code) report.fault(code, file, { statement: digest, signature: keyid });
    else if (code === "") standing.push({ key: keyid, sig, party: signer.party });
  }
  return standing;
}

/** What DSSE signs. */
function paeOf(type, payload) {
  return concat(utf8(`DSSEv1 ${utf8(type).length} ${type} ${payload.length} `), payload);
}

// 5. Logs

async function readLogs(whole) {
  const { report, inventory } = whole;
  const logs = new Map();
  for (const [file, bytes] of within("logs/", whole)) {
    const log = readForm(file, bytes, forms.isLog, report);
    if (log === null || !isUsable(file, log, whole)) continue;
    const read = await checkLog(file, log, whole);
    if (read !== null) logs.set(log.party, read);
  }
  checkExporter(logFile(inventory.party), logs.get(inventory.party), whole);
  await checkSealedBy(logs.get(inventory.party), whole);
  return logs;
}

function isUsable(file, log, whole) {
  const code = file === logFile(log.party) ? unfit(log.installation, log.party, "installation", whole) : "misnamed";
  if (code) whole.report.fault(code, file);
  return code === "";
}

async function checkLog(file, log, whole) {
  const checkpoint = await readOwn(log.checkpoint, log, whole);
  if (checkpoint === null) {
    whole.report.fault("note", file);
    return null;
  }
  const read = { ...log, file, checkpoint, note: log.checkpoint, cosigned: null, spoken: new Map() };
  read.spoken = checkEntries(read, whole);
  if (log.cosigned === "") return read;
  read.cosigned = await readOwn(log.cosigned, log, whole);
  if (read.cosigned === null) {
    whole.report.fault("note", file);
  } else if (!continues({ earlier: read.cosigned, later: checkpoint, proof: log.consistency.map(fromBase64) })) {
    whole.report.fault("split-view", file);
  }
  return whole.report.aside(file) ? null : read;
}

/** A log's own checkpoint: one good line by its installation key, and every cosigner's line that we can read good. */
async function readOwn(text, log, { keys, good }) {
  const note = notes.readNote(text);
  if (note === null || note.origin !== log.origin) return null;
  const installation = keys.get(log.installation).raw;
  const own = notes.ownLines(note, installation);
  if (own.length !== 1 || !(await notes.ownIsGood(note, own[0], installation, good))) return null;
  const cosigned = [];
  for (const { party, role, raw, fingerprint } of keys.values()) {
    if (role !== "party") continue;
    for (const line of notes.cosignedLines(note, party, raw)) {
      if (!(await notes.cosignatureIsGood(note, line, raw, good))) return null;
      cosigned.push({ party, key: fingerprint, at: notes.cosignedAt(line) });
    }
  }
  return { ...note, cosigned };
}

/** Each entry speaks of a signature that is there, once, and its proof leads to the root. Gives the index of each. */
function checkEntries(log, whole) {
  const { report, files } = whole;
  const { size, root } = log.checkpoint;
  const spoken = new Map();
  for (const { index, key, proof, statement } of log.entries) {
    if (!isExamined(statement, key, whole)) continue;
    const sig = signatureIn(statement, key, whole);
    const name = `${statement} ${key}`;
    if (sig === undefined || spoken.has(name)) {
      report.fault("entry-extra", log.file, { statement, signature: key });
      continue;
    }
    spoken.set(name, index);
    const leaf = leafHash(canonical({ key, sig, statement }));
    if (!leadsToRoot({ leaf, index, size, proof: proof.map(fromBase64), root })) {
      report.fault("proof", log.file, { statement, signature: key });
    }
  }
  return spoken;
}

/** Whether anything can be said of a signature: neither it, nor its statement, nor its key has been set aside. */
function isExamined(statement, key, { report }) {
  const file = statementFile(statement);
  return !report.aside(file, { statement, signature: key }) && !report.aside(keyFile(key));
}

function signatureIn(statement, key, { statements }) {
  return statements.get(statement)?.signatures.find((signature) => signature.key === key)?.sig;
}

function checkExporter(file, log, { files, report, statements }) {
  if (!files.has(file) && !report.aside(file)) report.fault("file-missing", file);
  if (log === undefined) return;
  for (const { digest, signatures } of statements.values()) {
    for (const { key } of signatures) {
      if (!log.spoken.has(`${digest} ${key}`)) report.fault("entry-missing", file, { statement: digest, signature: key });
    }
  }
}

async function checkSealedBy(log, { inventory, report, keys, good }) {
  if (log === undefined || report.aside("seal.note")) return;
  const { seal } = inventory;
  const { checkpoint } = log;
  const key = keys.get(log.installation).raw;
  const own = notes.ownLines(seal, key);
  const same = seal.origin === log.origin && seal.size === checkpoint.size && equal(seal.root, checkpoint.root);
  if (!same || own.length !== 1 || !(await notes.ownIsGood(seal, own[0], key, good))) report.fault("seal", "seal.note");
}

// 6. Revocation

function checkRevocations({ inventory, report, statements, logs }) {
  const log = logs.get(inventory.party);
  if (log === undefined) return;
  const place = (digest, key) =>
    report.aside(log.file, { statement: digest, signature: key }) ? undefined : log.spoken.get(`${digest} ${key}`);
  for (const { digest: revoked, author, body } of [...statements.values()].filter(isRevocation)) {
    const from = place(revoked, authorKey(statements.get(revoked)));
    for (const { digest, file, signatures } of statements.values()) {
      const late = signatures.some(({ key, party }) => key === body.fingerprint && party === author.party && place(digest, key) > from);
      if (late && !report.aside(file, { statement: digest, signature: body.fingerprint })) {
        report.fault("revoked-key", file, { statement: digest, signature: body.fingerprint });
      }
    }
  }
}

/** A statement that revokes a key of its author's party, signed by all its signers, by key. */
function isRevocation({ kind, body, author, signers, signatures }) {
  const signedByAll = signers.every(({ key }) => signatures.some((signature) => signature.key === key));
  return kind === "key" && body.act === "revoke" && body.party === author.party && signedByAll;
}

function authorKey({ signers }) {
  return signers[0].key;
}

// 7. Documents

function readDocuments(whole) {
  const { files, report, statements } = whole;
  for (const [name, bytes] of within("documents/", whole)) {
    if (sha256Hex(bytes) !== name.slice("documents/".length)) report.fault("file-altered", name);
  }
  const listed = files.has("documents.json") && !report.aside("documents.json") ? readForm("documents.json", files.get("documents.json"), forms.isDocuments, report) : null;
  for (const { file, digest, body } of statements.values()) {
    for (const document of spokenOf(body)) {
      if (!files.has(`documents/${document.slice(7)}`)) report.tell("document-missing", file, { statement: digest, about: document });
    }
  }
  const named = new Map((listed?.documents ?? []).map((document) => [document.digest, document]));
  return within("documents/", whole).map(([name, bytes]) => {
    const digest = "sha256:" + name.slice("documents/".length);
    return { name: "", type: "", ...named.get(digest), digest, bytes };
  });
}

/** Digests of documents in a body: a paper's scan, a session's minutes. Bodies are as their parties wrote them. */
function spokenOf(body) {
  const minutes = Array.isArray(body.minutes) ? body.minutes.map((item) => item?.digest) : [];
  return [body.scan, ...minutes].filter((digest) => typeof digest === "string" && /^sha256:[0-9a-f]{64}$/.test(digest));
}

// 8. Openings

function readOpenings(whole) {
  const { report, statements } = whole;
  const opened = [];
  for (const [file, bytes] of within("openings/", whole)) {
    const openings = readForm(file, bytes, forms.isOpenings, report);
    if (openings === null) continue;
    const { statement } = openings;
    if (file !== `openings/${statement.slice(7)}.json`) report.fault("misnamed", file);
    else if (!report.aside(statementFile(statement))) {
      const { body } = statements.get(statement) ?? {};
      if (body !== undefined && openings.openings.every((opening) => opens(opening, body))) opened.push(openings);
      else report.fault("opening", file);
    }
  }
  return opened;
}

function opens({ path, salt, value }, body) {
  const committed = at(body, path);
  return forms.isCommitment(committed) && committed.commitment === digestOf(concat(fromBase64(salt), canonical(value)));
}

/** What a JSON pointer (RFC 6901) leads to, or undefined. */
function at(value, pointer) {
  if (pointer !== "" && !pointer.startsWith("/")) return undefined;
  let here = value;
  for (const step of pointer.split("/").slice(1)) {
    if (/~(?![01])/.test(step)) return undefined;
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, name)) return undefined;
    if (Array.isArray(here) && !/^(0|[1-9][0-9]*)$/.test(name)) return undefined;
    here = here[name];
  }
  return here;
}

// 9. Anchors

function checkAnchors({ report, statements, logs, inventory }, anchors) {
  const pinned = (party, key) => Object.hasOwn(anchors.keys, party) && anchors.keys[party].includes(key);
  for (const { file, digest, signatures } of statements.values()) {
    for (const { key, party } of signatures) {
      const told = report.aside(keyFile(key)) || report.aside(file, { statement: digest, signature: key });
      if (!told && !pinned(party, key)) report.fault("unpinned-key", keyFile(key));
    }
  }
  for (const log of logs.values()) checkLogAnchor(log, anchors, log.party === inventory.party, report);
}

function checkLogAnchor(log, anchors, exporters, report) {
  const { file, checkpoint, cosigned } = log;
  if (!Object.hasOwn(anchors.logs, log.origin)) return report.fault("unpinned-log", file);
  const known = anchors.logs[log.origin];
  if (known.installation !== log.installation) return report.fault("other-log", file);
  if (known.checkpoint === "") return report.fault("no-checkpoint", file);
  const held = notes.readNote(known.checkpoint);
  const isHeld = (note) => note !== null && note.size === held.size;
  if ([checkpoint, cosigned].some((note) => isHeld(note) && !equal(note.root, held.root))) return report.fault("split-view", file);
  if (checkpoint.size < held.size) return exporters ? report.fault("older-checkpoint", file) : report.tell("older-copy", file);
  if (isHeld(checkpoint) || isHeld(cosigned)) return undefined;
  return report.fault("no-consistency", file);
}
