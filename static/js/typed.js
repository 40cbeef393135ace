// What is typed is not lost. A form marked data-typed keeps a copy in this browser until the server has saved it, and asks
// before it is left; where it is marked data-autosave as well, it sends itself while one types. Its
// [data-typed-says] tells what is true at the moment. The words are those of templates/parts/typed.html.
//
// A copy lies in the browser's store only in the account's own cipher, whose key comes with the account's pages; where the
// browser has none (no HTTPS), it lies in the tab and goes with it. Passwords, files and ID numbers are never in it. It
// goes when the server has saved it, when somebody else signs out at this browser, and after three days.
(function () {
  "use strict";
  var PREFIX = "typed:";
  var DAYS = 3;
  var COPY_AFTER = 300;
  var SAVE_AFTER = 1500;
  var LONG_NUMBER = /\d{14,}[\dXx]/; // 15 or 18: an ID number, with or without blanks between
  var body = document.body;
  var account = body.dataset.account;
  var words = document.getElementById("typed-words");
  var subtle = window.crypto && window.crypto.subtle;
  var store = storeOf(subtle ? "localStorage" : "sessionStorage");
  var key = account && subtle ? subtle.importKey("raw", bytes(body.dataset.copyKey), "AES-GCM", false, ["encrypt", "decrypt"]) : null;

  function storeOf(name) {
    try { return window[name]; } catch (refused) { return null; } // a browser may forbid it
  }
  function bytes(text) {
    return Uint8Array.from(atob(text), function (sign) { return sign.charCodeAt(0); });
  }
  function text(buffer) {
    return btoa(Array.prototype.map.call(new Uint8Array(buffer), function (byte) { return String.fromCharCode(byte); }).join(""));
  }

  // --- copies ---------------------------------------------------------------------------------------------------------

  function seal(copy) {
    var plain = JSON.stringify(copy);
    if (!key) return Promise.resolve(JSON.stringify({ at: copy.at, plain: plain }));
    var iv = window.crypto.getRandomValues(new Uint8Array(12));
    return key.then(function (own) {
      return subtle.encrypt({ name: "AES-GCM", iv: iv }, own, new TextEncoder().encode(plain));
    }).then(function (sealed) {
      return JSON.stringify({ at: copy.at, iv: text(iv), sealed: text(sealed) });
    });
  }
  function open(name) {
    var kept = JSON.parse(store.getItem(name));
    if (kept.plain) return Promise.resolve(JSON.parse(kept.plain));
    return key.then(function (own) {
      return subtle.decrypt({ name: "AES-GCM", iv: bytes(kept.iv) }, own, bytes(kept.sealed));
    }).then(function (plain) { return JSON.parse(new TextDecoder().decode(plain)); });
  }
  function names(start) {
    var found = [];
    for (var i = 0; store && i < store.length; i++) if (store.key(i).indexOf(start) === 0) found.push(store.key(i));
    return found;
  }
  function drop(name) {
    if (store) store.removeItem(name);
  }
  function dropCopy(id) {
    names(PREFIX).forEach(function (name) { if (name.slice(-id.length - 1) === "@" + id) drop(name); });
  }
  function ageOf(name) {
    try { return Date.now() - JSON.parse(store.getItem(name)).at; } catch (broken) { return Infinity; }
  }
  function sweep() {
    names(PREFIX).forEach(function (name) { if (!(ageOf(name) < DAYS * 24 * 3600 * 1000)) drop(name); });
    document.cookie.split("; ").forEach(function (cookie) {
      var saved = /^saved-([a-z0-9]+)=/.exec(cookie);
      if (!saved) return;
      dropCopy(saved[1]);
      document.cookie = "saved-" + saved[1] + "=; Max-Age=0; Path=/";
    });
  }

  // --- what stands in a form ------------------------------------------------------------------------------------------

  function remembered(field) { // by ticks.js
    return field.matches("form[data-ticks] :is([data-tick], [data-tick-all]), [data-tick-elsewhere]");
  }
  function each(form, use) {
    var seen = {};
    Array.prototype.forEach.call(form.elements, function (field) {
      if (!field.name || /^(password|file|submit|button|reset|image)$/.test(field.type) || field.type === undefined) return;
      if (/^(fieldset|output|object)$/.test(field.type) || /^(csrfmiddlewaretoken|copy)$/.test(field.name)) return;
      if (field.closest("[data-never-kept]") || remembered(field)) return;
      var ticked = field.type === "checkbox" || field.type === "radio";
      var which = ticked ? field.value : (seen[field.name] = (seen[field.name] || 0) + 1);
      use(field.name + "|" + which, field, ticked);
    });
  }
  // Passwords are never kept, and one box alone is ticked again (luojiang_ce/home/forms.py says the same of errors).
  function isWorthKeeping(form) {
    var kinds = [];
    each(form, function (name, field) { if (field.type !== "hidden") kinds.push(field.type); });
    return kinds.length > 1 || (kinds.length === 1 && kinds[0] !== "checkbox");
  }
  function valueOf(field, ticked) {
    if (ticked) return field.checked;
    if (field.type !== "select-multiple") return field.value;
    return Array.prototype.map.call(field.selectedOptions, function (option) { return option.value; }).join("\n");
  }
  function snapshot(form) {
    var fields = {};
    each(form, function (name, field, ticked) {
      var value = valueOf(field, ticked);
      if (typeof value === "string" && LONG_NUMBER.test(value.replace(/[\s-]/g, ""))) return;
      fields[name] = value;
    });
    return fields;
  }
  // A row of a table is known by its hidden id: what was typed beside one person is never put beside another.
  function moved(form, fields) {
    var rows = {};
    each(form, function (name, field) {
      var row = /^(.*-\d+-)id\|1$/.exec(name);
      if (row && field.type === "hidden" && fields[name] !== field.value) rows[row[1]] = true;
    });
    return rows;
  }
  function differing(form, fields) {
    var elsewhere = moved(form, fields);
    var found = [];
    each(form, function (name, field, ticked) {
      var row = /^(.*-\d+-)/.exec(name);
      if (!(name in fields) || (row && elsewhere[row[1]])) return;
      if (valueOf(field, ticked) !== fields[name]) found.push({ field: field, ticked: ticked, value: fields[name] });
    });
    return found;
  }
  function typedIn(form, fields) { // what the page itself carries (version, what it showed) is nobody's typing
    return differing(form, fields).filter(function (each) { return each.field.type !== "hidden"; });
  }
  function put(each) {
    if (each.ticked) each.field.checked = each.value;
    else if (each.field.type === "select-multiple") {
      var chosen = each.value.split("\n");
      Array.prototype.forEach.call(each.field.options, function (option) { option.selected = chosen.indexOf(option.value) >= 0; });
    } else each.field.value = each.value;
  }

  // What the list on the start page calls a copy: the page, and before it the case that it is about.
  function called() {
    var crumbs = document.querySelectorAll(".lj-crumb > *");
    var title = document.title.split(" · ")[0];
    var about = crumbs.length > 1 ? crumbs[crumbs.length - 2].textContent.trim() : "";
    return about && title.indexOf(about) < 0 ? about + "：" + title : title;
  }

  // --- one form -------------------------------------------------------------------------------------------------------

  function watch(form) {
    var place = here();
    var id = "c" + Date.now().toString(36) + Math.random().toString(36).slice(2, 10);
    var says = form.querySelector("[data-typed-says]");
    var itself = form.hasAttribute("data-autosave") && autosaves();
    var changes = 0;
    var saved = 0; // changes up to here are the server's
    var chosen = false; // a file: asked about before the page is left
    var sending = false;
    var underWay = null;
    var copyTimer, saveTimer;
    var sent = document.createElement("input"); // by it the server says which copy it has saved
    sent.type = "hidden";
    sent.name = "copy";
    sent.value = id;

    function here() {
      return PREFIX + account + ":" + location.pathname + location.search + "#" + (form.dataset.typed || form.id);
    }
    function autosaves() {
      return location.pathname + location.search + (location.search ? "&" : "?") + "autosave=1";
    }
    function goOnAt(url) { // what was new is there now, and has an address of its own
      drop(place + "@" + id);
      history.replaceState(null, "", url);
      place = here();
      itself = autosaves();
    }
    function say(sentence) {
      if (says) says.textContent = sentence;
    }
    function keep() {
      clearTimeout(copyTimer);
      var mine = changes;
      if (!store || mine === saved) return Promise.resolve();
      return seal({ at: Date.now(), title: called(), fields: snapshot(form) }).then(function (sealed) {
        if (mine === saved) return;
        store.setItem(place + "@" + id, sealed);
        if (!itself && mine === changes) say(words.dataset.kept);
      }).catch(function () { if (!itself) say(words.dataset.changed); }); // the store is full or forbidden
    }
    function changed(event) {
      if (event && remembered(event.target)) return;
      if (event && event.target.type === "file") { chosen = true; return; } // files are never kept
      if ((event && event.target.type === "password") || !isWorthKeeping(form)) return;
      changes += 1;
      say(words.dataset.changed);
      clearTimeout(copyTimer);
      copyTimer = setTimeout(keep, COPY_AFTER);
      if (!itself) return;
      clearTimeout(saveTimer);
      saveTimer = setTimeout(save, SAVE_AFTER);
    }
    function withoutFiles() {
      var typed = new FormData(form);
      form.querySelectorAll("input[type=file]").forEach(function (field) { typed.delete(field.name); });
      return typed;
    }
    function save() {
      if (underWay || sending || changes === saved) return;
      var mine = changes;
      underWay = fetch(itself, {
        method: "POST", body: withoutFiles(), headers: { Accept: "application/json" }, credentials: "same-origin", redirect: "error",
      }).then(function (answer) {
        if (answer.status === 401) return { text: words.dataset.ended };
        var told = (answer.headers.get("Content-Type") || "").indexOf("application/json") === 0;
        return told ? answer.json().then(function (said) { said.done = answer.ok; return said; }) : { text: words.dataset.refused };
      }).catch(function () {
        return { text: words.dataset.offline };
      }).then(function (said) {
        underWay = null;
        if (said.version !== undefined) form.elements.version.value = said.version; // from which it goes on
        if (said.url) goOnAt(said.url);
        if (said.done) {
          saved = mine;
          if (changes === mine) drop(place + "@" + id);
        }
        if (changes === mine) say(said.text);
        else saveTimer = setTimeout(save, SAVE_AFTER);
      });
    }

    form.addEventListener("input", changed);
    form.addEventListener("change", changed);
    form.addEventListener("submit", function (event) {
      clearTimeout(saveTimer);
      if (underWay && form.requestSubmit) { // its version has to come back first
        var button = event.submitter;
        event.preventDefault();
        underWay.then(function () { form.requestSubmit(button); });
        return;
      }
      sending = true;
      form.appendChild(sent);
      keep();
    });
    window.addEventListener("pageshow", function () { sending = false; });
    window.addEventListener("pagehide", keep);
    window.addEventListener("beforeunload", function (event) {
      if (sending || (changes === saved && !chosen)) return;
      event.preventDefault();
      event.returnValue = "";
    });

    var again = form.getAttribute("data-unsaved");
    if (again === null) {
      offer(form, place, changed);
    } else { // shown again with what was typed: there is nothing to offer, and this page keeps it from now on
      again.split(" ").filter(Boolean).forEach(dropCopy);
      if (isWorthKeeping(form)) changes = 1;
      keep();
    }
  }

  // --- what a copy holds that the page does not -------------------------------------------------------------------------

  function offer(form, place, changed) { // the newest alone; the one before it where that is not wanted
    Promise.all(names(place + "@").map(function (name) {
      return open(name).then(function (copy) {
        if (typedIn(form, copy.fields).length) return { name: name, copy: copy };
        drop(name);
      }).catch(function () { drop(name); }); // of another key: nobody can read it any more
    })).then(function (found) {
      offerNext(form, found.filter(Boolean).sort(function (one, other) { return other.copy.at - one.copy.at; }), changed);
    });
  }
  function offerNext(form, found, changed) {
    var newest = found[0];
    if (!newest) return;
    show(form, newest.copy, function () {
      differing(form, newest.copy.fields).forEach(put);
      drop(newest.name);
      changed();
    }, function () {
      drop(newest.name);
      offerNext(form, found.slice(1), changed);
    });
  }
  function show(form, copy, restore, forget) {
    var box = document.getElementById("typed-offer").content.firstElementChild.cloneNode(true);
    box.querySelector("[data-when]").textContent = when(copy.at);
    box.querySelector("[data-how-many]").textContent = typedIn(form, copy.fields).length;
    box.querySelector("[data-restore]").addEventListener("click", function () { restore(); box.remove(); });
    box.querySelector("[data-forget]").addEventListener("click", function () { forget(); box.remove(); });
    form.parentNode.insertBefore(box, form);
  }
  function when(at) {
    var day = new Date(at);
    function two(number) { return (number < 10 ? "0" : "") + number; }
    return day.getMonth() + 1 + "月" + day.getDate() + "日 " + two(day.getHours()) + ":" + two(day.getMinutes());
  }

  function list(section) {
    var listed = {};
    names(PREFIX + account + ":").forEach(function (name) {
      var address = name.slice((PREFIX + account + ":").length, name.lastIndexOf("#"));
      open(name).then(function (copy) {
        if (listed[address]) return;
        listed[address] = true;
        var link = document.createElement("a");
        link.href = address;
        link.textContent = copy.title.split(" · ")[0];
        var line = document.createElement("li");
        var forget = document.createElement("button");
        forget.type = "button";
        forget.className = "btn btn-sm btn-link p-0";
        forget.textContent = words.dataset.forget;
        forget.setAttribute("aria-label", words.dataset.forget + "：" + link.textContent);
        forget.addEventListener("click", function () {
          names(PREFIX + account + ":" + address + "#").forEach(drop);
          line.remove();
          section.hidden = !section.querySelector("li");
        });
        line.append(link, "　" + when(copy.at) + "　", forget);
        section.querySelector("ul").appendChild(line);
        section.hidden = false;
      }).catch(function () { drop(name); });
    });
  }

  // --- the page -------------------------------------------------------------------------------------------------------

  if (!store) return;
  sweep();
  if (!account) return;
  document.querySelectorAll("form[data-signs-out]").forEach(function (form) {
    form.addEventListener("submit", function () {
      names(PREFIX).forEach(function (name) { if (name.indexOf(PREFIX + account + ":") !== 0) drop(name); });
    });
  });
  document.querySelectorAll("form[data-typed]").forEach(watch);
  document.querySelectorAll("[data-typed-list]").forEach(list);
})();
