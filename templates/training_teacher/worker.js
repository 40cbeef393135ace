// The service worker of one class teacher's link. It answers from what the page has kept (static/js/teacher.js) where the
// network does not answer, and keeps nothing by itself; what is sent to the server it leaves alone.
"use strict";
var PATIENCE = 5000;

self.addEventListener("install", function () { self.skipWaiting(); });
self.addEventListener("activate", function (event) { event.waitUntil(self.clients.claim()); });

function kept(request) {
  return caches.open("teacher:" + new URL(self.registration.scope).pathname).then(function (cache) {
    return cache.match(request, { ignoreVary: true, ignoreSearch: request.mode === "navigate" });
  });
}
function another(request) { // a page that was not kept leads to the one that was
  if (request.mode !== "navigate") return Promise.reject(new TypeError("no network"));
  return kept(self.registration.scope).then(function (found) { return found || Response.error(); });
}
function late() {
  return new Promise(function (resolve, reject) { setTimeout(reject, PATIENCE); });
}
self.addEventListener("fetch", function (event) {
  var request = event.request;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(kept(request).then(function (found) {
    if (!found) return fetch(request).catch(function () { return another(request); });
    return Promise.race([fetch(request), late()]).catch(function () { return found; });
  }));
});
