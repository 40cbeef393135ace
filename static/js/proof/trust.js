// What is believed: keys, the revocation list, the latest head. Kept in the browser as they were published, refreshed
// when there is a network, and verified anew each time they are read.
"use strict";
Proof.trust = (function () {
  const KEPT = "verify:", HASH_BYTES = 8, HOURS = 8 * 3600000; // the days are those of Asia/Shanghai

  async function keyOf(jwk) {
    const curve = jwk.kty === "EC" ? { name: "ECDSA", namedCurve: "P-256" } : { name: "Ed25519" };
    const how = jwk.kty === "EC" ? { name: "ECDSA", hash: "SHA-256" } : { name: "Ed25519" };
    const plain = jwk.kty === "EC" ? { kty: "EC", crv: jwk.crv, x: jwk.x, y: jwk.y } : { kty: "OKP", crv: jwk.crv, x: jwk.x };
    let key = null;
    try {
      key = await crypto.subtle.importKey("jwk", plain, curve, true, ["verify"]);
    } catch (unknown) { // an older browser knows no Ed25519; every head bears ES256 as well
      if (jwk.kty === "EC") throw unknown;
    }
    const material = key && new Uint8Array(await crypto.subtle.exportKey(jwk.kty === "EC" ? "spki" : "raw", key));
    return {
      kid: jwk.kid, algorithm: jwk.alg, since: jwk.from || "", until: jwk.until || "", withdrawn: jwk.withdrawn || "",
      reason: jwk.reason || "", origin: jwk.origin || "", usable: Boolean(key), material: material,
      verify: function (content, signature) { return crypto.subtle.verify(how, key, signature, content); },
    };
  }

  async function readKeys(text) {
    const found = new Map();
    for (const jwk of JSON.parse(text).keys) found.set(jwk.kid, await keyOf(jwk));
    return found;
  }

  function dayIn(milliseconds) { return new Date(milliseconds + HOURS).toISOString().slice(0, 10); }

  async function readList(bytes, keys) {
    const message = Proof.statement.opened(bytes), key = keys.get(message.kid);
    const known = key && key.usable && !key.withdrawn && (await key.verify(message.signedPart, message.signature));
    if (!known) throw new Proof.Unreadable("signed by no key that is known");
    const told = Proof.cbor.decode(message.payload), entries = new Map();
    told.get(2).forEach(function (row, i) {
      entries.set(Proof.notes.hex(row[0]), { day: Proof.statement.dayOf(row[1]), replacedBy: row[2], nth: i + 1 });
    });
    return { day: dayIn(told.get(1) * 1000), at: told.get(1) * 1000, entries: entries };
  }

  async function entryOf(list, code) {
    const hash = await Proof.notes.sha256(new TextEncoder().encode(code));
    return list.entries.get(Proof.notes.hex(hash.slice(0, HASH_BYTES)));
  }

  // Name and key of whoever signs the log's heads.
  function verifiers(keys) {
    const believed = Array.from(keys.values()).filter(function (key) { return key.usable && !key.withdrawn; });
    const names = Array.from(keys.values()).filter(function (key) { return key.origin && !key.withdrawn; });
    return names.flatMap(function (named) {
      return believed.map(function (key) { return { name: named.origin, key: key }; });
    });
  }

  async function isOurs(note, keys) {
    for (const each of verifiers(keys)) if (await Proof.notes.isSignedBy(note, each.name, each.key)) return true;
    return false;
  }

  async function readKeptHead(text, keys) {
    const note = Proof.notes.readNote(text);
    if (!(await isOurs(note, keys))) return null;
    const head = Proof.notes.readHead(note);
    const others = note.signatures.filter(function (each) { return each.name !== head.origin; });
    return { size: head.size, dated: head.dated, others: Array.from(new Set(others.map(function (each) { return each.name; }))) };
  }

  function kept(name) {
    try { return localStorage.getItem(KEPT + name); } catch (refused) { return null; }
  }
  function keep(name, text) {
    try { localStorage.setItem(KEPT + name, text); } catch (refused) { return; }
  }

  function base64(bytes) { return btoa(Array.from(bytes, function (each) { return String.fromCharCode(each); }).join("")); }

  async function orNull(promise) {
    try { return await promise; } catch (wrong) { return null; }
  }

  // What is kept, as far as it is good: keys without which nothing is, the list, the head.
  async function load() {
    const text = kept("keys"), list = kept("list"), head = kept("head");
    const keys = text ? await orNull(readKeys(text)) : null;
    if (!keys) return { keys: new Map(), list: null, head: null, today: dayIn(Date.now()) };
    return {
      keys: keys, list: list ? await orNull(readList(Proof.notes.unbase64(list), keys)) : null,
      head: head ? await orNull(readKeptHead(head, keys)) : null, today: dayIn(Date.now()),
    };
  }

  async function fetched(address) {
    const answer = await fetch(address, { cache: "no-store", credentials: "omit" });
    if (!answer.ok) throw new Error(answer.status);
    return answer;
  }

  // Fetch all anew and keep what is good; whether there was a network. An older list never takes a newer one's place.
  async function refresh(addresses) {
    try {
      const text = await (await fetched(addresses.keys)).text(), keys = await readKeys(text);
      const bytes = new Uint8Array(await (await fetched(addresses.list)).arrayBuffer());
      const list = await readList(bytes, keys), before = (await load()).list;
      keep("keys", text);
      if (!before || before.at <= list.at) keep("list", base64(bytes));
      const head = await orNull(fetched(addresses.head)); // before the first there is none
      if (head) keep("head", await head.text());
      return true;
    } catch (away) {
      return false;
    }
  }
  return { load: load, refresh: refresh, entryOf: entryOf, isOurs: isOurs };
})();
