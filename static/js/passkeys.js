// Passkeys: asks the browser for what the server's options say, and sends its answer with the form. Where a browser has
// none, or its user says no, the page says so in words; the code of the phone and the recovery codes need no script.
(function () {
  "use strict";
  var SAID = {
    none: "这个浏览器不支持通行密钥，请改用手机验证码或恢复码，或换一个较新的浏览器",
    NotAllowedError: "没有完成：已取消、超时，或这台设备上没有这把密钥。可以再试一次，或改用手机验证码、恢复码",
    InvalidStateError: "这台设备上的通行密钥已经添加过，不用再添加",
    SecurityError: "当前的网址与系统登记的网址不一致，浏览器拒绝使用通行密钥。请用单位公布的网址打开，或改用手机验证码、恢复码",
    NotSupportedError: "这台设备没有可用的通行密钥，请改用手机验证码或恢复码",
    other: "浏览器没有给出通行密钥，请再试一次，或改用手机验证码、恢复码"
  };

  function bytes(text) {
    var raw = window.atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(raw, function (sign) { return sign.charCodeAt(0); });
  }
  function text(buffer) {
    var raw = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return window.btoa(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function withBytes(options) { // JSON knows no bytes
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    (options.allowCredentials || options.excludeCredentials || []).forEach(function (each) { each.id = bytes(each.id); });
    return options;
  }
  function plain(made) {
    var response = {};
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (made.response[name]) response[name] = text(made.response[name]);
    });
    return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response: response });
  }

  document.querySelectorAll("form[data-passkey]").forEach(function (form) {
    var says = form.querySelector("[data-passkey-says]");
    var asked = false;
    if (!window.PublicKeyCredential) says.textContent = SAID.none;
    form.addEventListener("submit", function (event) {
      if (!window.PublicKeyCredential) return; // the server says the same, beside what else is wrong
      event.preventDefault();
      if (asked) return;
      asked = true;
      says.textContent = "请按浏览器的提示操作";
      navigator.credentials[form.dataset.passkey]({ publicKey: withBytes(JSON.parse(form.dataset.options)) }).then(
        function (made) {
          form.elements.credential.value = plain(made);
          form.submit();
        }
      ).catch(function (refused) {
        asked = false;
        says.textContent = SAID[refused.name] || SAID.other;
      });
    });
  });
})();
