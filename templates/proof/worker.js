// The service worker of the page that verifies without a network. It keeps the page and all that it is made of; the
// network comes first, and is not waited for long. Keys, list and head are the page's own to keep (static/js/proof/trust.js).
"use strict";
var PARTS = {{ parts|safe }};
var CACHE = "verify";
var PATIENCE = 5000;

self.addEventListener("install", function (event) {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then(function (cache) {
    return cache.addAll(PARTS.map(function (part) { return new Request(part, { cache: "reload" }); }));
  }));
});
self.addEventListener("activate", function (event) { event.waitUntil(self.clients.claim()); });

function kept(request) {
  return caches.open(CACHE).then(function (cache) { return cache.match(request, { ignoreVary: true, ignoreSearch: true }); });
}
function late() {
  return new Promise(function (resolve, reject) { setTimeout(reject, PATIENCE); });
}
function renewed(request) {
  return fetch(request).then(function (answer) {
    if (!answer.ok) return answer;
    var copy = answer.clone();
    return caches.open(CACHE).then(function (cache) { return cache.put(request, copy); }).then(function () { return answer; });
  });
}
self.addEventListener("fetch", function (event) {
  var address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (PARTS.indexOf(address.pathname) < 0) return;
  event.respondWith(Promise.race([renewed(event.request), late()]).catch(function () {
    return kept(event.request).then(function (found) { return found || Response.error(); });
  }));
});
