// What is believed: keys, the revocation list, the latest head. Kept in the browser as they were published, refreshed
// when there is a network, and verified anew each time they are read.
"use strict";
Proof.trust = (function () {
  const KEPT = "verify:", LIST = "application/x.revocations+cbor", PATIENCE = 6000; // milliseconds
  const NO_BODY = [204, 205, 304]; // answers that have none
  const HASH_BYTES = 8, HOURS = 8 * 3600000; // the days are those of Asia/Shanghai

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
      reason: jwk.reason || "", origins: [jwk.origin || ""].concat(jwk.former_origins || []).filter(Boolean), usable: Boolean(key), material: material,
      verify: function (content, signature) { return crypto.subtle.verify(how, key, signature, content); },
    };
  }

  async function readKeys(text) {
    const found = new Map();
    for (const jwk of JSON.parse(text).keys) found.set(jwk.kid, await keyOf(jwk));
    return found;
  }

  // Who countersigns, by the same file.
  async function readCosigners(text) {
    const found = [];
    for (const jwk of JSON.parse(text).witnesses || []) found.push({ name: jwk.name, label: jwk.label, key: await keyOf(jwk) });
    return found;
  }

  // The bodies whose signature is under a head; a browser that knows no Ed25519 cannot ask any.
  async function cosignersOf(note, head, cosigners) {
    const found = [];
    for (const each of cosigners) {
      const late = each.key.until && head.dated > each.key.until;
      if (!late && each.key.usable && (await Proof.notes.isSignedBy(note, each.name, each.key))) found.push(each.label);
    }
    return found;
  }

  function dayIn(milliseconds) { return new Date(milliseconds + HOURS).toISOString().slice(0, 10); }

  async function readList(bytes, keys) {
    const message = Proof.statement.opened(bytes), key = keys.get(message.kid);
    const known = key && key.usable && !key.withdrawn && (await key.verify(message.signedPart, message.signature));
    if (!known || message.content !== LIST) throw new Proof.Unreadable("no list that a known key has signed");
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
    const names = new Set(Array.from(keys.values()).flatMap(function (key) { return key.origins; }));
    return Array.from(names).flatMap(function (name) {
      return believed.map(function (key) { return { name: name, key: key }; });
    });
  }

  async function isOurs(note, keys) {
    for (const each of verifiers(keys)) if (await Proof.notes.isSignedBy(note, each.name, each.key)) return true;
    return false;
  }

  async function readKeptHead(text, keys, cosigners) {
    const note = Proof.notes.readNote(text);
    if (!(await isOurs(note, keys))) return null;
    const head = Proof.notes.readHead(note);
    return { size: head.size, dated: head.dated, root: head.root, others: await cosignersOf(note, head, cosigners) };
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

  // What is kept, as far as it is good: keys without which nothing is, who countersigns, the list, the head.
  async function load() {
    const text = kept("keys"), list = kept("list"), head = kept("head"), today = dayIn(Date.now());
    const keys = text ? await orNull(readKeys(text)) : null;
    if (!keys) return { keys: new Map(), cosigners: [], list: null, head: null, today: today };
    const cosigners = (await orNull(readCosigners(text))) || [];
    return {
      keys: keys, cosigners: cosigners, today: today,
      list: list ? await orNull(readList(Proof.notes.unbase64(list), keys)) : null,
      head: head ? await orNull(readKeptHead(head, keys, cosigners)) : null,
    };
  }

  // What the server answers, whatever it is, read to its end; a network that leads nowhere is not waited for.
  async function ask(address) {
    const stop = new AbortController(), timer = setTimeout(function () { stop.abort(); }, PATIENCE);
    try {
      const answer = await fetch(address, { cache: "no-store", credentials: "omit", signal: stop.signal });
      const told = { status: answer.status, headers: answer.headers };
      return new Response(NO_BODY.indexOf(answer.status) < 0 ? await answer.arrayBuffer() : null, told);
    } finally {
      clearTimeout(timer);
    }
  }
  function good(answer) {
    if (!answer.ok) throw new Error(answer.status);
    return answer;
  }
  async function fetched(address) { return good(await ask(address)); }

  // A list never takes the place of a newer one; one of the future, which a wrong clock has signed, of none that is good.
  async function refreshList(address, keys) {
    const bytes = new Uint8Array(await (await fetched(address)).arrayBuffer()), list = await readList(bytes, keys);
    const before = (await load()).list, today = dayIn(Date.now());
    if (before && before.day <= today && (list.day > today || before.at > list.at)) return list.day <= today;
    keep("list", base64(bytes));
    return true;
  }

  // Is the new head a later one of the same tree as the one that is kept? Who signed that was asked when it was kept.
  async function continues(before, now, address) {
    if (before.size > now.size) return false;
    if (before.size === 0 || before.size === now.size) return Proof.notes.isConsistent(before, now, []);
    const answer = await ask(address.replace("0/0", before.size + "/" + now.size));
    if (answer.status === 404) return false; // it has never published what it once signed
    const lines = (await good(answer).text()).split("\n").filter(Boolean);
    return Proof.notes.isConsistent(before, now, lines.map(Proof.notes.unbase64));
  }

  // The later head is kept once it is known to grow out of the kept one; otherwise that stays, as the evidence. Returns
  // the two sizes where they are of two trees.
  async function refreshHead(addresses, keys) {
    const answer = await orNull(fetched(addresses.head)); // before the first there is none
    if (!answer) return null;
    const text = await answer.text(), now = await readKeptHead(text, keys, []), stored = kept("head");
    if (!now) return null;
    const before = stored ? await orNull(readStored(stored)) : null;
    if (before && !(await continues(before, now, addresses.consistency))) return { kept: before.size, now: now.size };
    keep("head", text);
    return null;
  }

  async function readStored(text) { return Proof.notes.readHead(Proof.notes.readNote(text)); }

  // Fetch all anew and keep what is good, each by itself: a list that does not come keeps no withdrawn key in use. Whether
  // the server was `reached`, whether the `list` is new, and where its tree is another (`fork`).
  async function refresh(addresses) {
    const found = { reached: false, list: false, fork: null };
    try {
      const text = await (await fetched(addresses.keys)).text(), keys = await readKeys(text);
      keep("keys", text);
      found.reached = true;
      found.list = Boolean(await orNull(refreshList(addresses.list, keys)));
      found.fork = await orNull(refreshHead(addresses, keys));
    } catch (away) { /* not reached */ }
    return found;
  }
  return { load: load, ask: ask, refresh: refresh, entryOf: entryOf, isOurs: isOurs, cosignersOf: cosignersOf };
})();
