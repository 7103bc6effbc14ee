// Every sentence of the page, in English and Korean. Words of statements (kinds, fields, outcomes) come from the table
// that papers are worded by; here are those of the verifier itself.

import { STATEMENT_WORDS } from "./statement_words.js";

export const LANGUAGES = { en: "English", ko: "한국어" };

const EN = {
  title: "Verify a bundle",
  lead: "Choose the bundle you were given. It is read here, on this machine; this page has no network and sends nothing.",
  bundle: "The bundle",
  bundleHint: "A .zip file from another party. You may also drop it anywhere on this page.",
  anchorsFile: "What you know, as a file (if you keep one)",
  anchorsFileHint: "anchors.json, written by “homeward seal” or by your own registry.",
  typed: "Fingerprints from the minutes",
  typedHint: "One a line: party = fingerprint. Blanks do not matter. For a log: log origin = fingerprint of its installation.",
  checkpoints: "Checkpoints you cosigned last",
  checkpointsHint: "Paste each note whole, from its first line to its last signature.",
  verify: "Verify",
  busy: "Reading…",
  busyStatements: "{done} of {total} statements read…",
  chooseFirst: "Choose a bundle first.",
  badLine: "Line {line} is not “party = fingerprint”: a fingerprint has 64 digits 0–9 and a–f, in sixteen groups of four.",
  badNote: "A checkpoint is not whole, or there is no line “log {origin} = …” for it above.",
  badAnchors: "This anchors file is not in its form; nothing was verified with it. Ask whoever keeps it for a fresh copy.",
  anchorsUsed: "Verified with what you know: {keys} fingerprints, {logs} logs.",
  noAnchorsUsed: "Verified without any fingerprint or checkpoint of your own.",
  print: "Print this answer",
  valid: "Valid",
  unanchored: "Unanchored",
  broken: "Broken",
  validSentence: "This bundle is genuine: every signature is by a key you pinned, and every log continues the checkpoint you cosigned last.",
  unanchoredSentence: "Nothing in this bundle is wrong, but nothing you entered says that these are the parties’ own keys and logs. Do not call it valid yet: compare the fingerprints below with the minutes.",
  brokenSentence: "This bundle is not what it says it is. Do not rely on what is named below; keep the file as it is and ask for another.",
  faults: "What is wrong",
  notKnown: "What you do not know yet",
  told: "What is not here",
  file: "File",
  about: "About",
  why: "Why",
  remedy: "What to do",
  wholeBundle: "the whole bundle",
  signatureOf: "Signature of {party}",
  signatureBy: "Signature by key",
  bundleFacts: "The bundle",
  exporter: "Made by",
  programme: "Programme",
  madeAt: "Made at, UTC",
  origin: "Its log",
  digest: "SHA-256 of the file",
  size: "Size, bytes",
  statements: "Statements",
  statementsCaption: "What the parties said and signed, in the order in which it was made. Open one to read it.",
  noStatements: "No statement could be read.",
  stands: "stands",
  awaits: "awaits signatures",
  setAside: "has a fault",
  signed: "signed",
  signsOnPaper: "signs on paper",
  signedOnPaper: "signed on paper, entered by {party}",
  awaitsSignature: "awaits",
  badSignature: "has a fault",
  revokedSignature: "key was revoked before",
  as: "As",
  signature: "Signature",
  showMore: "Show {count} more",
  keys: "Keys and their fingerprints",
  keysCaption: "Compare each with the minutes of the session in which it was exchanged, group by group.",
  party: "Party",
  holder: "Holder",
  role: "May sign",
  rolePartyWords: "statements",
  roleInstallationWords: "its log only",
  fingerprint: "Fingerprint",
  pinned: "Known to you",
  pinnedYes: "pinned",
  pinnedNo: "not pinned",
  logs: "Logs",
  logsCaption: "Each party’s record of signatures: nothing can be taken out of it, or put in between, without changing its root.",
  entries: "Signatures in it",
  root: "Root",
  cosigned: "Cosigned",
  cosignedBy: "at {size}, by {party}, {at}",
  notCosigned: "never",
  continuesYes: "continues what you cosigned",
  continuesNo: "not shown to continue what you cosigned",
  documents: "Documents",
  documentsCaption: "Files that the statements speak of. Each is exactly the one whose digest was signed.",
  document: "Document",
  save: "Save {name}",
  unnamed: "no name given",
  openings: "What was disclosed to you",
  openingsCaption: "Values that stand in the statements only as commitments, opened for you.",
  field: "Field",
  value: "Value",
  engineBrowser: "Signatures were checked by this browser’s own Ed25519.",
  engineVendored: "Signatures were checked by the Ed25519 inside this page; the browser has none.",
  colophon: "Homeward verifier. Compare this page’s own SHA-256 with the one printed by “homeward seal page --digest” or in the minutes: a page that came with a bundle can say anything.",
  verified: "Verified on this machine at {at}",
  fingerprintClaimed: "claimed by {party}",
  logOf: "{party}’s log {origin}; fingerprint of its installation:",
};

const KO = {
  title: "봉인 묶음 검증",
  lead: "받은 묶음을 고르십시오. 묶음은 이 기기 안에서만 읽습니다. 이 화면은 통신망에 접속하지 않으며 아무것도 보내지 않습니다.",
  bundle: "묶음",
  bundleHint: "상대측에서 받은 .zip 파일입니다. 이 화면 아무 곳에나 끌어다 놓아도 됩니다.",
  anchorsFile: "이미 아는 것(파일이 있으면)",
  anchorsFileHint: "“homeward seal” 또는 자기 기관이 만든 anchors.json입니다.",
  typed: "회의록에 적힌 지문",
  typedHint: "한 줄에 하나씩 ‘당사자 = 지문’으로 적습니다. 빈칸은 상관없습니다. 서명 대장은 ‘log 대장이름 = 설치본 지문’으로 적습니다.",
  checkpoints: "마지막으로 연서한 확인점",
  checkpointsHint: "첫 줄부터 마지막 서명까지 통째로 붙여 넣으십시오.",
  verify: "검증",
  busy: "읽는 중입니다…",
  busyStatements: "서명 문서 {total}건 중 {done}건을 읽었습니다…",
  chooseFirst: "먼저 묶음을 고르십시오.",
  badLine: "{line}번째 줄이 ‘당사자 = 지문’이 아닙니다. 지문은 0–9와 a–f로 된 64자이며 네 자씩 열여섯 묶음입니다.",
  badNote: "확인점이 온전하지 않거나, 위에 ‘log {origin} = …’ 줄이 없습니다.",
  badAnchors: "이 anchors 파일은 형식에 맞지 않아 검증에 쓰지 않았습니다. 보관하는 사람에게 새로 받으십시오.",
  anchorsUsed: "이미 아는 지문 {keys}개와 서명 대장 {logs}개로 검증했습니다.",
  noAnchorsUsed: "이미 아는 지문이나 확인점 없이 검증했습니다.",
  print: "이 답을 인쇄",
  valid: "유효함",
  unanchored: "확인 근거 없음",
  broken: "어긋남",
  validSentence: "이 묶음은 진본입니다. 모든 서명이 회의록에 적힌 키로 되어 있고, 모든 서명 대장이 마지막으로 연서한 확인점에서 이어집니다.",
  unanchoredSentence: "이 묶음에 어긋난 것은 없습니다. 그러나 이 키와 서명 대장이 당사자의 것이라고 알려 주는 근거를 입력하지 않았습니다. 아직 유효하다고 할 수 없습니다. 아래 지문을 회의록과 대조하십시오.",
  brokenSentence: "이 묶음은 내세우는 바와 다릅니다. 아래에 적힌 것에 의지하지 마십시오. 파일을 그대로 보관하고 다시 요청하십시오.",
  faults: "어긋난 것",
  notKnown: "아직 모르는 것",
  told: "이 묶음에 없는 것",
  file: "파일",
  about: "대상",
  why: "이유",
  remedy: "할 일",
  wholeBundle: "묶음 전체",
  signatureOf: "{party}의 서명",
  signatureBy: "서명 키",
  bundleFacts: "묶음",
  exporter: "만든 당사자",
  programme: "사업",
  madeAt: "만든 때(UTC)",
  origin: "서명 대장",
  digest: "파일의 SHA-256",
  size: "크기(바이트)",
  statements: "서명 문서",
  statementsCaption: "당사자들이 말하고 서명한 것을 작성한 순서로 보인다. 열면 내용을 읽을 수 있다.",
  noStatements: "읽을 수 있는 서명 문서가 없습니다.",
  stands: "효력 있음",
  awaits: "서명 대기",
  setAside: "어긋남",
  signed: "서명함",
  signsOnPaper: "종이에 서명",
  signedOnPaper: "종이에 서명함(입력: {party})",
  awaitsSignature: "대기",
  badSignature: "어긋남",
  revokedSignature: "그 전에 폐기된 키",
  as: "자격",
  signature: "서명",
  showMore: "{count}건 더 보기",
  keys: "키와 지문",
  keysCaption: "지문을 주고받은 회담의 회의록과 네 자씩 대조한다.",
  party: "당사자",
  holder: "소지자",
  role: "서명할 수 있는 것",
  rolePartyWords: "서명 문서",
  roleInstallationWords: "자기 서명 대장만",
  fingerprint: "지문",
  pinned: "아는 것인가",
  pinnedYes: "회의록에 있음",
  pinnedNo: "확인 안 됨",
  logs: "서명 대장",
  logsCaption: "당사자마다 서명을 차례로 적은 서명 대장. 빼거나 끼워 넣으면 뿌리값이 달라진다.",
  entries: "적힌 서명 수",
  root: "뿌리값",
  cosigned: "연서",
  cosignedBy: "{size}건일 때 {party}, {at}",
  notCosigned: "없음",
  continuesYes: "연서한 것에서 이어짐",
  continuesNo: "연서한 것에서 이어진다는 증명이 없음",
  documents: "첨부 문서",
  documentsCaption: "서명 문서가 가리키는 파일. 서명된 다이제스트와 정확히 같은 파일이다.",
  document: "첨부 문서",
  save: "{name} 저장",
  unnamed: "이름 없음",
  openings: "공개받은 값",
  openingsCaption: "서명 문서에는 가려져 있으나 공개받아 확인한 값.",
  field: "항목",
  value: "값",
  engineBrowser: "이 브라우저의 Ed25519로 서명을 확인했습니다.",
  engineVendored: "브라우저에 Ed25519가 없어 이 화면에 든 Ed25519로 서명을 확인했습니다.",
  colophon: "Homeward 검증기. 이 화면 파일의 SHA-256을 “homeward seal page --digest”가 찍는 값이나 회의록의 값과 대조하십시오. 묶음에 딸려 온 화면은 무슨 말이든 할 수 있습니다.",
  verified: "이 기기에서 검증한 때: {at}",
  fingerprintClaimed: "{party}의 것이라고 함",
  logOf: "{party}의 서명 대장 {origin}, 설치본의 지문:",
};

/** Each fault: why it is one, and what to do. */
const FAULTS_EN = {
  "container": ["These are not the bytes of a bundle: the file was cut short, changed or packed again.", "Ask for the file again, as it was made; do not unpack and repack it."],
  "not-canonical": ["It is not written in the one form in which it can be signed.", "Someone or some program has rewritten it. Ask for the original."],
  "schema": ["It is not of the form that the format asks for.", "Ask its maker for one made by the present format."],
  "note": ["The checkpoint is not whole, or a signature under it is not good.", "Ask the log’s owner for its checkpoint again."],
  "seal": ["The exporter’s seal is not for these files, or not for this log.", "Files were exchanged after the bundle was sealed, or it was sealed by another. Ask the exporter for a new bundle."],
  "file-missing": ["A file that belongs to this bundle is not in it.", "Ask the exporter for the whole bundle."],
  "file-extra": ["This file was not there when the bundle was sealed.", "It was put in later. Do not open it; ask who handled the file."],
  "file-altered": ["This file is not the one that was sealed.", "It was changed afterwards. Compare it with the exporter’s copy."],
  "key-altered": ["This is no key, or the fingerprint is not the key’s.", "The key was exchanged for another. Compare it with the minutes."],
  "envelope": ["The envelope around the statement is not of its form.", "Ask for the signed statement again."],
  "misnamed": ["The file is not what its name says.", "It was put in another’s place. Ask the exporter for the right one."],
  "signer-unexpected": ["Someone signed who is no signer of this statement.", "Ask that party what it meant to sign."],
  "unknown-key": ["The key of this signature is not in the bundle.", "Ask the exporter for a bundle with all keys."],
  "key-party": ["The key belongs to another party than the one it signs for.", "Take it up with both parties."],
  "wrong-role": ["The key may not sign this: a server’s key signs its log only, a party’s key signs statements.", "Ask the party to sign with its own key."],
  "signature": ["The signature is not by this key over this statement.", "The statement or the signature was changed, or another key was used. Ask the party for its signed copy."],
  "split-view": ["The log does not continue the checkpoint it showed before: it shows different parties different records.", "Keep both checkpoints; together they are proof. Take them to the other side and to the neutral."],
  "proof": ["The log does not hold this signature where it says.", "Ask the log’s owner for a proof from its checkpoint."],
  "entry-missing": ["This signature is not in the exporter’s log.", "Ask the exporter to record it and to export again."],
  "entry-extra": ["The log’s list speaks of a signature that is not here, or of one twice.", "A signature was taken out of the bundle. Ask the exporter for it."],
  "revoked-key": ["The key had been revoked before it signed this.", "Do not rely on this signature. Ask the party whether it stands by it."],
  "opening": ["What was disclosed is not what the statement committed to.", "Ask whoever disclosed it for the right value and salt."],
  "unpinned-key": ["Nothing you entered says that this key is this party’s.", "Compare its fingerprint with the minutes and enter it above."],
  "unpinned-log": ["Nothing you entered says that this log is this party’s.", "Enter “log origin = fingerprint” from the minutes above."],
  "no-checkpoint": ["You have no checkpoint of this log that you cosigned.", "Enter the last one that you cosigned. Before the first, compare its size and root face to face."],
  "no-consistency": ["The bundle does not show that this log continues the checkpoint you cosigned.", "Ask the exporter for a bundle from your last checkpoint on."],
  "other-log": ["You know this log under another installation’s key.", "Someone shows another log under the same name. Take it up face to face."],
  "older-checkpoint": ["This log is shorter than the one you cosigned: it is an old copy, or something was taken out.", "Ask for a present one; if there is none, your cosigned checkpoint is proof."],
};

const FAULTS_KO = {
  "container": ["봉인 묶음의 바이트가 아닙니다. 파일이 잘렸거나 바뀌었거나 다시 압축되었습니다.", "만든 그대로의 파일을 다시 요청하십시오. 풀었다가 다시 묶지 마십시오."],
  "not-canonical": ["서명할 수 있는 단 하나의 표기로 쓰여 있지 않습니다.", "사람이나 프로그램이 고쳐 쓴 것입니다. 원본을 요청하십시오."],
  "schema": ["형식에 맞지 않습니다.", "지금의 형식으로 다시 만들어 달라고 요청하십시오."],
  "note": ["확인점이 온전하지 않거나 그 서명이 맞지 않습니다.", "서명 대장의 주인에게 확인점을 다시 요청하십시오."],
  "seal": ["만든 당사자의 봉인이 이 파일들 또는 이 서명 대장의 것이 아닙니다.", "봉인한 뒤에 파일이 바뀌었거나 다른 사람이 봉인했습니다. 만든 당사자에게 새 묶음을 요청하십시오."],
  "file-missing": ["이 묶음에 있어야 할 파일이 없습니다.", "온전한 묶음을 요청하십시오."],
  "file-extra": ["봉인할 때에는 없던 파일입니다.", "나중에 들어온 것입니다. 열지 말고 누가 파일을 다루었는지 물으십시오."],
  "file-altered": ["봉인한 그 파일이 아닙니다.", "나중에 바뀌었습니다. 만든 당사자의 사본과 대조하십시오."],
  "key-altered": ["키가 아니거나, 지문이 이 키의 것이 아닙니다.", "키가 바뀌었습니다. 회의록과 대조하십시오."],
  "envelope": ["서명 문서를 담은 봉투가 형식에 맞지 않습니다.", "서명한 문서를 다시 요청하십시오."],
  "misnamed": ["파일이 이름과 다릅니다.", "다른 것의 자리에 놓였습니다. 올바른 파일을 요청하십시오."],
  "signer-unexpected": ["이 문서의 서명인이 아닌 자가 서명했습니다.", "무엇에 서명하려 했는지 그 당사자에게 물으십시오."],
  "unknown-key": ["이 서명의 키가 묶음에 없습니다.", "모든 키가 든 묶음을 요청하십시오."],
  "key-party": ["서명한 당사자가 아닌 다른 당사자의 키입니다.", "두 당사자에게 함께 물으십시오."],
  "wrong-role": ["이것에 서명할 수 없는 키입니다. 서버의 키는 서명 대장에만, 당사자의 키는 문서에 서명합니다.", "당사자 자신의 키로 서명해 달라고 요청하십시오."],
  "signature": ["이 키로 이 문서에 한 서명이 아닙니다.", "문서나 서명이 바뀌었거나 다른 키를 썼습니다. 그 당사자가 서명한 사본을 요청하십시오."],
  "split-view": ["서명 대장이 전에 보인 확인점에서 이어지지 않습니다. 상대에 따라 다른 기록을 보이고 있습니다.", "두 확인점을 모두 보관하십시오. 둘이 함께 증거입니다. 상대측과 중립 당사자에게 가져가십시오."],
  "proof": ["서명 대장이 말하는 자리에 이 서명이 없습니다.", "서명 대장의 주인에게 확인점에서 이어지는 증명을 요청하십시오."],
  "entry-missing": ["이 서명이 만든 당사자의 서명 대장에 없습니다.", "서명 대장에 적고 다시 내보내 달라고 요청하십시오."],
  "entry-extra": ["서명 대장이 여기 없는 서명을 말하거나 같은 서명을 두 번 말합니다.", "묶음에서 서명이 빠졌습니다. 만든 당사자에게 요청하십시오."],
  "revoked-key": ["서명하기 전에 폐기된 키입니다.", "이 서명에 의지하지 마십시오. 그 당사자에게 확인하십시오."],
  "opening": ["공개받은 값이 서명 문서가 약속한 값이 아닙니다.", "공개한 사람에게 올바른 값을 요청하십시오."],
  "unpinned-key": ["이 키가 이 당사자의 것이라고 알려 주는 입력이 없습니다.", "지문을 회의록과 대조하여 위에 입력하십시오."],
  "unpinned-log": ["이 서명 대장이 이 당사자의 것이라고 알려 주는 입력이 없습니다.", "회의록을 보고 위에 ‘log 대장이름 = 지문’을 입력하십시오."],
  "no-checkpoint": ["이 서명 대장에서 연서한 확인점이 없습니다.", "마지막으로 연서한 확인점을 입력하십시오. 처음이라면 크기와 뿌리값을 직접 만나 대조하십시오."],
  "no-consistency": ["이 서명 대장이 연서한 확인점에서 이어진다는 증명이 묶음에 없습니다.", "마지막 확인점부터의 묶음을 요청하십시오."],
  "other-log": ["이 서명 대장은 다른 설치본의 키로 알고 있는 것입니다.", "같은 이름으로 다른 서명 대장을 보이고 있습니다. 직접 만나 확인하십시오."],
  "older-checkpoint": ["연서한 것보다 짧은 서명 대장입니다. 옛 사본이거나 무엇이 빠졌습니다.", "지금의 것을 요청하십시오. 없다면 연서한 확인점이 증거입니다."],
};

const TOLD_EN = {
  "follows-missing": "It rests on a statement that is not in this bundle.",
  "document-missing": "It speaks of a document that is not in this bundle.",
  "older-copy": "The log is shown as it was before your checkpoint of it.",
};
const TOLD_KO = {
  "follows-missing": "이 묶음에 없는 서명 문서에 근거합니다.",
  "document-missing": "이 묶음에 없는 첨부 문서를 가리킵니다.",
  "older-copy": "연서한 확인점보다 앞선 상태의 서명 대장입니다.",
};

const WORDS = { en: EN, ko: KO };
const FAULTS = { en: FAULTS_EN, ko: FAULTS_KO };
const TOLD = { en: TOLD_EN, ko: TOLD_KO };
// Fields whose values are codes with words of their own; a remark that happens to read "whole" stays as it was written.
const CODED = new Set([
  "as", "content", "seal_condition", "receipt.outcome", "proposal.what", "issue.kind", "inspection.mode",
  "inspection.found", "discrepancy.what", "resolution.outcome", "session.state", "key.act", "key.role", "claim.about",
]);

/** A sentence in a language, its {places} filled. */
export function say(language, key, places = {}) {
  return WORDS[language][key].replace(/\{(\w+)\}/g, (_, name) => String(places[name]));
}

export function faultWords(language, code) {
  const [why, remedy] = FAULTS[language][code];
  return { why, remedy };
}

export function toldWords(language, code) {
  return TOLD[language][code];
}

function statementWord(language, key) {
  return Object.hasOwn(STATEMENT_WORDS[language], key) ? STATEMENT_WORDS[language][key] : undefined;
}

export function kindWord(language, kind) {
  return statementWord(language, `kind.${kind}`) ?? kind;
}

/** What a field is called; its own name where there is no word for it. */
export function fieldWord(language, field) {
  return statementWord(language, `field.${field}`) ?? field;
}

export function statementFieldWord(language, field) {
  return statementWord(language, `statement.${field}`) ?? field;
}

export function specialWord(language, name) {
  return statementWord(language, `value.${name}`);
}

/** The word for a coded value, or the value as it was written. */
export function valueWord(language, kind, field, value) {
  const key = [`${kind}.${field}`, field].find((name) => CODED.has(name));
  return (key && statementWord(language, `${key}.${value}`)) ?? value;
}
