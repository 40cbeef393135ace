// Small comforts. Every page works without this file; the server never relies on it.
(function () {
  "use strict";

  // A double click does a thing once: the second submit of the same form is dropped.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" || event.defaultPrevented || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
  });
  // Coming back with the browser's back button must not find the form dead.
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  // The summary of errors is read out first.
  function focusErrors(root) {
    var box = root.querySelector(".lj-errors");
    if (box) box.focus();
  }

  // Tick boxes: the head's box ticks the page; the bulk bar shows with the first tick.
  function countTicks(table) {
    var boxes = table.querySelectorAll("[data-tick]");
    var ticked = table.querySelectorAll("[data-tick]:checked").length;
    var elsewhere = table.closest("form") ? table.closest("form").querySelectorAll("[data-tick-elsewhere]").length : 0;
    var all = table.querySelector("[data-tick-all]");
    if (all) { all.checked = ticked > 0 && ticked === boxes.length; all.indeterminate = ticked > 0 && ticked < boxes.length; }
    var scope = table.closest("form") || document;
    var bar = scope.querySelector("[data-bulk]");
    if (bar) {
      bar.hidden = ticked + elsewhere === 0;
      bar.querySelectorAll("[data-bulk-count]").forEach(function (out) { out.textContent = ticked + elsewhere; });
    }
    boxes.forEach(function (box) { box.closest("tr").classList.toggle("on", box.checked); });
  }
  document.addEventListener("change", function (event) {
    var table = event.target.closest("table");
    if (!table) return;
    if (event.target.matches("[data-tick-all]")) {
      table.querySelectorAll("[data-tick]").forEach(function (box) { box.checked = event.target.checked; });
    }
    if (event.target.matches("[data-tick-all], [data-tick]")) countTicks(table);
  });

  // A long list of boxes is narrowed to what is typed; what is ticked stays in sight.
  document.querySelectorAll("[data-narrows]").forEach(function (field) { field.hidden = false; });
  document.addEventListener("input", function (event) {
    if (!event.target.matches("[data-narrows]")) return;
    var wanted = event.target.value.trim();
    event.target.closest("fieldset").querySelectorAll(".form-check").forEach(function (each) {
      each.hidden = each.textContent.indexOf(wanted) < 0 && !each.querySelector("input").checked;
    });
  });

  // A reason chosen from the library brings along how it is mended, where nothing is typed yet.
  document.addEventListener("change", function (event) {
    if (!event.target.matches("input[list=phrases]")) return;
    var row = event.target.closest("tr");
    var mend = row && row.querySelector("[name^=mend_]");
    var known = Array.prototype.filter.call(document.querySelectorAll("#phrases option"), function (option) {
      return option.value === event.target.value;
    })[0];
    if (mend && known && !mend.value) mend.value = known.textContent;
  });

  // What gets the focus is never under the bar at the foot, however many reasons stand in it.
  var bar = document.querySelector(".lj-actions");
  if (bar && window.ResizeObserver && getComputedStyle(bar).position === "sticky") {
    new ResizeObserver(function () {
      document.documentElement.style.scrollPaddingBottom = bar.offsetHeight + 16 + "px";
    }).observe(bar);
  }
  // On a phone the main button floats above the tabs until its bar is in sight; there it rests, and covers neither the
  // help of the last field nor what follows the form.
  if (bar && window.IntersectionObserver) {
    new IntersectionObserver(function (entries) {
      var seen = entries[entries.length - 1];
      var below = seen.boundingClientRect.bottom - seen.rootBounds.bottom;
      if (below <= 0) bar.classList.add("is-reached");
      else if (below > 40) bar.classList.remove("is-reached");
    }, { rootMargin: "0px 0px -64px", threshold: [0, 0.25, 0.5, 0.75, 1] }).observe(bar);
  }
  document.addEventListener("ticks", function (event) { event.target.querySelectorAll("table").forEach(countTicks); });

  // Menus close on Escape and on a click elsewhere.
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.lj-menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.lj-menu[open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // Typing is activity: it keeps the session, so that a long form is not lost to the 30 idle minutes.
  var body = document.body;
  var every = 5 * 60 * 1000;
  var last = Date.now();
  document.addEventListener("input", function () {
    if (!body.dataset.alive || Date.now() - last < every) return;
    last = Date.now();
    fetch(body.dataset.alive, { method: "HEAD", credentials: "same-origin" }).catch(function () {});
  });

  // A whole ID number never gets into an address: the last four find the person too (home/middleware.py does the same).
  document.addEventListener("submit", function (event) {
    if (event.target.method !== "get") return;
    event.target.querySelectorAll("input[type=search], input[type=text]").forEach(function (field) {
      field.value = field.value.replace(/\b[1-9]\d{5}(?:19|20)\d{9}([\dXx])\b/g, function (number) { return number.slice(-4); });
    });
  }, true);

  // A select or box marked data-auto submits its form; its button stays for those without script.
  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-auto]")) event.target.form.requestSubmit ? event.target.form.requestSubmit() : event.target.form.submit();
  });

  document.querySelectorAll("[data-print]").forEach(function (button) { button.hidden = false; });
  // What is shown once answers a form. Whoever comes back to it finds the page that it leads to, and no browser's question
  // whether to send the form again.
  var once = document.querySelector("[data-shown-once]");
  if (once) history.replaceState(null, "", once.href);
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
    if (event.target.closest("[aria-disabled=true]")) event.preventDefault();
  });

  document.querySelectorAll("table").forEach(function (table) {
    if (table.querySelector("[data-tick]")) countTicks(table);
  });
  focusErrors(document);
  document.addEventListener("htmx:afterSwap", function (event) { focusErrors(event.target); });
  // Long work that was watched to its end leads on by itself.
  document.addEventListener("htmx:afterSwap", function () {
    var on = document.querySelector("[data-go-on]");
    if (on) window.location.assign(on.href);
  });
})();
