// The counter without a mouse: ↑ ↓ change the person, space ticks, F2 F4 F8 decide. Every act is a plain form without this.
(function () {
  "use strict";
  var table = document.getElementById("roster");
  if (!table) return;
  var rows = Array.prototype.slice.call(table.tBodies[0].rows);
  var typing = /^(INPUT|SELECT|TEXTAREA)$/;

  function current() {
    return table.querySelector("tr.cur");
  }
  function step(by) {
    var here = rows.indexOf(current());
    var next = rows[here < 0 ? 0 : here + by];
    var link = next && next.querySelector("[data-row]");
    if (link) window.location.assign(link.href);
  }
  function tick() {
    var row = current();
    var box = row && row.querySelector("[data-tick]");
    if (box) box.click();
  }
  function decide(key) {
    var button = document.querySelector("#one [data-key='" + key + "']");
    if (!button) return;
    button.focus();
    button.click();
  }
  function inField(target) {
    return typing.test(target.tagName) && target.type !== "checkbox" && target.value !== "";
  }

  document.addEventListener("keydown", function (event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "F2" || event.key === "F4" || event.key === "F8") {
      event.preventDefault();
      decide(event.key);
    } else if (inField(event.target) || event.target.tagName === "SELECT" || event.target.tagName === "BUTTON") {
      return;
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === " " && event.target.type !== "checkbox") {
      event.preventDefault();
      tick();
    }
  });
  // Why nothing was done is read first.
  var refused = document.querySelector(".lj-messages .is-late");
  if (refused) {
    refused.tabIndex = -1;
    refused.focus();
    refused.scrollIntoView({ block: "center" });
    return;
  }
  // The scanner types into the field wherever the work was: focus goes back to it after each act, the row stays in sight.
  var row = current();
  if (row && row.scrollIntoView) row.scrollIntoView({ block: "center" });
  var scan = document.getElementById("scan");
  if (scan) { scan.focus({ preventScroll: true }); scan.select(); }
})();
