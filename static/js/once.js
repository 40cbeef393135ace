// On a trainee's phone: no form is sent by a second tap while the first is on its way. The server does nothing twice
// anyway. Nor is any sent by itself: whoever scans with a borrowed phone must see for whom it would sign.
(function () {
  "use strict";
  document.addEventListener("submit", function (event) {
    if (event.target.hasAttribute("data-sent")) {
      event.preventDefault();
      return;
    }
    event.target.setAttribute("data-sent", "");
    // A page that comes back out of the browser's store can be sent again, and so can one whose answer got lost.
    window.setTimeout(function () { event.target.removeAttribute("data-sent"); }, 8000);
  });
})();
