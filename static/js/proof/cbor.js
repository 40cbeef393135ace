// Reads CBOR (RFC 8949): what statements and the revocation list are written in. No tags, no indefinite lengths: ours
// have none, and what we do not know we do not guess. Whole numbers beyond 2^53 come as BigInt.
"use strict";
const Proof = {};

Proof.Unreadable = class extends Error {};

Proof.cbor = (function () {
  const DEEPEST = 16;

  function reader(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    function take(count) {
      if (count > bytes.length - at) throw new Proof.Unreadable("cut off");
      at += count;
      return at - count;
    }
    function argument(info) {
      if (info < 24) return info;
      if (info === 24) return view.getUint8(take(1));
      if (info === 25) return view.getUint16(take(2));
      if (info === 26) return view.getUint32(take(4));
      if (info === 27) {
        const big = view.getBigUint64(take(8));
        return big <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(big) : big;
      }
      throw new Proof.Unreadable("a length of another kind");
    }
    function half(bits) { // IEEE 754 binary16
      const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, part = bits & 1023;
      if (exponent === 0) return sign * part * Math.pow(2, -24);
      if (exponent === 31) return part ? NaN : sign * Infinity;
      return sign * (1 + part / 1024) * Math.pow(2, exponent - 15);
    }
    function simple(info) {
      if (info === 20 || info === 21) return info === 21;
      if (info === 22) return null;
      if (info === 25) return half(view.getUint16(take(2)));
      if (info === 26) return view.getFloat32(take(4));
      if (info === 27) return view.getFloat64(take(8));
      throw new Proof.Unreadable("a value of another kind");
    }
    function bytesOf(length) {
      const from = take(Number(length));
      return bytes.slice(from, from + Number(length));
    }
    function negative(value) {
      return typeof value === "bigint" || value === Number.MAX_SAFE_INTEGER ? -1n - BigInt(value) : -1 - value;
    }
    function map(count, depth) {
      const found = new Map();
      for (let i = 0; i < count; i++) {
        const key = item(depth);
        found.set(key, item(depth));
      }
      return found;
    }
    function list(count, depth) {
      const found = [];
      for (let i = 0; i < count; i++) found.push(item(depth));
      return found;
    }
    function item(depth) {
      if (depth > DEEPEST) throw new Proof.Unreadable("too deep");
      const first = view.getUint8(take(1)), kind = first >> 5, info = first & 31;
      if (kind === 7) return simple(info);
      const value = argument(info);
      if (kind === 0) return value;
      if (kind === 1) return negative(value);
      if (kind === 2) return bytesOf(value);
      if (kind === 3) return new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(value));
      if (kind === 4) return list(value, depth + 1);
      if (kind === 5) return map(value, depth + 1);
      throw new Proof.Unreadable("a tag");
    }
    return { item: item, isOver: function () { return at === bytes.length; } };
  }

  // One item and nothing behind it.
  function decode(bytes) {
    const from = reader(bytes);
    let found;
    try {
      found = from.item(0);
    } catch (wrong) {
      throw wrong instanceof Proof.Unreadable ? wrong : new Proof.Unreadable(String(wrong));
    }
    if (!from.isOver()) throw new Proof.Unreadable("something behind it");
    return found;
  }

  // The head of a byte or text string and of short lists: all that is written here (what a signature is made over).
  function head(kind, length) {
    if (length < 24) return [(kind << 5) | length];
    if (length < 256) return [(kind << 5) | 24, length];
    if (length < 65536) return [(kind << 5) | 25, length >> 8, length & 255];
    return [(kind << 5) | 26, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255];
  }
  return { decode: decode, head: head };
})();
