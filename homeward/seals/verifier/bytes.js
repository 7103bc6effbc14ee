// Bytes and the three ways in which they are written: UTF-8, hexadecimal, base64. All strict.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 of a text without lone surrogates. */
export function utf8(text) {
  return encoder.encode(text);
}

/** The text that these bytes are; throws when they are not UTF-8. A byte order mark is a character like any other. */
export function textOf(bytes) {
  return decoder.decode(bytes);
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function equal(a, b) {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function hexOf(bytes) {
  let hex = "";
  for (const byte of bytes) hex += HEX[byte];
  return hex;
}

/** Standard alphabet, with padding. */
export function base64Of(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** The bytes written in base64, or null: what is not written exactly as `base64Of` writes it is refused. */
export function fromBase64(text) {
  if (typeof text !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return base64Of(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

/** The order of the bytes of two ASCII texts. */
export function byBytes(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether ASCII texts stand in the order of their bytes, none twice. */
export function sortedOnce(texts) {
  return texts.every((text, at) => at === 0 || texts[at - 1] < text);
}
