// The class teacher's page goes on without a network. Each touch is kept in this browser's own database (IndexedDB) with
// its time and an id before it is sent, and goes from there only when the server has answered for that id: what is sent
// twice does nothing twice. A service worker below the link's address keeps the pages of the link (caches), so that a
// closed browser opens them again. The words are those of templates/training_teacher/words.html.
//
// What lies here is not sealed as copies of forms are (typed.js): the page must open without the server, so the key would
// lie beside it. It is kept small instead: names, no numbers; ticks go when they are sent, everything when the link ends.
(function () {
  "use strict";
  var root = document.querySelector("[data-teacher]");
  if (!root) return;
  var base = root.dataset.teacher;
  var STORE = "teacher:" + base;
  var MOST = 500, PATIENCE = 15000, AGAIN = 15000, FRESH = 3600000;
  var live = document.getElementById("live");
  var net = document.querySelector("[data-net]");
  var queue = [];
  var offset = null; // what is to be added to this clock, in milliseconds; null until the server was heard
  var off = false, sending = false, unread = false;
  var fresh = null; // what the server last said of the half-day
  var stamp = ""; // and by what it knows that again
  var db;

  function word(name, values) {
    var text = document.getElementById("teacher-words").content.querySelector("[data-word='" + name + "']").textContent;
    return text.replace(/\{(\w+)\}/g, function (all, key) { return values[key]; });
  }
  function all(selector, within) {
    return Array.prototype.slice.call((within || document).querySelectorAll(selector));
  }

  // --- the browser's database -----------------------------------------------------------------------------------------

  function open() {
    return window.ownStore.open(STORE, function (made) {
      made.createObjectStore("ticks", { keyPath: "n", autoIncrement: true });
      made.createObjectStore("facts");
    });
  }
  function work(name, mode, use) { return window.ownStore.work(db, name, mode, use); }
  function load() {
    return Promise.all([
      work("ticks", "readonly", function (ticks) { return ticks.getAll(); }),
      work("facts", "readonly", function (facts) { return facts.get("offset"); }),
    ]).then(function (found) {
      queue = found[0];
      if (offset === null && typeof found[1] === "number") offset = found[1];
    });
  }
  function add(tick) {
    return work("ticks", "readwrite", function (ticks) { return ticks.add(tick); }).then(load);
  }
  function drop(ids) {
    return work("ticks", "readwrite", function (ticks) {
      queue.forEach(function (tick) { if (ids.indexOf(tick.id) >= 0) ticks.delete(tick.n); });
    }).then(load);
  }
  function markTried(some) {
    return work("ticks", "readwrite", function (ticks) {
      some.forEach(function (tick) { tick.tried = true; ticks.put(tick); });
    });
  }

  // --- touches --------------------------------------------------------------------------------------------------------

  function placeOf(tick) { return [tick.enrolment, tick.date, tick.half_day, tick.kind].join(); }
  function lastOf(place) {
    return queue.filter(function (tick) { return placeOf(tick) === place; }).pop();
  }
  function touch(fields) {
    var last = lastOf(placeOf(fields));
    if (last && last.do === fields.do) return Promise.resolve(); // a second touch of the same
    fields.id = window.ownStore.newId();
    fields.at = Date.now();
    fields.offset = offset;
    return add(fields).then(function () { draw(); send(); });
  }
  function cancel(tick) {
    if (!tick.tried) return drop([tick.id]).then(draw); // it has never left this phone
    var back = { reason: word("taken-back") };
    ["enrolment", "date", "half_day", "kind", "name", "label"].forEach(function (key) { back[key] = tick[key]; });
    back.do = "undo";
    return touch(back);
  }
  document.addEventListener("submit", function (event) { // before app.js, which marks the form as sent
    var form = event.target;
    if (!form.matches("[data-touch]") || !db) return; // without the database it is a plain form
    event.preventDefault();
    var value = function (name) { return form.elements[name] ? form.elements[name].value : ""; };
    var stop = document.querySelector("[data-ends][aria-current]");
    var side = form.closest("[data-side]");
    touch({
      do: value("do"), enrolment: value("enrolment"), kind: value("kind"), reason: value("reason"),
      date: live.dataset.date, half_day: live.dataset.halfDay,
      name: form.closest("[data-person]").querySelector("b").textContent,
      label: stop.textContent + " " + document.querySelector("label[for='side-" + side.dataset.side + "']").textContent,
    });
  }, true);

  // --- what the page shows: the server's list, and over it what waits on this phone ----------------------------------------

  function clockOf(tick) { // in Shanghai, wherever the phone thinks that it is
    return new Date(tick.at + (tick.offset || 0) + 8 * 3600000).toISOString().slice(11, 16);
  }
  function keptRow(tick) {
    var row = document.getElementById("kept-row").content.cloneNode(true).firstElementChild;
    var button = row.querySelector("button");
    row.dataset.person = tick.enrolment;
    row.querySelector("b").textContent = tick.name;
    row.querySelector(".lj-note").textContent = word("kept", { time: clockOf(tick) });
    button.setAttribute("aria-label", word("cancel", { name: tick.name }));
    button.addEventListener("click", function () { cancel(tick); });
    return row;
  }
  function lay(tick) {
    var side = live.querySelector("[data-side='" + tick.kind + "']");
    var row = side.querySelector("[data-list=absent] [data-person='" + tick.enrolment + "']");
    var signed = side.querySelector("[data-list=signed] [data-person='" + tick.enrolment + "']");
    if (tick.do === "tick") {
      if (row) row.remove();
      side.querySelector("[data-list=kept]").prepend(keptRow(tick));
    } else if (signed) {
      signed.querySelector(".lj-note").textContent = word("undoing");
      signed.querySelector("details").remove();
    }
  }
  function count(side) {
    var kept = all("[data-list=kept] > li", side).length, absent = all("[data-list=absent] > li", side).length;
    all("[data-only-kept]", side).forEach(function (part) { part.hidden = !kept; });
    side.querySelector("[data-count=kept]").textContent = kept;
    side.querySelector("[data-count=absent]").textContent = absent;
    side.querySelector("[data-count=signed]").textContent = all("[data-list=signed] > li", side).length + kept;
    side.querySelector("[data-all-here]").hidden = absent > 0;
  }
  function draw() {
    say();
    if (!live) return;
    var place = placeOfFocus();
    live.replaceChildren.apply(live, Array.prototype.map.call(fresh.childNodes, function (node) { return node.cloneNode(true); }));
    var last = {};
    queue.forEach(function (tick) {
      if (tick.date === live.dataset.date && tick.half_day === live.dataset.halfDay) last[placeOf(tick)] = tick;
    });
    Object.keys(last).forEach(function (key) { lay(last[key]); });
    all("[data-side]", live).forEach(count);
    if (place) focusAt(place);
  }
  // Who ticks with a keyboard goes on with the next name.
  function placeOfFocus() {
    var row = live.contains(document.activeElement) && document.activeElement.closest("[data-person]");
    if (!row) return null;
    var list = row.parentElement;
    return { side: row.closest("[data-side]").dataset.side, list: list.dataset.list, index: Array.prototype.indexOf.call(list.children, row) };
  }
  function focusAt(place) {
    var list = live.querySelector("[data-side='" + place.side + "'] [data-list=" + place.list + "]");
    var row = list && (list.children[place.index] || list.lastElementChild);
    var button = row && row.querySelector("button, summary");
    if (button) button.focus({ preventScroll: true });
  }
  function say() {
    if (!net) return;
    var n = queue.length;
    net.hidden = !(off || unread);
    net.querySelector("b").textContent = net.hidden ? "" : word(unread ? "unread" : n ? "off" : "off-none", { n: n });
    net.querySelector("[data-send-now]").hidden = !n;
    all("[data-needs-network], [data-ends]:not([data-keep]):not([aria-current])").forEach(function (part) { part.hidden = off; });
  }

  // A page that was kept when it was opened shows the list as the server told it last, also after the browser was closed.
  function listKey() { return "list " + live.dataset.date + " " + live.dataset.halfDay; }
  function keepList(told) {
    var list = { at: Number(told.getResponseHeader("X-Told-At")), html: live.innerHTML };
    work("facts", "readwrite", function (facts) { return facts.put(list, listKey()); });
  }
  function showKeptList() {
    return work("facts", "readonly", function (facts) { return facts.get(listKey()); }).then(function (kept) {
      if (kept && kept.at > Number(live.dataset.at)) live.innerHTML = kept.html;
    });
  }

  // A page that was kept yesterday is touched from its own hour on.
  function openByTheClock() {
    if (!live || offset === null) return;
    var now = Date.now() + offset, ahead = now < Number(live.dataset.opens), over = now >= Number(live.dataset.closes);
    live.classList.toggle("is-closed", ahead || over);
    all("[data-ahead]").forEach(function (note) { note.hidden = !ahead; });
    all("[data-over]").forEach(function (note) { note.hidden = !over; });
  }

  // --- sending --------------------------------------------------------------------------------------------------------

  function post(ticks) {
    var stop = new AbortController();
    var patience = setTimeout(function () { stop.abort(); }, PATIENCE);
    var began = Date.now();
    return fetch(root.dataset.send, {
      method: "POST", credentials: "same-origin", signal: stop.signal,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ now: began, ticks: ticks }),
    }).then(function (answer) {
      if (answer.status === 400) return { status: 400 };
      if (answer.status !== 200 && answer.status !== 410) throw new Error("no answer");
      return answer.json().then(function (told) {
        offset = told.now - Math.round((began + Date.now()) / 2);
        return { status: answer.status, answers: told.answers };
      });
    }).finally(function () { clearTimeout(patience); });
  }
  // A network that is known to be dead is asked with nothing first: what never left this phone is cancelled without a trace.
  function send() {
    if (sending) return Promise.resolve();
    sending = true;
    var wasOff = off, some = off ? [] : queue.slice(0, MOST);
    return markTried(some).then(function () { return post(some); }).then(function (told) {
      sending = off = false;
      unread = told.status === 400;
      if (unread) return say();
      work("facts", "readwrite", function (facts) { return facts.put(offset, "offset"); });
      var ids = told.answers.map(function (answer) { return answer.id; });
      return drop(ids).then(function () {
        if (told.status === 410) { location.replace(base); return; }
        if (ids.length && live) window.htmx.trigger(live, "refresh");
        draw();
        openByTheClock();
        keepPages();
        if (queue.length && (wasOff || ids.length)) send();
      });
    }).catch(function () { sending = false; off = true; say(); });
  }

  // --- opening it again without a network ---------------------------------------------------------------------------------

  var isKeeping = false;
  function isFresh(answer) { // a poor network does not bring everything anew each time that the page is opened
    return Date.now() + offset - Date.parse(answer.headers.get("Date")) < FRESH;
  }
  function keepPages() {
    if (isKeeping) return;
    isKeeping = true;
    var cannot = function () { all("[data-no-worker]").forEach(function (note) { note.hidden = false; }); };
    if (!navigator.serviceWorker || !window.caches) return cannot(); // without HTTPS there are none
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
    navigator.serviceWorker.register(root.dataset.worker, { scope: base }).catch(cannot);
    var own = all("a[data-keep]").map(function (link) { return link.href; });
    var parts = all("link[rel=stylesheet], link[rel=icon]").map(function (link) { return link.href; });
    var scripts = all("script[src]").map(function (script) { return script.src; });
    var others = all("a[data-keep]:not([aria-current])").map(function (link) { return link.href; });
    var wanted = [new URL(base, location.href).href].concat(parts, scripts, own);
    caches.open(STORE).then(function (cache) {
      return wanted.reduce(function (before, address) {
        return before.then(function () { return cache.match(address); }).then(function (found) {
          if (found && others.indexOf(address) >= 0 && isFresh(found)) return null;
          return fetch(address, { credentials: "same-origin" }).then(function (answer) {
            if (answer.ok) return cache.put(address, answer);
          });
        });
      }, Promise.resolve()).then(function () { return cache.keys(); }).then(function (kept) {
        kept.forEach(function (request) { if (wanted.indexOf(request.url) < 0) cache.delete(request); });
        return navigator.serviceWorker.ready;
      }).then(function () { root.dataset.kept = "yes"; });
    }).catch(function () { isKeeping = false; }); // the network went meanwhile: what was kept before is kept
  }
  // The link's own address shows the half-day that is on, also when its page is one that was kept before.
  function toTheHalfDayThatIsOn() {
    if (location.pathname !== base || offset === null) return; // whose clock is wrong would be led astray
    var now = Date.now() + offset;
    var on = all("a[data-ends]").filter(function (stop) { return Number(stop.dataset.ends) > now; })[0];
    if (on && !on.hasAttribute("aria-current")) location.replace(on.href);
  }

  // --- a link that has ended ----------------------------------------------------------------------------------------------

  function forget() {
    db.close();
    window.indexedDB.deleteDatabase(STORE);
    if (window.caches) caches.delete(STORE);
    if (navigator.serviceWorker) navigator.serviceWorker.getRegistration(base).then(function (own) { if (own) own.unregister(); });
    document.querySelector("[data-left]").hidden = true;
    document.querySelector("[data-nothing-left]").hidden = false;
  }
  function showLeft() {
    if (!queue.length) { forget(); return; }
    document.querySelector("[data-left]").hidden = false;
    document.querySelector("[data-count=left]").textContent = queue.length;
    document.getElementById("left-text").value = queue.map(function (tick) {
      return [tick.label, tick.name, clockOf(tick), tick.do === "undo" ? "取消（" + tick.reason + "）" : ""].join(" ").trim();
    }).join("\n");
  }
  function copy() {
    var text = document.getElementById("left-text");
    var done = function () { document.querySelector("[data-copied]").textContent = "已复制"; };
    text.select();
    if (navigator.clipboard) navigator.clipboard.writeText(text.value).then(done, function () {});
    else if (document.execCommand("copy")) done();
  }
  function startEnded() {
    // What arrived before the link ended is not left, though its answer was lost.
    post(queue.slice(0, MOST)).then(function (told) {
      return told.answers && drop(told.answers.map(function (answer) { return answer.id; }));
    }).catch(function () {}).then(showLeft);
    document.querySelector("[data-copy]").addEventListener("click", copy);
    document.querySelector("[data-forget]").addEventListener("click", forget);
  }

  function start() {
    if (live) {
      fresh = live.cloneNode(true);
      // What was opened before this script was ready would be open in every drawing, and no list would come in its place.
      all("details[open]", fresh).forEach(function (part) { part.open = false; });
      live.addEventListener("htmx:beforeRequest", function (event) { if (off) event.preventDefault(); });
      live.addEventListener("htmx:configRequest", function (event) {
        if (stamp) event.detail.headers["If-None-Match"] = stamp;
      });
      live.addEventListener("htmx:beforeSwap", function (event) {
        if (live.querySelector("details[open]")) event.detail.shouldSwap = false; // somebody is being taken back
      });
      live.addEventListener("htmx:responseError", function (event) {
        if (event.detail.xhr.status === 410) location.replace(base);
      });
      live.addEventListener("htmx:afterSwap", function (event) {
        stamp = event.detail.xhr.getResponseHeader("ETag");
        keepList(event.detail.xhr);
        fresh = live.cloneNode(true);
        draw();
      });
    }
    off = navigator.onLine === false;
    draw();
    toTheHalfDayThatIsOn();
    openByTheClock();
    setInterval(function () { toTheHalfDayThatIsOn(); openByTheClock(); }, 60000);
    send();
    setInterval(function () { if (off || queue.length) send(); }, AGAIN);
    window.addEventListener("online", send);
    window.addEventListener("offline", function () { off = true; say(); });
    document.querySelector("[data-send-now]").addEventListener("click", send);
  }

  open().then(function (opened) { db = opened; return load(); }).then(function () {
    if ("ended" in root.dataset) return startEnded();
    return Promise.resolve(live && showKeptList()).then(start);
  }).catch(function () {
    if (net) { net.hidden = false; net.querySelector("b").textContent = word("store"); }
  });
})();
