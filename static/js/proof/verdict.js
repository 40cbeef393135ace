// Is a paper genuine? The same as luojiang_ce/proof/verdict.py, from what lies in this browser; the words come from there.
"use strict";
Proof.verdict = (function () {
  const ORDER = ["fake", "mismatch", "foreign", "revoked", "unsure"], DAY = 86400000, INCLUDED_AFTER = 2;
  const STANDINGS = { valid: "in_force", review: "in_review", revoked: "told_revoked", unknown: "not_known" };
  const SAME_FILE = ["same_file", "file_as_issued"]; // either proves more than a code can
  const NUMBER = /^([^〔〕]*)〔([0-9]{4})〕第?0*([0-9]+)号?$/;
  const NOT_OURS = ["forged", "unknown_key", "foreign_key"];

  function finding(key, named) { return { key: key, named: named || {} }; }

  // A number or a code as it is compared: of a number its parts, however its brackets, its zeros and its 号 are written.
  function plain(typed) {
    const brackets = typed.normalize("NFKC").toUpperCase().replace(/[\[({【「『〖《〈<]/g, "〔").replace(/[\])}】」』〗》〉>]/g, "〕");
    const bare = brackets.replace(/[-—–·\s]/g, ""), found = NUMBER.exec(bare);
    return found ? found[1] + "〔" + found[2] + "〕" + found[3] + "号" : bare;
  }

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

  function beside(typed, claims) {
    if (!plain(typed)) return [];
    const same = [plain(claims.number), plain(claims.code)].indexOf(plain(typed)) >= 0;
    return [finding(same ? "same_paper" : "another_paper", { typed: typed.trim(), number: claims.number, code: claims.code })];
  }

  function daysOf(claims, trust) { return { signed: claims.signed || claims.dated, today: trust.today }; }

  // Of a paper that is not on it.
  function whatAListSays(day, signed, today) {
    if (day > today) return "list_of_future";
    return signed && day < signed ? "list_older" : "not_revoked";
  }

  function standing(shown, claims, trust) {
    const known = STANDINGS[shown.standing];
    return known ? [finding(known, { code: claims.code, today: trust.today })] : [];
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

  function leafOf(proof) {
    try {
      const leaf = Proof.cbor.decode(proof.leaf);
      return Array.isArray(leaf) ? leaf : null;
    } catch (wrong) {
      return null;
    }
  }

  async function included(proof, shown, claims, trust) {
    const hex = Proof.notes.hex, leaf = leafOf(proof), statement = hex(await Proof.notes.sha256(shown.statement));
    let head;
    try { head = Proof.notes.readHead(proof.note); } catch (wrong) { return [finding("not_included"), ""]; }
    if (!leaf) return [finding("not_included"), ""];
    const bytes = leaf[2] instanceof Uint8Array && leaf[3] instanceof Uint8Array;
    if (leaf.length !== 4 || leaf[0] !== "paper" || leaf[1] !== claims.code || !bytes || hex(leaf[2]) !== statement) return [finding("other_inclusion"), ""];
    if (!(await Proof.trust.isOurs(proof.note, trust.keys))) return [finding("unknown_head"), ""];
    if (!(await Proof.notes.holds(proof, head))) return [finding("not_included"), ""];
    return [finding("included", { index: proof.index, head_day: head.dated, size: head.size }), hex(leaf[3])];
  }

  // The file against the fingerprint that the issuer has, before it is in a head or where its proof is no use.
  function asIssued(shown, trust) {
    if (!shown.issued) return finding("file_not_compared");
    return finding(shown.sha256 === shown.issued ? "file_as_issued" : "file_not_as_issued", { today: trust.today });
  }

  async function inclusion(shown, claims, trust) {
    const none = [noInclusion(shown.standing, claims, trust), ""];
    const found = shown.inclusion ? await included(shown.inclusion, shown, claims, trust) : none;
    const findings = [found[0]];
    if (found[0].key === "included") findings.push(await cosigned(shown.inclusion, trust));
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

  // What is shown: statement (bytes or null), typed, sha256 (hex or ""), inclusion (or null), and,
  // of whoever issued it, standing and fingerprint (each or "").
  async function judge(shown, trust, words) {
    if (!shown.statement) return outcome([finding(shown.broken ? "broken_statement" : "no_statement")], null, words);
    const read = Proof.statement.read(shown.statement), signed = await signature(read, trust);
    let findings = [signed].concat(beside(shown.typed, read.claims));
    if (NOT_OURS.indexOf(signed.key) >= 0) {
      findings.push(finding("list_not_asked"));
    } else {
      findings.push(await revocation(read.claims, trust));
      findings = findings.concat(standing(shown, read.claims, trust), await inclusion(shown, read.claims, trust));
    }
    return outcome(findings, read.claims, words);
  }
  return { judge: judge, age: age, plain: plain };
})();
