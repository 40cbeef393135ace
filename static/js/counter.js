// The counter without a mouse: ↑ ↓ change the person, space ticks, F2 F4 F8 decide. Every act is a plain form without this.
//
// It is loaded before anything is shown, since a hand scanner types while pages change. What is typed while one page goes
// and the next comes is carried over and taken there; a code of which a part may be lost is asked for again; and a key
// that decides holds only for the person who is shown, with nothing else under way.
(function () {
  "use strict";
  var KEYS = "counter-keys"; // of this tab: what was typed while the last page was leaving
  var CARRIED_FOR = 30 * 1000; // milliseconds
  var SETTLED_AFTER = 60; // milliseconds: a key that comes sooner is the middle of a code; nobody types so fast at a new page
  var BURST_GAP = 60; // milliseconds between two keys of a scanner
  var BURST_LENGTH = 4;
  var DECIDES = /^F[248]$/;
  var WRITING = /^(INPUT|TEXTAREA)$/;
  var began = performance.now();
  var carried = take();
  var typed = ""; // here, until it can be taken
  var missed = false; // a deciding key that came too early
  var leaving = false;
  var ready = false;
  var cut = false; // the code in the field may have lost a part between two pages
  var burst = { text: "", last: 0 };
  var table, rows, scan, says;

  // --- between two pages ------------------------------------------------------------------------------------------------

  function take() {
    try {
      var kept = JSON.parse(window.sessionStorage.getItem(KEYS)) || {};
      window.sessionStorage.removeItem(KEYS);
      return Date.now() - kept.at < CARRIED_FOR ? kept : {};
    } catch (refused) { return {}; } // a browser may forbid it
  }
  function carry() {
    if (!typed && !missed) return;
    try {
      window.sessionStorage.setItem(KEYS, JSON.stringify({ at: Date.now(), text: typed, missed: missed }));
    } catch (refused) { /* nothing is carried, and nothing is decided */ }
  }
  function collect(event) { // nothing that comes now reaches the page that is shown
    event.preventDefault();
    event.stopImmediatePropagation();
    if (DECIDES.test(event.key)) missed = true;
    else if (event.key === "Enter") typed += "\n";
    else if (event.key.length === 1) typed += event.key;
  }
  function goes(event) {
    if (event.defaultPrevented) return;
    leaving = true;
  }

  // --- what is done with keys -------------------------------------------------------------------------------------------

  function current() {
    return table && table.querySelector("tr.cur");
  }
  function step(by) {
    var next = rows[current() ? rows.indexOf(current()) + by : 0];
    var link = next && next.querySelector("[data-row]");
    if (link) link.click();
  }
  function tick() {
    var row = current();
    var box = row && row.querySelector("[data-tick]");
    if (box) box.click();
  }
  function say(sentence) {
    says.textContent = sentence;
    says.hidden = !sentence;
  }
  function empty() {
    scan.value = "";
    cut = false;
  }
  function decide(key) {
    var button = document.querySelector("#one [data-key='" + key + "']");
    if (scan.value.trim() !== scan.defaultValue.trim()) {
      say(says.dataset.waits);
      scan.focus({ preventScroll: true });
    } else if (button) button.click();
  }
  function find(text) {
    scan.value = text;
    scan.form.requestSubmit();
  }
  function enter(event) { // in the scan field
    if (!cut) return;
    event.preventDefault();
    empty();
    say(says.dataset.cut);
  }
  function follow(event) { // is it a scanner that types into a reason?
    if (event.timeStamp - burst.last > BURST_GAP) burst.text = "";
    burst.last = event.timeStamp;
    if (event.key.length === 1) burst.text += event.key;
  }
  function enterInReason(event) {
    event.preventDefault(); // Enter decides nobody
    var field = event.target;
    if (burst.text.length < BURST_LENGTH || field.value.slice(-burst.text.length) !== burst.text) return;
    field.value = field.value.slice(0, -burst.text.length);
    find(burst.text);
  }
  function isReason(target) {
    return target.matches("#why, #bulk-reason");
  }
  function inField(target) {
    return WRITING.test(target.tagName) && target.type !== "checkbox";
  }

  document.addEventListener("keydown", function (event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape") leaving = false; // the browser stops: the page stays
    if (leaving || !ready) { collect(event); return; }
    follow(event);
    var target = event.target;
    var signs = event.key.length === 1 && event.key !== " ";
    if (DECIDES.test(event.key)) {
      event.preventDefault();
      if (!event.repeat) decide(event.key);
    } else if (event.key === "Enter" && target === scan) {
      enter(event);
    } else if (event.key === "Enter" && isReason(target)) {
      enterInReason(event);
    } else if (signs && !inField(target)) { // the scanner types wherever the work was
      scan.select();
      scan.focus({ preventScroll: true });
      cut = cut || event.timeStamp - began < SETTLED_AFTER;
    } else if (signs && target === scan) {
      cut = cut || event.timeStamp - began < SETTLED_AFTER;
    } else if ((inField(target) && target.value !== "" && target !== scan) || /^(SELECT|BUTTON)$/.test(target.tagName)) {
      return;
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === " " && target.type !== "checkbox" && (target !== scan || scan.value === scan.defaultValue)) {
      event.preventDefault();
      tick();
    }
  }, true);
  document.addEventListener("submit", function (event) { if (!event.target.target) goes(event); });
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[href]");
    var stays = !link || link.target || event.ctrlKey || event.metaKey || event.shiftKey;
    if (!stays && link.pathname === window.location.pathname && link.search !== window.location.search) goes(event);
  });
  window.addEventListener("pagehide", carry);
  window.addEventListener("pageshow", function (event) { // the browser's back button
    if (!event.persisted) return;
    leaving = false;
    typed = "";
  });

  // --- the page ---------------------------------------------------------------------------------------------------------

  function intoSight(row) { // of the list, which has its own scroll bar: the page stays where it is
    var list = row && row.closest(".lj-roster");
    if (list) list.scrollTop = row.offsetTop - (list.clientHeight - row.offsetHeight) / 2;
  }
  function goOn() { // with what was typed before there was this page
    var all = (carried.text || "") + typed;
    var end = all.indexOf("\n");
    typed = "";
    if (carried.missed || missed) say(says.dataset.missed);
    missed = false;
    if (end >= 0) {
      typed = all.slice(end + 1);
      missed = Boolean(carried.missed);
      if (all.slice(0, end).trim()) find(all.slice(0, end));
      else typed = "";
    } else if (all) {
      scan.value = all;
      cut = true;
    }
  }
  document.addEventListener("DOMContentLoaded", function () {
    table = document.getElementById("roster");
    rows = table ? Array.prototype.slice.call(table.tBodies[0].rows) : [];
    scan = document.getElementById("scan");
    says = document.getElementById("scan-says");
    intoSight(current());
    var asked = document.querySelector("#one [aria-invalid], #bulk [aria-invalid]");
    var refused = document.querySelector(".lj-messages .is-late");
    if (refused) {
      refused.id = "refused";
      (asked || scan).setAttribute("aria-describedby", "refused");
    }
    (asked || scan).focus({ preventScroll: true });
    if (!asked) scan.select();
    ready = true;
    goOn();
  });
})();
