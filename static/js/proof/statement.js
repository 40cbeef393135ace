// Reads what the QR code of a paper states: base 41, COSE_Sign1, claims (luojiang_ce/proof/statement.py, base41.py).
"use strict";
Proof.statement = (function () {
  const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$*+-/";
  const FIELDS = ["number", "title", "name", "digits", "unit", "year", "hours", "result", "dated", "code", "signed", "subject", "years"];
  const DAYS = ["dated", "signed"];
  const ALG = 1, CONTENT = 3, KID = 4, ES256 = -7, MOST_READ = 4096, DAY = 86400000;
  // Blanks, and what pasted text brings along unseen (luojiang_ce/proof/typed.py).
  const BLANK = "\\s\\x1c-\\x1f\\x85\\u200b-\\u200f\\u202a-\\u202e\\u2060\\ufeff", BLANKS = new RegExp("[" + BLANK + "]", "g");
  const FIRST_DAY = -719162, LAST_DAY = 2932896; // of the years 1 to 9999

  function unreadable(why) { throw new Proof.Unreadable(why); }

  function lettersOf(text) {
    return Array.from(text, function (letter) {
      const value = ALPHABET.indexOf(letter);
      return value < 0 ? unreadable("another letter") : value;
    });
  }

  function decode(text) {
    const values = lettersOf(text), bytes = [];
    for (let i = 0; i < values.length; i += 3) {
      const part = values.slice(i, i + 3);
      if (part.length === 1) unreadable("cut off");
      const value = part.reduce(function (sum, each) { return sum * ALPHABET.length + each; }, 0);
      if (value >= (part.length === 3 ? 65536 : 256)) unreadable("too much");
      if (part.length === 3) bytes.push(value >> 8);
      bytes.push(value & 255);
    }
    return Uint8Array.from(bytes);
  }

  // The statement in what was scanned or pasted: a whole address, or what stands behind its #.
  function inText(text) {
    const told = text.replace(BLANKS, "");
    const bytes = decode(told.slice(told.lastIndexOf("#") + 1));
    return bytes.length ? bytes : unreadable("empty");
  }

  function dayOf(days) { return new Date(days * DAY).toISOString().slice(0, 10); }

  function bytesOf(value) { return value instanceof Uint8Array ? value : unreadable("no bytes"); }

  function concat(parts) {
    const whole = new Uint8Array(parts.reduce(function (sum, each) { return sum + each.length; }, 0));
    parts.reduce(function (at, each) { whole.set(each, at); return at + each.length; }, 0);
    return whole;
  }

  function signedPart(guarded, payload) {
    const context = new TextEncoder().encode("Signature1");
    const head = Proof.cbor.head;
    return concat([
      [0x84], head(3, context.length), context, head(2, guarded.length), guarded, [0x40], head(2, payload.length), payload,
    ]);
  }

  // The parts of a COSE_Sign1; whether it is true remains to be asked.
  function opened(bytes) {
    const parts = Proof.cbor.decode(bytes);
    if (!Array.isArray(parts) || parts.length !== 4) unreadable("no COSE_Sign1");
    const guarded = bytesOf(parts[0]), payload = bytesOf(parts[2]), header = Proof.cbor.decode(guarded);
    if (!(header instanceof Map) || header.get(ALG) !== ES256) unreadable("another algorithm");
    const kid = new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(header.get(KID))), content = header.get(CONTENT) || "";
    return {
      kid: kid, content: content, payload: payload, signedPart: signedPart(guarded, payload), signature: bytesOf(parts[3]),
    };
  }

  function claimOf(name, value) {
    const whole = Number.isInteger(value);
    if (DAYS.indexOf(name) >= 0) return whole && value >= FIRST_DAY && value <= LAST_DAY ? dayOf(value) : unreadable("no day");
    if (name === "year" ? !whole : typeof value !== "string") unreadable("a claim of another type");
    return value;
  }

  function read(bytes) {
    if (bytes.length > MOST_READ) unreadable("too long");
    const message = opened(bytes), told = Proof.cbor.decode(message.payload), claims = {};
    if (message.content) unreadable("something else that was signed");
    if (!(told instanceof Map)) unreadable("no claims");
    FIELDS.forEach(function (name, i) {
      claims[name] = told.has(i + 1) ? claimOf(name, told.get(i + 1)) : "";
    });
    return { message: message, claims: claims };
  }

  // How each of many years ended and with how much: 2023U24M30c25 in words (luojiang_ce/proof/years.py).
  function yearsSaid(code, outcomes) {
    const found = /^([0-9]{4})((?:[A-Z][0-9.]*(?:c[0-9.]+)?)+)$/.exec(code);
    if (!found) return code;
    return Array.from(found[2].matchAll(/([A-Z])([0-9.]*)(?:c([0-9.]+))?/g), function (year, nth) {
      const amounts = [year[2] && year[2] + " 学时", year[3] && year[3] + " 学分"].filter(Boolean).join("、");
      return Number(found[1]) + nth + " " + (outcomes[year[1]] || year[1]) + (amounts && "（取得 " + amounts + "）");
    }).join("，");
  }

  // The statement that an issued PDF carries in its XMP; null where it has none.
  function inFile(bytes) {
    const text = new TextDecoder("latin1").decode(bytes);
    for (let at = text.indexOf("/check/"); at >= 0; at = text.indexOf("/check/", at + 1)) {
      const told = text.slice(at, at + MOST_READ).split("<", 1)[0];
      if (told.indexOf("#") >= 0) return inText(told);
    }
    return null;
  }
  return { read: read, opened: opened, inText: inText, inFile: inFile, yearsSaid: yearsSaid, dayOf: dayOf, concat: concat, BLANK: BLANK };
})();
