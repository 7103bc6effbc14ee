// The page itself: what the reader chooses and enters, and when the answer is drawn.

import { textOf, utf8 } from "./bytes.js";
import { canonical } from "./canonical.js";
import { h } from "./elements.js";
import { sha256Hex } from "./hashing.js";
import { readNote } from "./notes.js";
import { answer } from "./report.js";
import { NotAnchors, readAnchors, verify } from "./verify.js";
import { LANGUAGES, say } from "./words.js";

const NOTHING = { keys: {}, logs: {}, schema: "homeward/anchors/1" };
const chosen = { bundle: null, anchors: null, answered: null };
let language = navigator.language?.startsWith("ko") ? "ko" : "en";

class Unreadable extends Error {}

const part = (id) => document.getElementById(id);
const t = (key, places) => say(language, key, places);

// What the reader knows

/** Anchors from the file, the typed fingerprints and the pasted checkpoints together; null if there are none. */
function knownToReader(file) {
  const known = structuredClone(file ?? NOTHING);
  const typed = part("typed").value.split("\n").map((line) => line.trim());
  typed.forEach((line, at) => line && addTyped(known, line, at + 1));
  for (const note of part("checkpoints").value.split(/\n{2,}(?=[^\u2014\n])/)) if (note.trim()) addCheckpoint(known, note);
  const nothing = Object.keys(known.keys).length === 0 && Object.keys(known.logs).length === 0;
  return nothing ? null : readAnchors(canonical(known));
}

function addTyped(known, line, at) {
  const found = /^(log\s+)?([!-*,-~]{1,100}?)\s*[=:]\s*([0-9a-fA-F\s]+)$/.exec(line);
  const hex = found?.[3].replace(/\s/g, "").toLowerCase() ?? "";
  if (hex.length !== 64) throw new Unreadable(t("badLine", { line: at }));
  if (found[1]) known.logs[found[2]] = { checkpoint: known.logs[found[2]]?.checkpoint ?? "", installation: hex };
  else known.keys[found[2]] = [...new Set([...(known.keys[found[2]] ?? []), hex])];
}

/** A pasted note: mail and word processors add blank ends and other line ends; nothing else is forgiven. */
function addCheckpoint(known, pasted) {
  const lines = pasted.trim().split(/\r?\n/).map((line) => line.trimEnd());
  const note = lines.join("\n") + "\n";
  const origin = readNote(note)?.origin;
  if (origin === undefined || known.logs[origin] === undefined) throw new Unreadable(t("badNote", { origin: origin ?? lines[0] }));
  known.logs[origin] = { ...known.logs[origin], checkpoint: note };
}

// Verifying

async function answerReader() {
  complain("");
  chosen.answered = null; // an earlier answer does not stand while the next is sought, or beside a complaint
  draw();
  if (chosen.bundle === null) return complain(t("chooseFirst"));
  let anchors;
  try {
    anchors = knownToReader(chosen.anchors && readAnchors(chosen.anchors));
  } catch (problem) {
    if (problem instanceof Unreadable) return complain(problem.message);
    if (problem instanceof NotAnchors) return complain(t("badAnchors"));
    throw problem;
  }
  const { name, bytes } = chosen.bundle;
  part("busy").textContent = t("busy");
  await breathe();
  const report = await verify(bytes, anchors, { tick: showProgress });
  part("busy").textContent = "";
  chosen.answered = { report, anchors, file: { name, size: bytes.length, digest: sha256Hex(bytes) }, at: new Date() };
  draw();
  part("answer").focus();
  return undefined;
}

async function showProgress(done, total) {
  part("busy").textContent = t("busyStatements", { done: done.toLocaleString("en"), total: total.toLocaleString("en") });
  await breathe();
}

/** Let the browser draw. */
function breathe() {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function complain(sentence) {
  part("complaint").textContent = sentence;
}

// Drawing

function draw() {
  document.documentElement.lang = language;
  document.title = `${t("title")} · Homeward`;
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = t(element.dataset.say);
  for (const button of part("languages").children) button.setAttribute("aria-pressed", String(button.lang === language));
  const { first, rest } = chosen.answered ? answer(chosen.answered, language) : { first: [], rest: [] };
  part("verdict").replaceChildren(...first);
  part("result").replaceChildren(...rest);
  part("lead").hidden = chosen.answered !== null;
  part("print").hidden = chosen.answered === null;
}

function languageButton([code, name]) {
  const choose = () => {
    language = code;
    draw();
  };
  return h("button", { type: "button", class: "plain", lang: code, onclick: choose }, name);
}

async function take(file, as) {
  if (!file) return;
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (as === "anchors") chosen.anchors = bytes;
  else {
    chosen.bundle = { name: file.name, bytes };
    part("chosen").textContent = part("bundle").files[0] === file ? "" : file.name;
    chosen.answered = null;
    draw();
  }
  complain("");
}

/** Files dropped anywhere: what ends in .json is what the reader knows, anything else is the bundle. */
async function takeDropped(event) {
  event.preventDefault();
  document.body.classList.remove("over");
  for (const file of event.dataTransfer.files) await take(file, file.name.endsWith(".json") ? "anchors" : "bundle");
  if (chosen.bundle) await answerReader();
}

/** On paper nothing is folded: each statement is opened, and written out at once. */
function openAll() {
  for (const one of document.querySelectorAll("#result details")) {
    one.open = true;
    one.dispatchEvent(new Event("toggle"));
  }
}

function begin() {
  part("languages").append(...Object.entries(LANGUAGES).map(languageButton));
  part("bundle").addEventListener("change", (event) => take(event.target.files[0], "bundle"));
  part("anchors").addEventListener("change", (event) => take(event.target.files[0], "anchors"));
  part("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    answerReader();
  });
  part("print").addEventListener("click", () => window.print());
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("over");
  });
  document.addEventListener("dragleave", () => document.body.classList.remove("over"));
  document.addEventListener("drop", takeDropped);
  window.addEventListener("beforeprint", openAll);
  draw();
}

/** For tests and for other pages of the reader's own: the report as plain values. */
export async function homewardVerify(bundle, anchorsText = null, options = {}) {
  const anchors = anchorsText === null ? null : readAnchors(utf8(anchorsText));
  const { verdict, faults, told, engine } = await verify(bundle, anchors, options);
  return { verdict, faults, told, engine };
}

window.homewardVerify = homewardVerify;
begin();
