// The class's screen: says when the server is not reached, since the code on it is stale after a minute.
(function () {
  "use strict";
  function lost(isLost) {
    var told = document.querySelector("[data-lost]");
    if (told) {
      told.hidden = !isLost;
    }
  }
  document.body.addEventListener("htmx:sendError", function () { lost(true); });
  document.body.addEventListener("htmx:timeout", function () { lost(true); });
  document.body.addEventListener("htmx:responseError", function () { lost(true); });
  document.body.addEventListener("htmx:afterOnLoad", function () { lost(false); });
})();
