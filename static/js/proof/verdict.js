// Is a paper genuine? The same as luojiang_ce/proof/verdict.py, from what lies in this browser; the words come from there.
"use strict";
Proof.verdict = (function () {
  const ORDER = ["fake", "mismatch", "foreign", "revoked", "unsure"], DAY = 86400000, INCLUDED_AFTER = 2;
  const STANDINGS = { valid: "in_force", review: "in_review", revoked: "told_revoked", unknown: "not_known" };
  const SAME_FILE = ["same_file", "file_as_issued"]; // either proves more than a code can
  const BLANK = Proof.statement.BLANK, AROUND = new RegExp("^[" + BLANK + "]+|[" + BLANK + "]+$", "g");
  const BETWEEN = new RegExp("[" + BLANK + "\\-\\u2010-\\u2015\\u2212.·•]", "g");
  const NUMBER = /^([^〔〕]+)〔([0-9]{4})〕第?0*([0-9]+)号?$/, CODE = /^[0-9A-HJKMNP-TV-Z]{12}$/;
  const READ_AS = { O: "0", I: "1", L: "1", U: "V" }; // letters that no code has
  const LEAF = 4; // parts of a paper's leaf
  const NOT_OURS = ["forged", "unknown_key", "foreign_key"];

  function finding(key, named) { return { key: key, named: named || {} }; }

  // A number or a code as it is compared (luojiang_ce/proof/typed.py): of a number its parts, however its brackets, its
  // zeros and its 号 are written; of all else the letters.
  function plain(typed) {
    const bare = typed.normalize("NFKC").toUpperCase().replace(BETWEEN, "");
    const found = NUMBER.exec(bare.replace(/[\[({【「『〖《〈<]/g, "〔").replace(/[\])}】」』〗》〉>]/g, "〕"));
    if (found) return found[1] + "〔" + found[2] + "〕" + found[3] + "号";
    return bare.replace(/[OILU]/g, function (letter) { return READ_AS[letter]; });
  }

  // Is it a whole number or a code: can it be another paper's?
  function isRead(letters) { return NUMBER.test(letters) || CODE.test(letters); }

  function age(list, today) {
    const days = Math.round((Date.parse(today) - Date.parse(list)) / DAY);
    if (days < 0) return "日期还没有到";
    return days === 0 ? "今天" : days + " 天前";
  }

  async function signature(read, trust) {
    const key = trust.keys.get(read.message.kid), signed = read.claims.signed || read.claims.dated;
    const named = { kid: read.message.kid, signed: signed, keys: trust.keys.size };
    if (!key || key.algorithm !== "ES256") return finding(trust.fresh ? "foreign_key" : "unknown_key", named);
    if (!(await key.verify(read.message.signedPart, read.message.signature))) return finding("forged", named);
    if (key.withdrawn) return finding("withdrawn_key", Object.assign(named, { withdrawn: key.withdrawn, reason: key.reason }));
    if (!signed || (key.since && signed < key.since) || (key.until && signed > key.until)) return finding("out_of_days", named);
    return key.until ? finding("signed_by_former", Object.assign(named, { until: key.until })) : finding("signed", named);
  }

  function beside(shown, claims) {
    const typed = plain(shown.typed), named = { typed: shown.typed.replace(AROUND, ""), number: claims.number, code: claims.code };
    if (!typed) return [];
    if ([plain(claims.number), plain(claims.code)].indexOf(typed) >= 0) return [finding("same_paper", named)];
    return [finding(isRead(typed) ? "another_paper" : "typed_not_read", named)];
  }

  function daysOf(claims, trust) { return { signed: claims.signed || claims.dated, today: trust.today }; }

  // Of a paper that is not on it.
  function whatAListSays(day, signed, today) {
    if (day > today) return "list_of_future";
    return signed && day < signed ? "list_older" : "not_revoked";
  }

  // What whoever issued it says of the code, and what the log has. Where he has issued another statement under it,
  // nothing that is known of the code is known of this one.
  async function known(shown, claims, trust) {
    const standing = STANDINGS[shown.standing], named = { code: claims.code, today: trust.today };
    if (!standing) return inclusion(shown, claims, trust);
    const own = Proof.notes.hex(await Proof.notes.sha256(shown.statement));
    if (shown.standing !== "unknown" && shown.stated !== own) return [finding("not_as_issued", named)];
    return [finding(standing, named)].concat(await inclusion(shown, claims, trust));
  }

  function noInclusion(standing, claims, trust) {
    if (!standing || standing === "unknown") return finding("no_inclusion");
    const named = daysOf(claims, trust), days = (Date.parse(named.today) - Date.parse(named.signed)) / DAY;
    return finding(days > INCLUDED_AFTER ? "overdue" : "not_yet", named);
  }

  async function cosigned(proof, trust) {
    const by = await Proof.trust.cosignersOf(proof.note, Proof.notes.readHead(proof.note), trust.cosigners);
    if (by.length) return finding("cosigned", { by: by.join("、") });
    return finding(trust.cosigners.every(function (each) { return each.key.usable; }) ? "not_cosigned" : "cosigned_not_asked");
  }

  async function revocation(claims, trust) {
    if (!trust.list) return finding("no_list");
    const entry = await Proof.trust.entryOf(trust.list, claims.code);
    const named = { list_day: trust.list.day, age: age(trust.list.day, trust.today) };
    if (!entry) return finding(whatAListSays(trust.list.day, claims.signed || claims.dated, trust.today), Object.assign(named, daysOf(claims, trust)));
    Object.assign(named, { day: entry.day, nth: entry.nth, replaced_by: entry.replacedBy });
    return finding(entry.replacedBy ? "replaced" : "revoked", named);
  }

  // What the leaf says; nothing where it is none of ours.
  function leafOf(proof) {
    try {
      const leaf = Proof.cbor.decode(proof.leaf);
      return Array.isArray(leaf) ? leaf : [];
    } catch (wrong) {
      return [];
    }
  }

  // Is it of the paper of this code, or so spoilt that it cannot be told of which?
  function isOf(proof, code) {
    const leaf = leafOf(proof);
    return !leaf.length || (leaf.length === LEAF && leaf[0] === "paper" && leaf[1] === code);
  }

  function isBytes(value) { return value instanceof Uint8Array; }

  async function included(proof, shown, claims, trust) {
    const hex = Proof.notes.hex, leaf = leafOf(proof);
    let head;
    try { head = Proof.notes.readHead(proof.note); } catch (wrong) { return [finding("not_included"), ""]; }
    if (leaf.length !== LEAF || !leaf.slice(2).every(isBytes)) return [finding("not_included"), ""];
    if (!(await Proof.trust.isOurs(proof.note, trust.keys))) return [finding("unknown_head"), ""];
    if (!(await Proof.notes.holds(proof, head))) return [finding("not_included"), ""];
    const same = hex(leaf[2]) === hex(await Proof.notes.sha256(shown.statement));
    if (!same) return [finding("not_as_included", { code: claims.code, head_day: head.dated }), ""];
    return [finding("included", { index: proof.index, head_day: head.dated, size: head.size }), hex(leaf[3])];
  }

  // The file against the fingerprint that the issuer has, before it is in a head or where its proof is no use.
  function asIssued(shown, trust) {
    if (!shown.issued) return finding("file_not_compared");
    return finding(shown.sha256 === shown.issued ? "file_as_issued" : "file_not_as_issued", { today: trust.today });
  }

  // A proof that was given of another paper says nothing of this one: the issuer's own is taken.
  async function inclusion(shown, claims, trust) {
    const strange = shown.inclusion && !isOf(shown.inclusion, claims.code), proof = (strange ? null : shown.inclusion) || shown.answered;
    const found = proof ? await included(proof, shown, claims, trust) : [noInclusion(shown.standing, claims, trust), ""];
    const findings = (strange ? [finding("other_inclusion")] : []).concat(found[0]);
    if (found[0].key === "included") findings.push(await cosigned(proof, trust));
    if (shown.sha256 && found[1]) findings.push(finding(shown.sha256 === found[1] ? "same_file" : "another_file"));
    else if (shown.sha256) findings.push(asIssued(shown, trust));
    return findings;
  }

  function outcome(findings, claims, words) {
    const asked = findings.map(function (each) { return words.findings[each.key][0]; });
    const proved = findings.some(function (each) { return SAME_FILE.indexOf(each.key) >= 0; }) ? "genuine" : "stated";
    const verdict = ORDER.filter(function (each) { return asked.indexOf(each) >= 0; })[0] || proved;
    return { verdict: verdict, findings: findings, claims: claims };
  }

  // What is shown: statement (bytes or null), typed, sha256 (hex or ""), inclusion (or null); and what whoever issued it
  // has answered: standing, fingerprint of file (issued) and statement (stated), each or "", and his proof (answered).
  async function judge(shown, trust, words) {
    if (!shown.statement) return outcome([finding(shown.broken ? "broken_statement" : "no_statement")], null, words);
    const read = Proof.statement.read(shown.statement), signed = await signature(read, trust);
    let findings = [signed].concat(beside(shown, read.claims));
    if (NOT_OURS.indexOf(signed.key) >= 0) {
      findings.push(finding("list_not_asked"));
    } else {
      findings.push(await revocation(read.claims, trust));
      findings = findings.concat(await known(shown, read.claims, trust));
    }
    return outcome(findings, read.claims, words);
  }
  return { judge: judge, age: age, plain: plain };
})();
