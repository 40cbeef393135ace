// Files chosen for, or dropped on, a line of a checklist are sent at once, many together, without a new page.
// Without this file the button of the line sends them, and the page comes again.
(function () {
  "use strict";

  var SWAPPED = [".lj-steps", ".lj-actions"]; // what follows from the files that are there

  var before = Promise.resolve(); // one after the other: no older page takes over from a newer one

  function lineOf(element) {
    var line = element.closest && element.closest(".lj-check > li");
    return line && line.querySelector("form.lj-upload") ? line : null;
  }

  function say(form, text) {
    var note = form.querySelector(".lj-sending") || form.appendChild(document.createElement("p"));
    note.className = "lj-sending lj-note w-100 mb-0";
    note.setAttribute("role", "status");
    note.textContent = text;
  }

  // A checklist with its heading, which counts; one of what is still lacking may be gone. Of the lines that were not sent
  // the fields stay the same: somebody may just be choosing a file in one.
  function takeOverPanel(panel, page, sent) {
    if (!panel || panel.closest("form")) return;
    var fresh = page.querySelector('.lj-panel[aria-labelledby="' + panel.getAttribute("aria-labelledby") + '"]');
    if (!fresh) { panel.remove(); return; }
    fresh = document.importNode(fresh, true);
    panel.querySelectorAll(".lj-check > li form.lj-upload").forEach(function (form) {
      var place = form !== sent && fresh.querySelector("#" + CSS.escape(form.querySelector("[type=file]").id));
      if (place) place.closest("form.lj-upload").replaceWith(form);
    });
    panel.replaceWith(fresh);
  }

  // What somebody has typed on the page stays: only parts without fields of their own are replaced.
  function takeOver(page, sent) {
    var panels = new Set();
    document.querySelectorAll(".lj-check").forEach(function (list) { panels.add(list.closest(".lj-panel")); });
    panels.forEach(function (panel) { takeOverPanel(panel, page, sent); });
    SWAPPED.forEach(function (selector) {
      var old = document.querySelectorAll(selector);
      var fresh = page.querySelectorAll(selector);
      if (old.length !== fresh.length) return;
      old.forEach(function (part, i) { if (!part.closest("form")) part.replaceWith(document.importNode(fresh[i], true)); });
    });
    var said = page.querySelector(".lj-messages");
    document.querySelectorAll(".lj-messages").forEach(function (part) { part.remove(); });
    if (said) document.querySelector(".lj-head").before(document.importNode(said, true));
  }

  function send(form, files) {
    if (!files.length || form.dataset.sending) return;
    var data = new FormData(form);
    data.delete("files");
    Array.prototype.forEach.call(files, function (file) { data.append("files", file); });
    form.dataset.sending = "yes";
    say(form, "正在上传 " + files.length + " 个文件……");
    before = before
      .then(function () { return fetch(form.action, { method: "POST", body: data, credentials: "same-origin" }); })
      .then(function (answer) {
        if (!answer.ok) throw new Error();
        return answer.text();
      })
      .then(function (html) {
        var page = new DOMParser().parseFromString(html, "text/html");
        // A page without a checklist: the session has ended, or the case has moved on.
        if (!page.querySelector(".lj-check")) throw new Error();
        takeOver(page, form);
        var again = document.getElementById(form.querySelector("[type=file]").id);
        if (again) again.focus();
      })
      .catch(function () {
        delete form.dataset.sending;
        say(form, "没有传上去。请刷新这一页看看，再上传一次");
      });
  }

  document.addEventListener("change", function (event) {
    var line = event.target.matches("form.lj-upload [type=file]") && lineOf(event.target);
    if (line) send(event.target.form, event.target.files);
  });
  // Whoever clicks the button too, out of habit, sends nothing twice and leaves no page that is being taken over.
  document.addEventListener("submit", function (event) {
    var line = event.target.matches("form.lj-upload") && lineOf(event.target);
    if (!line) return;
    event.preventDefault();
    var files = event.target.querySelector("[type=file]").files;
    if (files.length) send(event.target, files);
    else say(event.target, "请先选好文件，选好即上传");
  });
  document.addEventListener("dragover", function (event) {
    if (lineOf(event.target)) event.preventDefault();
  });
  document.addEventListener("drop", function (event) {
    var line = lineOf(event.target);
    if (!line) return;
    event.preventDefault();
    send(line.querySelector("form.lj-upload"), event.dataTransfer.files);
  });
})();
