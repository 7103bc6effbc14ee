// Whether an Ed25519 signature is good. The browser's own implementation where it has one, else the vendored.
// Libraries differ on keys and signatures that no honest signer makes; what we refuse (section 2 of the format) is
// checked here before either is asked, so that the answer is the same everywhere.

import { concat, hexOf } from "./bytes.js";
import { Point } from "./noble_ed25519.js";
import { sha512 } from "./sha2.js";

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const SMALL_ORDER = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);
// RFC 8032, section 7.1, test 2: asked of the browser once, before it is believed.
const KNOWN = {
  key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  message: "72",
  signature:
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
};

/** A verifier: `(key, message, signature) -> Promise<boolean>` for keys that are keys, and which engine it asks. */
export async function verifierOfSignatures({ webcrypto = true } = {}) {
  const own = webcrypto && (await browserWorks());
  const keys = new Map();
  const engine = own ? (key, message, signature) => askBrowser(keys, key, message, signature) : askVendored;
  const good = async (key, message, signature) =>
    signature.length === 64 && numberOf(signature.subarray(32)) < L && engine(key, message, signature);
  return { good, engine: own ? "browser" : "vendored" };
}

/** Whether 32 bytes are a key: a point of the curve, written in the one way, and not of small order. */
export function isKey(key) {
  const y = Uint8Array.from(key);
  y[31] &= 0x7f;
  if (numberOf(y) >= P || SMALL_ORDER.has(hexOf(y))) return false;
  try {
    return Point.fromBytes(key) instanceof Point;
  } catch {
    return false;
  }
}

function numberOf(littleEndian) {
  return BigInt("0x" + hexOf(Uint8Array.from(littleEndian).reverse()));
}

async function browserWorks() {
  const { key, message, signature } = Object.fromEntries(
    Object.entries(KNOWN).map(([name, hex]) => [name, fromHex(hex)]),
  );
  return globalThis.crypto?.subtle !== undefined && askBrowser(new Map(), key, message, signature);
}

async function askBrowser(keys, key, message, signature) {
  const { subtle } = globalThis.crypto;
  const name = hexOf(key);
  try {
    if (!keys.has(name)) keys.set(name, await subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]));
    return await subtle.verify({ name: "Ed25519" }, keys.get(name), signature, message);
  } catch {
    return false;
  }
}

async function askVendored(key, message, signature) {
  try {
    const R = signature.subarray(0, 32);
    const k = numberOf(sha512(concat(R, key, message))) % L;
    const kA = Point.fromBytes(key).multiply(k, false);
    const expected = Point.BASE.multiply(numberOf(signature.subarray(32)), false).subtract(kA).toBytes();
    return hexOf(expected) === hexOf(R);
  } catch {
    return false; // the key is no point of the curve
  }
}

function fromHex(hex) {
  return Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
}
