// The page that verifies without a network: what is scanned, pasted or chosen is judged here; nothing is sent but, where
// there is a network, the check code, to fetch the proof of inclusion.
"use strict";
(function () {
  const root = document.querySelector("[data-verify]");
  const words = JSON.parse(document.getElementById("words").textContent);
  const addresses = {
    keys: root.dataset.keys, list: root.dataset.list, head: root.dataset.head, consistency: root.dataset.consistency,
  };
  const SIGNED = ["signed", "signed_by_former"]; // findings that say whose words these are
  const MARKS = { "is-done": "circle-check", "is-late": "circle-x", "is-soon": "circle-question-mark", "is-idle": "circle-minus" };
  const LOCKED = /\/Encrypt\s+\d+\s+\d+\s+R/; // in a PDF's trailer, which is never encrypted; so too in verify_paper.py
  const MOST_BYTES = 20 * 1024 * 1024, FRESH = 600000; // milliseconds for which keys and list count as new
  const shown = { statement: null, sha256: "", inclusion: null, broken: false };
  let trust = null, camera = null, judged = 0; // how many were judged: an answer that comes late belongs to none
  let last = { reached: false, list: false, fork: null }, asked = 0, asking = null; // what was fetched last, when, or is being

  function part(name) { return root.querySelector("[data-" + name + "]"); }
  function icon(name) { return document.getElementById("icon-" + name).content.firstElementChild.cloneNode(true); }
  function make(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }
  function filled(text, named) {
    return text.replace(/{(\w+)}/g, function (_, name) { return String(named[name]); });
  }

  // --- light or dark, as the device has it: the page is the same for everybody and knows nobody's choice --------------

  const dark = matchMedia("(prefers-color-scheme: dark)");
  function shade() { document.documentElement.dataset.bsTheme = dark.matches ? "dark" : "light"; }
  dark.addEventListener("change", shade);
  shade();

  // --- what is said ---------------------------------------------------------------------------------------------------

  function say(text) { // what cannot be judged at all: why, and what to do
    part("result").hidden = true;
    part("said").textContent = text;
    part("said").hidden = !text;
    return false;
  }

  function pair(label, text) { return text ? [make("dt", "", label), make("dd", "", text)] : []; }

  function isSigned(finding) { return SIGNED.indexOf(finding.key) >= 0; }

  function showClaims(outcome) {
    const claims = outcome.claims || {}, list = part("claims");
    const name = claims.digits ? claims.name + "　尾号 " + claims.digits : claims.name;
    const told = Object.assign({}, claims, { name: name, year: claims.year ? claims.year + " 年度" : "" });
    told.years = Proof.statement.yearsSaid(claims.years || "", words.outcomes);
    part("title").textContent = (outcome.findings.some(isSigned) ? "" : words.self_said) + (claims.title || words.untitled);
    part("number").textContent = claims.number || "";
    part("paper").hidden = !outcome.claims;
    list.replaceChildren.apply(list, Object.keys(words.labels).flatMap(function (key) { return pair(words.labels[key], told[key]); }));
  }

  function line(finding) {
    const told = words.findings[finding.key], item = make("li", told[1]), text = make("span", "", filled(told[2], finding.named));
    item.dataset.finding = finding.key;
    text.append(make("br"), make("span", "lj-note", filled(told[3], finding.named)));
    item.append(icon(MARKS[told[1]]), text);
    return item;
  }

  function show(outcome) {
    const told = words.verdicts[outcome.verdict], box = part("verdict"), found = part("findings");
    const why = outcome.findings.filter(function (each) { return words.findings[each.key][0] === outcome.verdict; });
    const lines = why.map(function (each) { return filled(words.findings[each.key][2], each.named); }).join("；");
    const named = outcome.findings.reduce(function (all, each) { return Object.assign(all, each.named); }, {});
    const sentence = filled(told[3], Object.assign(named, { why: lines }));
    const word = make("div");
    word.append(make("b", "", told[2]), sentence);
    box.className = "lj-result mb-3 " + told[0];
    box.dataset.verdict = outcome.verdict;
    box.replaceChildren(icon(told[1]), word);
    found.replaceChildren.apply(found, outcome.findings.map(line));
    showClaims(outcome);
    say("");
    part("result").hidden = false;
    box.focus();
  }

  function showKept() {
    const kids = Array.from(trust.keys.values(), function (key) { return key.kid; });
    part("kept-keys").textContent = kids.length ? kids.length + " 把，" + kids.join("、") : "还没有，联网打开一次本页就有";
    part("kept-list").textContent = trust.list ? trust.list.day + "，共 " + trust.list.entries.size + " 条" : "还没有";
    part("kept-age").textContent = trust.list ? Proof.verdict.age(trust.list.day, trust.today) : "";
    part("kept-head").textContent = trust.head ? trust.head.dated + "，" + trust.head.size + " 条" : "还没有";
    part("kept-others").textContent = trust.head && trust.head.others.length ? "会签有效：" + trust.head.others.join("、") : "";
    part("net").textContent = last.reached ? "在线" : "离线";
    part("away").hidden = part("later").hidden = last.reached;
    part("no-list").hidden = !last.reached || last.list;
    part("fork").hidden = !last.fork;
    if (last.fork) part("fork-sizes").textContent = "本机存的 " + last.fork.kept + " 条，现在公布的 " + last.fork.now + " 条";
  }

  // --- judging --------------------------------------------------------------------------------------------------------

  // How the paper stands with whoever issued it, and its proof of inclusion, where that can be asked.
  async function ask(mine) {
    if (!last.reached) return;
    try {
      const code = encodeURIComponent(Proof.statement.read(mine.statement).claims.code);
      const answer = await Proof.trust.ask(root.dataset.check.replace("CODE", code));
      mine.standing = answer.headers.get("Paper-Standing") || "";
      mine.issued = answer.headers.get("Paper-SHA256") || "";
      mine.stated = answer.headers.get("Paper-Statement") || "";
      if (answer.ok) mine.answered = Proof.notes.readInclusion(await answer.text());
    } catch (away) { return; }
  }

  // The keys, not older than they need be: what is being fetched is waited for, and a key that is not known asked for.
  async function renewed(statement) {
    if (asking) await asking;
    else if (last.reached && Date.now() - asked > FRESH) await refresh();
    trust = await Proof.trust.load();
    if (!last.reached || trust.keys.has(Proof.statement.read(statement).message.kid)) return;
    await refresh();
    trust = await Proof.trust.load();
    trust.fresh = last.reached;
  }

  // What is judged is a copy: whatever is shown meanwhile is another.
  async function judge() {
    const mine = Object.assign({}, shown, { typed: part("typed").value, standing: "", issued: "", stated: "", answered: null }), turn = ++judged;
    if (mine.statement) await renewed(mine.statement);
    else trust = await Proof.trust.load();
    if (mine.statement) await ask(mine);
    const outcome = await Proof.verdict.judge(mine, trust, words);
    if (turn !== judged) return;
    showKept();
    show(outcome);
  }

  function forget() { // a proof that came before its paper waits for it
    const waiting = shown.statement || shown.sha256 || shown.broken ? null : shown.inclusion;
    Object.assign(shown, { statement: null, sha256: "", inclusion: waiting, broken: false });
  }

  function takeText(text) {
    part("text").value = text;
    if (!text.trim()) return say("请先扫二维码，或把码里的文字粘贴到上面");
    if (/\/check\/[^#]*$/.test(text.trim())) return say(words.unsigned);
    try {
      const found = Proof.statement.inText(text);
      Proof.statement.read(found);
      shown.statement = found;
    } catch (wrong) {
      return say(words.unreadable);
    }
    return true;
  }

  async function judgeText(text) {
    judged += 1;
    forget();
    if (takeText(text)) await judge();
  }

  // --- files: a PDF, a proof of inclusion, a photograph; nothing is kept -----------------------------------------------

  async function takePdf(name, bytes) {
    const taken = { statement: null, sha256: "", broken: false };
    Object.assign(shown, taken);
    try {
      const found = Proof.statement.inFile(bytes);
      if (found) Proof.statement.read(found);
      taken.statement = found;
    } catch (broken) {
      taken.broken = true;
    }
    const isOurs = taken.statement || taken.broken;
    if (!isOurs && LOCKED.test(new TextDecoder("latin1").decode(bytes))) return say(filled(words.locked, { name: name }));
    taken.sha256 = Proof.notes.hex(await Proof.notes.sha256(bytes));
    Object.assign(shown, taken);
    return true;
  }

  async function takeFile(file) {
    if (!file.size) return say(filled(words.empty_file, { name: file.name }));
    if (file.size > MOST_BYTES) return say("“" + file.name + "”超过 20 MB，文书都比这小，请核对是否选错了文件");
    if (file.type.indexOf("image/") === 0) return takePhoto(file);
    const bytes = new Uint8Array(await file.arrayBuffer()), head = new TextDecoder("latin1").decode(bytes.slice(0, 1024));
    if (/^(\{|eyJ)/.test(head)) return say(words.portable);
    if (head.indexOf("%PDF-") >= 0 || /\.pdf$/i.test(file.name)) return takePdf(file.name, bytes);
    if (Proof.notes.isProof(head)) {
      try {
        shown.inclusion = Proof.notes.readInclusion(new TextDecoder().decode(bytes));
        return true;
      } catch (wrong) { /* said below */ }
    }
    return say(filled(words.no_paper, { name: file.name }));
  }

  async function takePhoto(file) {
    let text = "";
    try { text = await Proof.scan.inPhoto(file); } catch (wrong) { text = ""; }
    forget(); // one paper at a time: a file that came with it may be another
    return text ? takeText(text) : say("照片里没有认出二维码。请对正、凑近、避开反光再拍一张，或用别的扫码软件扫出文字粘贴到这里");
  }

  async function takeFiles(files) {
    const proofs = [], others = [];
    for (const file of files) (/\.txt$/i.test(file.name) ? proofs : others).push(file);
    const turn = ++judged;
    if (others.length) forget();
    if (others.length) part("text").value = "";
    let taken = false;
    for (const file of others.concat(proofs)) taken = (await takeFile(file)) || taken;
    if (!taken || turn !== judged) return;
    if (shown.statement || shown.sha256) await judge();
    else say(words.proof_alone);
  }

  // --- the page -------------------------------------------------------------------------------------------------------

  function stopCamera() {
    if (camera) camera.stop();
    camera = null;
    part("camera").hidden = true;
    part("scan").hidden = false;
  }

  async function scan() {
    part("camera").hidden = false;
    part("scan").hidden = true;
    try {
      camera = await Proof.scan.watch(part("video"), function (text) { stopCamera(); judgeText(text); });
    } catch (none) {
      stopCamera();
      say("打不开相机：没有相机，或没有准许本页使用。请选一张照片，或用别的扫码软件扫出文字粘贴到这里");
    }
  }

  async function paste() {
    try {
      await judgeText(await navigator.clipboard.readText());
    } catch (refused) {
      say("浏览器不让读剪贴板，请在框里长按或按 Ctrl+V 粘贴");
      part("text").focus();
    }
  }

  async function renew() {
    document.body.dataset.ready = "no";
    last = await Proof.trust.refresh(addresses);
    asked = Date.now();
    trust = await Proof.trust.load();
    showKept();
    document.body.dataset.ready = "yes";
  }
  async function refresh() { // once at a time
    asking = asking || renew();
    try { await asking; } finally { asking = null; }
  }

  function drop(event) {
    event.preventDefault();
    if (event.dataTransfer && event.dataTransfer.files.length) takeFiles(event.dataTransfer.files);
  }

  part("judge").addEventListener("click", function () {
    if (part("text").value.trim() || !shown.sha256) judgeText(part("text").value);
    else judge();
  });
  part("scan").addEventListener("click", scan);
  part("stop").addEventListener("click", stopCamera);
  part("paste").addEventListener("click", paste);
  part("refresh").addEventListener("click", async function () {
    await refresh();
    if (!part("result").hidden) await judge(); // what is shown was judged by what was kept before
  });
  part("files").addEventListener("change", function (event) {
    takeFiles(Array.from(event.target.files));
    event.target.value = "";
  });
  root.addEventListener("dragover", function (event) { event.preventDefault(); });
  root.addEventListener("drop", drop);
  window.addEventListener("online", refresh);
  window.addEventListener("offline", refresh);

  if (!window.crypto || !crypto.subtle) { say("本页要在 https 地址下、用较新的浏览器打开，才能验签名"); return; }
  if (navigator.serviceWorker) navigator.serviceWorker.register(root.dataset.worker, { scope: root.dataset.scope }).catch(function () {});
  refresh().then(function () {
    if (location.hash.length > 1) judgeText(location.hash);
  });
})();
