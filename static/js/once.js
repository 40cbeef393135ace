// On a trainee's phone: a form that needs nothing but a tap is sent by itself, and none is sent by a second tap while
// the first is on its way. Without this the page has a button, and the server does nothing twice.
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
  window.addEventListener("pageshow", function (event) {
    var form = document.querySelector("form[data-at-once]");
    if (form && !event.persisted) {
      form.setAttribute("data-sent", "");
      form.submit();
    }
  });
})();
