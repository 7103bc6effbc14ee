// The answer on the page: first in one sentence, then every fault, then what the bundle holds.

import { bodyOf } from "./bodies.js";
import { digest, facts, fingerprint, h, state, table } from "./elements.js";
import { faultWords, kindWord, say, statementFieldWord, specialWord, toldWords, valueWord } from "./words.js";

const SHAPES = { valid: "sealed", unanchored: "candidate", broken: "contested" };
const UNANCHORED = new Set(["unpinned-key", "unpinned-log", "no-checkpoint", "no-consistency"]);
const AT_ONCE = 100; // statements and faults shown before one asks for more

/** The answer. given: { report, anchors, file: { name, size, digest }, at }. First the verdict and what is wrong. */
export function answer(given, language) {
  const view = { ...given, language, t: (key, places) => say(language, key, places) };
  const { inventory, engine } = given.report;
  const held = [statementsOf, keysOf, logsOf, documentsOf, openingsOf, toldOf];
  const first = [header(view), faultsOf(view, "faults", ({ code }) => !UNANCHORED.has(code))];
  const rest = [
    faultsOf(view, "notKnown", ({ code }) => UNANCHORED.has(code)),
    bundleFacts(view),
    ...(inventory ? held.map((section) => section(view)) : []),
    h("p", { class: "small quiet" }, view.t(engine === "browser" ? "engineBrowser" : "engineVendored")),
  ];
  const isShown = (element) => element !== null;
  return { first: first.filter(isShown), rest: rest.filter(isShown) };
}

function header({ report, anchors, file, at, t }) {
  const { verdict } = report;
  const known = anchors
    ? t("anchorsUsed", { keys: Object.values(anchors.keys).flat().length, logs: Object.keys(anchors.logs).length })
    : t("noAnchorsUsed");
  return h(
    "header",
    { class: "record answer", "data-verdict": verdict, tabindex: "-1", id: "answer" },
    h("p", { class: "kind" }, file.name),
    h("h2", {}, state(SHAPES[verdict], t(verdict))),
    h("p", { class: "lead", role: "status" }, t(`${verdict}Sentence`)),
    h("p", { class: "small" }, known, " ", t("verified", { at: at.toISOString().slice(0, 16).replace("T", " ") + " UTC" })),
  );
}

function faultsOf(view, title, chosen) {
  const { report, t, language } = view;
  const faults = report.faults.filter(chosen);
  if (faults.length === 0) return null;
  const rows = faults.map((fault) => {
    const { why, remedy } = faultWords(language, fault.code);
    return [h("code", {}, fault.file || t("wholeBundle")), aboutFault(fault, view), [why, " ", h("code", { class: "quiet" }, fault.code)], remedy];
  });
  const columns = ["file", "about", "why", "remedy"].map((name) => ({ label: t(name) }));
  return section(t(title), growing(rows, (shown) => table({ columns, rows: shown }), view));
}

function aboutFault({ file, statement, signature }, view) {
  const { report, t } = view;
  const lines = [];
  if (statement) lines.push(h("div", {}, statementName(statement, view)), h("div", {}, digest(statement)));
  if (signature) {
    const party = partyOf(signature, statement, report);
    lines.push(h("div", {}, party ? t("signatureOf", { party }) : t("signatureBy")), h("div", {}, fingerprint(signature)));
  }
  const key = /^keys\/([0-9a-f]{64})\.json$/.exec(file);
  const claimed = key && report.keys.get(key[1]);
  if (claimed) lines.push(h("div", {}, t("fingerprintClaimed", { party: claimed.party })), h("div", {}, fingerprint(key[1])));
  const log = statement === "" && [...report.logs.values()].find((one) => one.file === file);
  if (log) lines.push(h("div", {}, t("logOf", { party: log.party, origin: log.origin })), h("div", {}, fingerprint(log.installation)));
  return lines;
}

function partyOf(signature, statement, report) {
  const signer = report.statements.get(statement)?.signers.find(({ key }) => key === signature);
  return signer?.party ?? report.keys.get(signature)?.party ?? "";
}

function statementName(hash, { report, language }) {
  const statement = report.statements.get(hash);
  return statement ? `${kindWord(language, statement.kind)}, ${statement.subject}` : "";
}

function bundleFacts({ report, file, t }) {
  const { inventory } = report;
  const told = inventory
    ? [
        [t("exporter"), inventory.party],
        [t("programme"), inventory.programme],
        [t("madeAt"), readable(inventory.made_at)],
        [t("origin"), inventory.origin],
      ]
    : [];
  return section(t("bundleFacts"), facts([...told, [t("size"), file.size.toLocaleString("en")], [t("digest"), fingerprint(file.digest)]]));
}

// Statements

function statementsOf(view) {
  const { report, t } = view;
  const made = [...report.statements.values()].sort((a, b) => (a.made_at < b.made_at ? -1 : a.made_at > b.made_at ? 1 : a.digest < b.digest ? -1 : 1));
  if (made.length === 0) return section(t("statements"), h("p", { class: "quiet" }, t("noStatements")));
  const shown = growing(made, (some) => h("div", { class: "statements" }, some.map((one) => statementOf(one, view))), view);
  return section(t("statements"), h("p", { class: "small quiet" }, t("statementsCaption")), shown);
}

/** One statement: its line, and the whole when it is opened. */
function statementOf(statement, view) {
  const { language, t } = view;
  const faulty = view.report.faults.some((fault) => fault.statement === statement.digest && !UNANCHORED.has(fault.code));
  const signers = statement.signers.map((signer) => ({ ...signer, ...signing(signer, statement, view) }));
  const stands = signers.every(({ done }) => done);
  const standing = faulty ? state("contested", t("setAside")) : stands ? state("sealed", t("stands")) : state("missing", t("awaits"));
  const line = h(
    "summary",
    {},
    h("span", { class: "what" }, h("b", {}, kindWord(language, statement.kind)), ` ${statement.subject}`),
    h("span", { class: "who" }, statement.author.party),
    h("time", {}, readable(statement.made_at)),
    standing,
  );
  const whole = h("details", { id: `s-${statement.digest.slice(7)}` }, line);
  whole.addEventListener("toggle", () => whole.open && whole.childElementCount === 1 && whole.append(wholeStatement(statement, signers, view)));
  return whole;
}

function wholeStatement(statement, signers, view) {
  const { language, report, t } = view;
  const word = (name) => statementFieldWord(language, name);
  const { name, office, party } = statement.author;
  const opened = new Map(
    report.openings.filter((openings) => openings.statement === statement.digest).flatMap(({ openings }) => openings.map(({ path, value }) => [path, value])),
  );
  const follows = statement.follows.map((hash) => h("div", {}, statementLink(hash, view)));
  return h(
    "div",
    { class: "statement" },
    facts([
      [word("subject"), statement.subject],
      [word("made_local"), `${readable(statement.made_local)}, ${statement.zone}`],
      [word("made_at"), readable(statement.made_at)],
      [word("place"), statement.place],
      [word("author"), [party, name, office].filter((part) => part !== "").join(", ")],
      [word("follows"), follows.length ? follows : null],
      [word("digest"), fingerprint(statement.digest.slice(7))],
    ]),
    signersTable(signers, view),
    bodyOf(statement, opened, language),
    h("p", { class: "actions" }, saveButton(t("save", { name: `${statement.digest.slice(7, 15)}.statement.json` }), `${statement.digest.slice(7)}.statement.json`, statement.payload)),
  );
}

function signersTable(signers, { language, t }) {
  const rows = signers.map(({ party, as, key, shape, word }) => [
    party,
    valueWord(language, "", "as", as),
    state(shape, word),
    key ? fingerprint(key) : specialWord(language, "not_stated"),
  ]);
  return table({ columns: ["party", "as", "signature", "fingerprint"].map((name) => ({ label: t(name) })), rows });
}

/** Whether and how one signer has signed. */
function signing({ party, key }, statement, { report, t }) {
  const fault = report.faults.find((found) => found.statement === statement.digest && found.signature === key && key !== "" && found.file === statement.file);
  if (fault) return { done: false, shape: "contested", word: t(fault.code === "revoked-key" ? "revokedSignature" : "badSignature") };
  if (key !== "" && statement.signatures.some((signature) => signature.key === key)) return { done: true, shape: "sealed", word: t("signed") };
  const paper = key === "" ? papersOf(statement, party, report) : [];
  if (paper.length) return { done: true, shape: "certified", word: t("signedOnPaper", { party: paper.join(", ") }) };
  return { done: false, shape: "missing", word: t(key === "" ? "signsOnPaper" : "awaitsSignature") };
}

/** Who entered a paper that says this party signed the statement; every signer of the paper's statement has signed it. */
function papersOf({ digest: hash }, party, report) {
  const names = (body) => Array.isArray(body.signed_by) && body.signed_by.some((signed) => signed?.party === party);
  const entered = [...report.statements.values()].filter(({ kind, body }) => kind === "paper" && body.statement === hash && names(body));
  const signedByAll = entered.filter(({ signers, signatures }) => signers.every(({ key }) => signatures.some((signature) => signature.key === key)));
  return [...new Set(signedByAll.map(({ author }) => author.party))];
}

function statementLink(hash, view) {
  if (!view.report.statements.has(hash)) return digest(hash);
  const open = () => {
    const target = document.getElementById(`s-${hash.slice(7)}`);
    if (target) target.open = true;
  };
  return h("a", { href: `#s-${hash.slice(7)}`, onclick: open }, statementName(hash, view), " ", digest(hash.slice(0, 15) + "…"));
}

// Keys, logs, documents, openings

function keysOf({ report, anchors, t }) {
  const keys = [...report.keys.values()].sort((a, b) => (a.party < b.party ? -1 : a.party > b.party ? 1 : a.role < b.role ? 1 : -1));
  const rows = keys.map((key) => [key.party, key.name, t(key.role === "party" ? "rolePartyWords" : "roleInstallationWords"), fingerprint(key.fingerprint), pinnedState(key, anchors, t)]);
  const columns = ["party", "holder", "role", "fingerprint", "pinned"].map((name) => ({ label: t(name) }));
  return section(t("keys"), table({ caption: t("keysCaption"), columns, rows, empty: "" }));
}

function pinnedState({ party, fingerprint: hex, role }, anchors, t) {
  const pins = role === "party" ? (anchors?.keys[party] ?? []) : Object.values(anchors?.logs ?? {}).map(({ installation }) => installation);
  return pins.includes(hex) ? state("sealed", t("pinnedYes")) : state("candidate", t("pinnedNo"));
}

function logsOf(view) {
  const { report, t } = view;
  const rows = [...report.logs.values()].map((log) => [
    log.party,
    log.origin,
    log.checkpoint.size.toLocaleString("en"),
    fingerprint(hex(log.checkpoint.root)),
    cosignedWords(log, t),
    logState(log, view),
  ]);
  const columns = ["party", "origin", "entries", "root", "cosigned", "pinned"].map((name) => ({ label: t(name), numeric: name === "entries" }));
  return section(t("logs"), table({ caption: t("logsCaption"), columns, rows, empty: "" }));
}

function cosignedWords({ checkpoint, cosigned }, t) {
  const notes = [cosigned, checkpoint].filter((note) => note !== null);
  const told = notes.flatMap(({ size, cosigned: lines }) => lines.map(({ party, at }) => t("cosignedBy", { size: size.toLocaleString("en"), party, at: when(at) })));
  return told.length ? [...new Set(told)].map((line) => h("div", {}, line)) : h("span", { class: "quiet" }, t("notCosigned"));
}

function logState({ file, origin }, { report, anchors, t, language }) {
  const fault = report.faults.find((found) => found.file === file && found.statement === "");
  if (fault) return state(UNANCHORED.has(fault.code) ? "candidate" : "contested", faultWords(language, fault.code).why);
  return anchors?.logs[origin] ? state("sealed", t("continuesYes")) : state("candidate", t("continuesNo"));
}

function documentsOf({ report, t }) {
  if (report.documents.length === 0) return null;
  const rows = report.documents.map(({ name, type, digest: hash, bytes }) => [
    name || t("unnamed"),
    type,
    bytes.length.toLocaleString("en"),
    digest(hash),
    saveButton(t("save", { name: name || t("document") }), safeName(name, hash), bytes),
  ]);
  const columns = [t("document"), "", t("size"), t("digest"), ""].map((label, at) => ({ label, numeric: at === 2 }));
  return section(t("documents"), table({ caption: t("documentsCaption"), columns, rows }));
}

function openingsOf(view) {
  const { report, t } = view;
  const rows = report.openings.flatMap(({ statement, openings }) =>
    openings.map(({ path, value }) => [statementName(statement, view), h("code", {}, path), typeof value === "string" ? value : JSON.stringify(value)]),
  );
  if (rows.length === 0) return null;
  const columns = ["about", "field", "value"].map((name) => ({ label: t(name) }));
  return section(t("openings"), table({ caption: t("openingsCaption"), columns, rows }));
}

function toldOf(view) {
  const { report, t, language } = view;
  if (report.told.length === 0) return null;
  const rows = report.told.map(({ code, file, statement, about }) => [
    statement ? statementName(statement, view) : h("code", {}, file),
    toldWords(language, code),
    about ? digest(about) : "",
  ]);
  const columns = [t("about"), t("told"), t("digest")].map((label) => ({ label }));
  return section(t("told"), growing(rows, (shown) => table({ columns, rows: shown }), view));
}

// Parts

function section(title, ...content) {
  return h("section", {}, h("h2", {}, title), ...content);
}

/** A long list, so many at once. */
function growing(items, show, view) {
  const place = h("div", {}, show(items.slice(0, AT_ONCE)));
  let shown = AT_ONCE;
  const more = h("button", { type: "button", class: "no-paper", onclick: () => grow() });
  const label = () => (more.textContent = view.t("showMore", { count: Math.min(AT_ONCE, items.length - shown) }));
  function grow() {
    more.before(show(items.slice(shown, shown + AT_ONCE)));
    shown += AT_ONCE;
    if (shown >= items.length) more.remove();
    else label();
  }
  if (shown < items.length) {
    label();
    place.append(more);
  }
  return place;
}

/** A file of the bundle, saved under a name. It is never opened here. */
function saveButton(label, name, bytes) {
  const save = () => {
    const address = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    h("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  };
  return h("button", { type: "button", class: "no-paper", onclick: save }, label);
}

/** A name for a saved file: no folders, nothing hidden, nothing that turns the reading direction. */
function safeName(name, hash) {
  const kept = name.replace(/[^\p{L}\p{N} ._-]/gu, "_").replace(/^\.+/, "").slice(0, 100);
  return kept || hash.slice(7);
}

function readable(time) {
  return time.replace("T", " ");
}

function when(seconds) {
  const milliseconds = Number(seconds) * 1000;
  return milliseconds <= 8.64e15 ? new Date(milliseconds).toISOString().slice(0, 16).replace("T", " ") + " UTC" : String(seconds);
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
