// Opens the on-site sheets again where there is no network. It reaches their folder alone (training/inspections/urls.py),
// keeps the page of a sheet and what that page is drawn with, and nothing that is older than three days. The network
// always comes first: who may not open a sheet any more gets the server's answer, not the copy.
"use strict";
var CACHE = "visit";
var OLDEST = 3 * 24 * 3600 * 1000;
var PATIENCE = 6000; // a network that says nothing for so long is none

function kept(request) {
  return caches.open(CACHE).then(function (cache) {
    return cache.match(request, { ignoreVary: true }).then(function (found) {
      if (!found) return null;
      if (Date.now() - Date.parse(found.headers.get("date") || 0) < OLDEST) return found;
      return cache.delete(request).then(function () { return null; });
    });
  });
}
function fromNetwork(request) {
  return new Promise(function (resolve, reject) {
    setTimeout(reject, PATIENCE);
    fetch(request).then(resolve, reject);
  });
}

self.addEventListener("install", function () { self.skipWaiting(); });
self.addEventListener("activate", function (event) { event.waitUntil(self.clients.claim()); });
self.addEventListener("fetch", function (event) {
  var request = event.request;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  var drawn = ["style", "script", "image", "font"].indexOf(request.destination) >= 0;
  if (request.mode !== "navigate" && !drawn) return;
  event.respondWith(fromNetwork(request).catch(function () {
    return kept(request).then(function (found) { return found || Response.error(); });
  }));
});
