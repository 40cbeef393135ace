// The on-site sheet. What is typed, photographed and signed lies in this browser (IndexedDB) until the server has it: a
// lost network, a closed page or a phone without power loses nothing. It is sent once, under a number of its own, by
// itself as soon as there is a network. A worker for these pages alone opens them again meanwhile (visit-worker.js).
// Without this file the page is a plain form. The words are those of the page (#visit-words).
(function () {
  "use strict";
  var form = document.getElementById("visit");
  if (!form || !window.indexedDB || !window.Promise) return;
  var words = wordsOf(document.getElementById("visit-words").dataset);
  var KEY = form.dataset.visit;
  var CACHE = "visit";
  var KEEP_AFTER = 150, TRY_AGAIN = 15000, PEN = 0.008;
  var SHANGHAI = 8 * 3600 * 1000; // photographs are named by the hour of the district, whatever the phone's own is
  var SIGNING = ["signer", "signer_post", "refused", "refusal", "client_id", "csrfmiddlewaretoken"];
  var all = function (what, root) { return Array.prototype.slice.call((root || document).querySelectorAll(what)); };
  var one = function (what) { return document.querySelector(what); };
  var kept = { key: KEY, client: window.ownStore.newId(), values: null, strokes: {}, signed: {}, ready: false };
  var pictures = []; // {id, key, material, name, blob, sent}
  var sending = false, timer = null, said = "";

  function wordsOf(told) { // data-say-offline: what the page says where there is no network
    return Object.keys(told).reduce(function (found, name) {
      found[name.slice(3).toLowerCase()] = told[name];
      return found;
    }, {});
  }
  function put(text, values) {
    return text.replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
  }

  // --- the browser's store --------------------------------------------------------------------------------------------

  var base = window.ownStore.open("visits", function (made) {
    made.createObjectStore("sheets", { keyPath: "key" });
    made.createObjectStore("pictures", { keyPath: "id" }).createIndex("key", "key");
  });
  function stored(name, mode, use) {
    return base.then(function (db) { return window.ownStore.work(db, name, mode, use); });
  }
  function write(name, row) { // whether it is written
    return stored(name, "readwrite", function (store) { return store.put(row); }).then(
      function () { return true; },
      function () { tell(words.full); return false; }
    );
  }
  function keep() {
    clearTimeout(timer);
    timer = null;
    kept.values = values();
    return write("sheets", kept);
  }
  function keepSoon() {
    kept.ready = false;
    clearTimeout(timer);
    timer = setTimeout(keep, KEEP_AFTER);
    show();
  }
  function forget() {
    clearTimeout(timer);
    return Promise.all([
      stored("sheets", "readwrite", function (store) { return store.delete(KEY); }),
      Promise.all(pictures.map(drop)),
      window.caches ? caches.open(CACHE).then(function (cache) { return cache.delete(location.pathname); }) : null
    ]);
  }
  function drop(picture) {
    return stored("pictures", "readwrite", function (store) { return store.delete(picture.id); });
  }

  // --- what stands in the form ----------------------------------------------------------------------------------------

  function fields() {
    return Array.prototype.filter.call(form.elements, function (field) {
      return field.name && field.type !== "file" && field.type !== "submit" && field.name !== "csrfmiddlewaretoken" && field.name !== "client_id";
    });
  }
  function values() {
    var found = {};
    fields().forEach(function (field) {
      if (field.type === "radio") { if (field.checked) found[field.name] = field.value; }
      else found[field.name] = field.type === "checkbox" ? field.checked : field.value;
    });
    return found;
  }
  function fill(from) {
    fields().forEach(function (field) {
      if (!(field.name in from)) return;
      if (field.type === "radio") field.checked = from[field.name] === field.value;
      else if (field.type === "checkbox") field.checked = from[field.name];
      else field.value = from[field.name];
    });
  }
  function content() { // what a signature stands under
    var now = values();
    SIGNING.forEach(function (name) { delete now[name]; });
    return JSON.stringify(now);
  }
  function number(name) {
    var text = form.elements[name].value.trim();
    return /^\d+$/.test(text) ? Number(text) : null;
  }

  // --- who has signed -------------------------------------------------------------------------------------------------

  function pictureOf(code) {
    return pictures.filter(function (each) { return each.material === code; })[0];
  }
  function signState(line) {
    var code = line.dataset.signer, mine = kept.signed[code];
    if (mine) return mine.of === content() ? "signed" : "again";
    if ((kept.strokes[code] || []).length) return "half";
    return line.hasAttribute("data-there") ? "signed" : "unsigned";
  }
  function refused() {
    return form.elements.refused.checked;
  }
  function missing() {
    var found = [];
    if (number("present") === null) found.push(words.count);
    if (refused() ? !form.elements.refusal.value.trim() : !form.elements.signer.value.trim()) found.push(refused() ? words.refusal : words.signer);
    all("[data-signer]").forEach(function (line) {
      if (line.dataset.signer === "sign-provider" && refused()) return;
      if (signState(line) !== "signed") found.push(put(words.of, { who: line.dataset.who || line.dataset.part }));
    });
    return found;
  }

  // --- what the page shows --------------------------------------------------------------------------------------------

  function tell(text) {
    said = text;
    show();
  }
  function show() {
    var net = one("[data-net]");
    net.textContent = said || (navigator.onLine ? "" : kept.ready ? words.waiting : words.offline);
    net.hidden = !net.textContent;
    var more = (number("signed") || 0) - (number("present") === null ? Infinity : number("present"));
    var note = one("[data-more-signed]");
    note.hidden = !(more > 0);
    note.textContent = more > 0 ? put(words.more, { n: more }) : "";
    all("[data-signer]").forEach(showSigner);
    showPictures();
    var left = missing();
    var at = kept.values ? words.kept : "";
    one("[data-why]").textContent = left.length ? put(words.missing, { n: left.length }) + left.join("、") : at;
  }
  function showSigner(line) {
    var state = signState(line), code = line.dataset.signer;
    var off = code === "sign-provider" && refused();
    line.className = state === "signed" || off ? "is-done" : "is-soon";
    if (kept.signed[code] || state !== "signed") line.querySelector("[data-signed]").textContent = words[state];
    line.querySelector("[data-sign]").hidden = off;
  }
  function showPictures() {
    var shown = one("[data-photos]"), add = shown.querySelector(".add");
    var photos = pictures.filter(function (each) { return each.material === "photo"; });
    photos.forEach(function (each) {
      var there = all("[data-name]", shown).filter(function (link) { return link.dataset.name === each.name && !link.dataset.local; })[0];
      if (there) there.hidden = true; // the server has it already; the own one is shown
      var own = document.getElementById("picture-" + each.id) || shown.insertBefore(thumb(each), add);
      own.lastChild.textContent = each.sent ? "" : words.waits;
    });
    var count = all(":scope > :not(.add):not([hidden])", shown).length;
    if (count) one("[data-photo-count]").textContent = put(words.photos, { n: count });
  }
  function thumb(picture) {
    var box = document.createElement("div"), image = document.createElement("img"), state = document.createElement("span");
    var away = document.createElement("button");
    away.type = "button";
    away.className = "btn btn-link";
    away.textContent = words.away;
    away.dataset.away = picture.id;
    away.setAttribute("aria-label", words.away + " " + picture.name);
    box.id = "picture-" + picture.id;
    image.alt = picture.name;
    var reader = new FileReader();
    reader.onload = function () { image.src = reader.result; };
    reader.readAsDataURL(picture.blob);
    box.appendChild(image);
    box.appendChild(away);
    box.appendChild(state);
    return box;
  }
  function takeAway(button) {
    var own = pictures.filter(function (each) { return each.id === button.dataset.away; })[0];
    var box = button.parentElement, name = own ? own.name : button.value;
    if (own) {
      pictures = pictures.filter(function (each) { return each !== own; });
      drop(own);
      if (!own.sent) { box.remove(); return show(); }
    }
    token().then(function (csrf) {
      var data = new FormData();
      data.append("remove", name);
      return post(form.dataset.picture, data, csrf);
    }).then(function () {
      box.remove();
      show();
    }).catch(function () { tell(words.offline); });
  }
  function showErrors(told) {
    var box = one("[data-errors]"), list = box.querySelector("ul");
    list.textContent = "";
    (told.errors || []).forEach(function (text) { list.appendChild(item(text)); });
    Object.keys(told.fields || {}).forEach(function (name) {
      told.fields[name].forEach(function (text) { list.appendChild(item(text, name)); });
    });
    box.hidden = !list.children.length;
    if (!box.hidden) box.focus();
  }
  function item(text, name) {
    var line = document.createElement("li");
    if (!name) { line.textContent = text; return line; }
    var link = document.createElement("a");
    link.href = "#id_" + name;
    link.textContent = text;
    line.appendChild(link);
    return line;
  }

  // --- signing --------------------------------------------------------------------------------------------------------

  var pad = one("[data-pad]"), canvas = one("[data-pad-canvas]"), signing = "";

  function strokes() {
    return kept.strokes[signing] || (kept.strokes[signing] = []);
  }
  function draw(target, lines, unit) { // points are parts of the unit: the width of the pad
    var pen = target.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, target.width, target.height);
    pen.strokeStyle = pen.fillStyle = "#111";
    pen.lineWidth = Math.max(2, unit * PEN);
    pen.lineCap = pen.lineJoin = "round";
    lines.forEach(function (points) {
      pen.beginPath();
      pen.moveTo(points[0][0] * unit, points[0][1] * unit);
      points.concat([points[points.length - 1]]).forEach(function (point) { pen.lineTo(point[0] * unit, point[1] * unit); });
      pen.stroke();
    });
  }
  function size() {
    canvas.width = canvas.clientWidth * (window.devicePixelRatio || 1);
    canvas.height = canvas.clientHeight * (window.devicePixelRatio || 1);
    draw(canvas, strokes(), canvas.width);
  }
  function trimmed(lines) { // a signature without the empty pad around it
    var across = [], down = [], edge = 0.03, unit = 900, made = document.createElement("canvas");
    lines.forEach(function (points) { points.forEach(function (point) { across.push(point[0]); down.push(point[1]); }); });
    var left = Math.min.apply(null, across) - edge, top = Math.min.apply(null, down) - edge;
    made.width = Math.ceil((Math.max.apply(null, across) + edge - left) * unit);
    made.height = Math.ceil((Math.max.apply(null, down) + edge - top) * unit);
    draw(made, lines.map(function (points) {
      return points.map(function (point) { return [point[0] - left, point[1] - top]; });
    }), unit);
    return made;
  }
  function begin(line) {
    signing = line.dataset.signer;
    var who = line.dataset.who || form.elements.signer.value;
    one("[data-pad-who]").textContent = (line.dataset.part + " " + who).trim();
    if (signState(line) === "again") { kept.strokes[signing] = []; delete kept.signed[signing]; }
    pad.showModal();
    size();
  }
  function point(event) {
    var box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.width];
  }
  canvas.addEventListener("pointerdown", function (event) {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    strokes().push([point(event)]);
    draw(canvas, strokes(), canvas.width);
  });
  canvas.addEventListener("pointermove", function (event) {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    var lines = strokes();
    lines[lines.length - 1].push(point(event));
    draw(canvas, lines, canvas.width);
  });
  canvas.addEventListener("pointerup", function () { keep(); }); // a page that is closed half-way is kept
  one("[data-pad-clear]").addEventListener("click", function () {
    kept.strokes[signing] = [];
    delete kept.signed[signing];
    size();
    keep().then(show);
  });
  one("[data-pad-later]").addEventListener("click", function () { pad.close(); });
  one("[data-pad-done]").addEventListener("click", function () {
    if (!strokes().length) { one("[data-pad-who]").textContent = words.blank; return; }
    trimmed(strokes()).toBlob(function (blob) {
      var code = signing, former = pictureOf(code);
      var picture = { id: former ? former.id : window.ownStore.newId(), key: KEY, material: code, name: code + ".png", blob: blob, sent: false };
      pictures = pictures.filter(function (each) { return each !== former; }).concat([picture]);
      kept.signed[code] = { of: content() };
      write("pictures", picture).then(keep).then(function () { pad.close(); });
    }, "image/png");
  });
  pad.addEventListener("close", show);
  window.addEventListener("resize", function () { if (pad.open) size(); });

  // --- sending --------------------------------------------------------------------------------------------------------

  function answer(response) { // a page instead of an answer is the sign-in page
    var json = (response.headers.get("content-type") || "").indexOf("application/json") === 0;
    if (response.status === 404) throw new Error("gone");
    if (response.redirected || (!json && response.status !== 403)) throw new Error("ended");
    if (!json) throw new Error("ended");
    return response.json().then(function (told) { return { status: response.status, told: told }; });
  }
  function ask(address, options) {
    return fetch(address, Object.assign({ credentials: "same-origin", cache: "no-store" }, options)).then(answer);
  }
  function post(address, data, token) {
    return ask(address, { method: "POST", body: data, headers: { Accept: "application/json", "X-CSRFToken": token } });
  }
  function upload(token, some) { // one after the other: what got through stays through
    return some.filter(function (each) { return !each.sent; }).reduce(function (before, each) {
      return before.then(function (reasons) {
        var data = new FormData();
        data.append(each.material, each.blob, each.name);
        return post(form.dataset.picture, data, token).then(function (got) {
          if (got.status !== 200) return reasons.concat(got.told.errors || []);
          each.sent = true;
          return write("pictures", each).then(function () { return reasons; });
        });
      });
    }, Promise.resolve([]));
  }
  function token() {
    return ask(form.dataset.standing).then(function (got) { return got.told.csrf; });
  }
  function uploadPhotos() {
    if (!navigator.onLine || sending) return;
    token().then(function (csrf) {
      return upload(csrf, pictures.filter(function (each) { return each.material === "photo"; }));
    }).then(function (reasons) {
      if (reasons.length) showErrors({ errors: reasons });
      show();
    }).catch(show);
  }
  function send(action) {
    if (sending) return;
    sending = true;
    tell(words.sending);
    var data = new FormData(form);
    data.delete("photo");
    data.set("action", action);
    data.set("client_id", kept.client);
    var csrf = "";
    token().then(function (got) {
      csrf = got;
      return upload(csrf, pictures);
    }).then(function (reasons) {
      if (reasons.length) return { status: 409, told: { errors: reasons } };
      data.set("csrfmiddlewaretoken", csrf);
      return post(location.pathname, data, csrf);
    }).then(function (got) {
      sending = false;
      tell("");
      if (got.status !== 200) { kept.ready = false; return keep().then(function () { showErrors(got.told); }); }
      if (!got.told.done) return show();
      return forget().then(function () { location.assign(got.told.done); });
    }).catch(function (failed) {
      sending = false;
      if (failed.message === "gone") { kept.ready = false; keep(); return tell(words.gone); }
      kept.ready = action === "send";
      keep().then(function (isKept) { // that it will be sent is said once it cannot be forgotten
        if (failed.message === "ended") ended();
        else if (isKept) tell(kept.ready ? words.waiting : words.offline);
      });
    });
  }
  function ended() {
    tell(words.ended);
    var link = document.createElement("a");
    link.href = form.dataset.signIn;
    link.textContent = "重新登录";
    one("[data-net]").appendChild(document.createTextNode("　"));
    one("[data-net]").appendChild(link);
  }
  function again() {
    if (navigator.onLine && kept.ready && !sending) send("send");
    else if (!said) show();
  }

  // --- everything together --------------------------------------------------------------------------------------------

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var action = event.submitter ? event.submitter.value : "send";
    var left = action === "send" ? missing() : [];
    if (left.length) return showErrors({ errors: left });
    showErrors({});
    keep().then(function () { send(action); });
  });
  form.addEventListener("input", keepSoon);
  form.addEventListener("change", function (event) {
    if (event.target.id !== "photo") return keepSoon();
    var files = Array.prototype.slice.call(event.target.files), at = Date.now();
    event.target.value = "";
    Promise.all(files.map(function (file, index) {
      var name = new Date(at + index + SHANGHAI).toISOString().replace(/[^0-9]/g, "").slice(0, 17) + (/\.png$/i.test(file.name) ? ".png" : ".jpg");
      var picture = { id: window.ownStore.newId(), key: KEY, material: "photo", name: name, blob: file, sent: false };
      pictures.push(picture);
      return write("pictures", picture);
    })).then(keep).then(show).then(uploadPhotos);
  });
  document.addEventListener("click", function (event) {
    var step = event.target.closest("[data-step]"), sign = event.target.closest("[data-sign]");
    if (step) count(document.getElementById(step.dataset.for), Number(step.dataset.step));
    var away = event.target.closest("[data-away]");
    if (away) { event.preventDefault(); takeAway(away); }
    if (sign) begin(sign.closest("[data-signer]"));
    if (event.target.closest("[data-all-agree]")) {
      all("[type=radio][value=agrees]", form).forEach(function (radio) { radio.checked = true; });
      keepSoon();
    }
  });
  function count(field, by) { // who begins to count begins with how many have signed
    var now = /^\d+$/.test(field.value) ? Number(field.value) + by : number("signed") || 0;
    field.value = Math.max(0, now);
    keepSoon();
  }
  ["pagehide", "visibilitychange"].forEach(function (name) {
    window.addEventListener(name, function () { if (timer) keep(); }, true);
  });
  window.addEventListener("online", function () { said = ""; show(); again(); uploadPhotos(); });
  window.addEventListener("offline", show);
  setInterval(again, TRY_AGAIN);

  function open() {
    return stored("sheets", "readonly", function (store) { return store.get(KEY); }).then(function (found) {
      if (found) { kept = found; fill(found.values || {}); }
      form.elements.client_id.value = kept.client;
      return stored("pictures", "readonly", function (store) { return store.index("key").getAll(KEY); });
    }).then(function (found) { pictures = found || []; });
  }
  function remember() { // the page and what it is drawn with, for the worker
    if (!navigator.serviceWorker || !window.caches) return;
    navigator.serviceWorker.register(form.dataset.worker, { scope: form.dataset.scope }).then(function () {
      var drawn = all("link[rel=stylesheet], link[rel=icon]").map(function (link) { return link.href; });
      drawn = drawn.concat(all("script[src]").map(function (script) { return script.src; }));
      return caches.open(CACHE).then(function (cache) { return cache.addAll([location.pathname].concat(drawn)); });
    }).then(function () { document.body.dataset.remembered = "yes"; }).catch(function () {});
  }
  all("[data-step], [data-all-agree], [data-sign]").forEach(function (button) { button.hidden = false; });
  open().then(function () { show(); again(); }).catch(function () { tell(words.full); });
  if (navigator.onLine) remember();
  document.body.dataset.ready = "yes";
})();
