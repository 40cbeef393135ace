// What pages that go on without a network share: this browser's own database (IndexedDB), and numbers that no other
// phone makes. teacher.js and visit.js say what they keep in it, and why.
(function () {
  "use strict";
  window.ownStore = {
    open: function (name, make) { // `make`: what a new database begins with
      return new Promise(function (resolve, reject) {
        var asked = window.indexedDB.open(name, 1);
        asked.onupgradeneeded = function () { make(asked.result); };
        asked.onsuccess = function () { resolve(asked.result); };
        asked.onerror = function () { reject(asked.error); };
      });
    },
    work: function (db, name, mode, use) { // what `use` asked for, once it has reached the disk
      return new Promise(function (resolve, reject) {
        var work = db.transaction(name, mode), asked = use(work.objectStore(name));
        work.oncomplete = function () { resolve(asked && asked.result); };
        work.onerror = work.onabort = function () { reject(work.error); };
      });
    },
    newId: function () { // a random UUID, also where crypto.randomUUID is not: without HTTPS, in old browsers
      var bytes = window.crypto.getRandomValues(new Uint8Array(16));
      bytes[6] = (bytes[6] & 15) | 64;
      bytes[8] = (bytes[8] & 63) | 128;
      var hex = Array.prototype.map.call(bytes, function (byte) { return ("0" + byte.toString(16)).slice(-2); }).join("");
      return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
    }
  };
})();
