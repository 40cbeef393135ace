// Ticks outlast searching, filtering and turning pages. A form marked data-ticks remembers in this tab which rows are
// ticked; those that the page does not show are sent along, and the form says how many they are. They are forgotten when
// the server has done what was asked for, and after two hours.
(function () {
  "use strict";
  var HOURS = 2;
  var account = document.body.dataset.account;
  var forms = document.querySelectorAll("form[data-ticks]");
  var store;
  try { store = window.sessionStorage; } catch (refused) { return; } // a browser may forbid it
  if (!account) return;

  function read(key) {
    try {
      var kept = JSON.parse(store.getItem(key));
      return kept && Date.now() - kept.at < HOURS * 3600 * 1000 ? kept : null;
    } catch (broken) { return null; }
  }
  function forgetWhatWasDone() {
    Object.keys(store).filter(function (key) { return key.indexOf("ticks:") === 0; }).forEach(function (key) {
      var kept = read(key);
      if (!kept || document.cookie.indexOf("saved-" + kept.id + "=") >= 0) store.removeItem(key);
    });
  }

  function watch(form) {
    var boxes = Array.prototype.slice.call(form.querySelectorAll("[data-tick]"));
    var key = "ticks:" + account + ":" + location.pathname + "#" + form.dataset.ticks;
    var kept = read(key) || { id: "t" + Date.now().toString(36) + Math.random().toString(36).slice(2, 10), values: [] };
    var note = form.querySelector("[data-ticks-elsewhere]");
    var shown = boxes.map(function (box) { return box.value; });
    var elsewhere = kept.values.filter(function (value) { return shown.indexOf(value) < 0; });

    function hide(name, value) {
      var field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      form.appendChild(field);
      return field;
    }
    function remember() {
      var ticked = boxes.filter(function (box) { return box.checked; }).map(function (box) { return box.value; });
      kept.values = elsewhere.concat(ticked);
      kept.at = Date.now();
      if (kept.values.length) store.setItem(key, JSON.stringify(kept));
      else store.removeItem(key);
    }

    boxes.forEach(function (box) { if (kept.values.indexOf(box.value) >= 0) box.checked = true; });
    hide("copy", kept.id);
    var sent = elsewhere.map(function (value) {
      var field = hide(form.dataset.ticks, value);
      field.dataset.tickElsewhere = "";
      return field;
    });
    if (note && sent.length) {
      note.hidden = false;
      note.querySelector("b").textContent = sent.length;
      note.querySelector("button").addEventListener("click", function () {
        sent.forEach(function (field) { field.remove(); });
        elsewhere = [];
        note.hidden = true;
        remember();
        form.dispatchEvent(new Event("ticks", { bubbles: true }));
      });
    }
    remember();
    form.addEventListener("change", function (event) {
      if (event.target.matches("[data-tick], [data-tick-all]")) setTimeout(remember, 0); // after the head's box has done its work
    });
  }

  forgetWhatWasDone();
  forms.forEach(watch);
})();
