// What each JSON object of a bundle looks like. Every form is a function: does this value have it?

import { fromBase64, sortedOnce } from "./bytes.js";
import { isNoteName } from "./notes.js";
import { isName } from "./zip.js";

const isText = (value) => typeof value === "string";
const isNotEmpty = (value) => isText(value) && value !== "";
const isWhole = (value) => Number.isSafeInteger(value) && value >= 0;
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isAnything = () => true;
const written = (pattern) => (value) => isText(value) && pattern.test(value);
const oneOf = (...values) => (value) => values.includes(value);
const either = (...forms) => (value) => forms.some((form) => form(value));
const list = (form) => (value) => Array.isArray(value) && value.every(form);
const bytes = (length) => (value) => fromBase64(value)?.length === length;

/** An object with these fields, each of its form, and no others. */
const object = (fields) => (value) =>
  isObject(value) &&
  Object.keys(value).length === Object.keys(fields).length &&
  Object.entries(fields).every(([name, form]) => Object.hasOwn(value, name) && form(value[name]));

/** A list whose items stand in the order of one of their fields, none twice. */
const sorted = (form, by) => (value) => list(form)(value) && sortedOnce(value.map(by));

/** An object used as a table: any names of one form, values of another. */
const table = (nameForm, form) => (value) =>
  isObject(value) && Object.entries(value).every(([name, item]) => nameForm(name) && form(item));

const isFingerprint = written(/^[0-9a-f]{64}$/);
const isDigest = written(/^sha256:[0-9a-f]{64}$/);
const isParty = written(/^[A-Za-z0-9_-]{1,50}$/);
const isSubject = written(/^[a-z]+:[^]+$/);
const isInstant = written(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/);
const isLocal = written(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})$/);

export const KINDS = [
  "proposal", "issue", "manifest", "seal", "handover", "receipt", "reservation", "inspection", "discrepancy",
  "resolution", "return", "affiliation", "closing", "refusal", "abort", "void", "paper", "session", "key", "disclosure",
];

export const isKey = object({
  fingerprint: isText, // any text here; whether it is the key's is asked next
  key: bytes(32),
  name: isText,
  party: isParty,
  role: oneOf("party", "installation"),
  schema: oneOf("homeward/key/1"),
});

export const isEnvelope = object({
  payload: (value) => fromBase64(value) !== null,
  payloadType: oneOf("application/vnd.homeward.statement+json"),
  signatures: sorted(object({ keyid: isFingerprint, sig: bytes(64) }), (signature) => signature.keyid),
});

const isSigner = object({
  as: oneOf("author", "countersigner", "witness"),
  key: either(isFingerprint, oneOf("")),
  party: isParty,
});
const noneTwice = (items) => new Set(items).size === items.length;

/** The author first and only once; no party and no key twice. */
const isSigners = (signers) =>
  list(isSigner)(signers) &&
  signers.length > 0 &&
  signers.every((signer, at) => (signer.as === "author") === (at === 0)) &&
  noneTwice(signers.map(({ party }) => party)) &&
  noneTwice(signers.map(({ key }) => key).filter((key) => key !== ""));

const hasStatementFields = object({
  author: object({ name: isText, office: isText, party: isParty }),
  body: isObject,
  follows: sorted(isDigest, (digest) => digest),
  kind: oneOf(...KINDS),
  made_at: isInstant,
  made_local: isLocal,
  place: isText,
  programme: isNotEmpty,
  schema: oneOf("homeward/statement/1"),
  signers: isSigners,
  subject: isSubject,
  zone: isNotEmpty,
});

export const isStatement = (value) => hasStatementFields(value) && value.author.party === value.signers[0].party;

export const isInventory = object({
  files: sorted(
    object({ bytes: isWhole, digest: isDigest, path: (path) => isName(path) && path !== "seal.note" && path !== "files.json" }),
    (file) => file.path,
  ),
  made_at: isInstant,
  origin: isNoteName,
  party: isParty,
  programme: isNotEmpty,
  schema: oneOf("homeward/bundle/1"),
});

const hasLogFields = object({
  checkpoint: isText,
  consistency: list(bytes(32)),
  cosigned: isText,
  entries: list(object({ index: isWhole, key: isFingerprint, proof: list(bytes(32)), statement: isDigest })),
  installation: isFingerprint,
  origin: isNoteName,
  party: isParty,
  schema: oneOf("homeward/log/1"),
});

export const isLog = (value) =>
  hasLogFields(value) &&
  value.entries.every(({ index }, at) => at === 0 || value.entries[at - 1].index < index) &&
  (value.cosigned !== "" || value.consistency.length === 0);

export const isDocuments = object({
  documents: sorted(object({ digest: isDigest, name: isText, type: isText }), (document) => document.digest),
  schema: oneOf("homeward/documents/1"),
});

export const isOpenings = object({
  openings: list(object({ path: isNotEmpty, salt: bytes(32), value: isAnything })),
  schema: oneOf("homeward/openings/1"),
  statement: isDigest,
});

export const isCommitment = object({ commitment: isDigest });

export const isAnchors = object({
  keys: table(isParty, list(isFingerprint)),
  logs: table(isText, object({ checkpoint: isText, installation: isFingerprint })),
  schema: oneOf("homeward/anchors/1"),
});
