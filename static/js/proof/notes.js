// Signed notes, heads and proofs of inclusion (luojiang_ce/proof/notes.py, merkle.py; RFC 6962).
"use strict";
Proof.notes = (function () {
  const PROOF_HEAD = "c2sp.org/tlog-proof@v1", DASH = "— ", MOST = 20000, HASH_BYTES = 32;
  const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
  const TYPE = { EdDSA: Uint8Array.from([1]), ES256: Uint8Array.from([255, 69, 83, 50, 53, 54]) };

  function bad(why) { throw new Proof.Unreadable(why); }
  function unbase64(text) {
    if (!BASE64.test(text)) bad("no base 64");
    return Uint8Array.from(atob(text), function (letter) { return letter.charCodeAt(0); });
  }
  async function sha256(bytes) { return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)); }
  function hex(bytes) { return Array.from(bytes, function (each) { return each.toString(16).padStart(2, "0"); }).join(""); }

  function lineOf(line) {
    const at = line.indexOf(" ", DASH.length);
    if (line.slice(0, DASH.length) !== DASH || at < 0) bad("no signature");
    return { name: line.slice(DASH.length, at), content: unbase64(line.slice(at + 1)) };
  }

  function readNote(text) {
    const at = text.lastIndexOf("\n\n"), lines = text.slice(at + 2).replace(/\n$/, "");
    if (at < 0 || !lines || text.length > MOST) bad("no note");
    return { text: text.slice(0, at + 1), signatures: lines.split("\n").map(lineOf) };
  }

  function readHead(note) {
    const lines = note.text.replace(/\n$/, "").split("\n"), size = Number(lines[1]);
    if (lines.length < 3 || !Number.isSafeInteger(size) || size < 0 || String(size) !== lines[1]) bad("no head");
    const root = unbase64(lines[2]);
    if (root.length !== HASH_BYTES) bad("no head");
    const dated = lines.slice(3).filter(function (line) { return line.indexOf("dated ") === 0; })[0] || "";
    return { origin: lines[0], size: size, root: root, dated: dated.slice(6) };
  }

  function readInclusion(content) {
    const text = content.replace(/\r\n/g, "\n"), at = text.indexOf("\n\n"), lines = text.slice(0, Math.max(at, 0)).split("\n");
    if (text.length > MOST || lines[0] !== PROOF_HEAD || lines.length < 3) bad("no proof");
    if (lines[1].indexOf("extra ") !== 0 || !/^index \d{1,18}$/.test(lines[2])) bad("no proof");
    return {
      leaf: unbase64(lines[1].slice(6)), index: Number(lines[2].slice(6)),
      hashes: lines.slice(3).map(unbase64), note: readNote(text.slice(at + 2)),
    };
  }

  function isProof(text) { return text.indexOf(PROOF_HEAD) === 0; }

  // The four bytes by which a signature says whose it is.
  async function keyId(name, key) {
    const said = new TextEncoder().encode(name + "\n");
    return (await sha256(Proof.statement.concat([said, TYPE[key.algorithm], key.material]))).slice(0, 4);
  }

  async function isSignedBy(note, name, key) {
    const id = hex(await keyId(name, key)), said = new TextEncoder().encode(note.text);
    for (const each of note.signatures) {
      if (each.name !== name || hex(each.content.slice(0, 4)) !== id) continue;
      if (await key.verify(said, each.content.slice(4))) return true;
    }
    return false;
  }

  function ranges(index, size) {
    const path = [];
    let first = 0, end = size;
    while (end - first > 1) {
      let half = 1;
      while (half * 2 < end - first) half *= 2;
      if (index < first + half) { path.push(false); end = first + half; } else { path.push(true); first += half; }
    }
    return path.reverse(); // whether the neighbour lies on the left
  }

  async function nodeOf(left, right) { return sha256(Proof.statement.concat([[1], left, right])); }
  function halved(number) { return Math.floor(number / 2); } // sizes may be beyond the 32 bits of >>

  // Do the hashes show that the older tree is the beginning of the newer? (merkle.is_consistent; RFC 9162, 2.1.4.2)
  async function isConsistent(before, now, hashes) {
    if (before.size === 0) return hashes.length === 0;
    if (before.size === now.size) return hashes.length === 0 && hex(before.root) === hex(now.root);
    if (before.size > now.size || !hashes.length) return false;
    const rest = (BigInt(before.size) & BigInt(before.size - 1)) === 0n ? [before.root].concat(hashes) : hashes;
    let node = before.size - 1, last = now.size - 1;
    while (node % 2) { node = halved(node); last = halved(last); }
    let old = rest[0], grown = rest[0];
    for (const other of rest.slice(1)) {
      if (last === 0) return false;
      if (node % 2 || node === last) {
        old = await nodeOf(other, old);
        grown = await nodeOf(other, grown);
        while (node % 2 === 0 && node) { node = halved(node); last = halved(last); }
      } else {
        grown = await nodeOf(grown, other);
      }
      node = halved(node);
      last = halved(last);
    }
    return last === 0 && hex(old) === hex(before.root) && hex(grown) === hex(now.root);
  }

  async function holds(proof, head) {
    if (proof.index >= head.size) return false;
    const path = ranges(proof.index, head.size), concat = Proof.statement.concat;
    if (path.length !== proof.hashes.length) return false;
    let value = await sha256(concat([[0], proof.leaf]));
    for (let i = 0; i < path.length; i++) {
      value = path[i] ? await nodeOf(proof.hashes[i], value) : await nodeOf(value, proof.hashes[i]);
    }
    return hex(value) === hex(head.root);
  }
  return {
    readNote: readNote, readHead: readHead, readInclusion: readInclusion, isProof: isProof, isSignedBy: isSignedBy,
    holds: holds, isConsistent: isConsistent, sha256: sha256, hex: hex, unbase64: unbase64,
  };
})();
