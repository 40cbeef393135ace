// Reads QR codes with the camera or from a photograph: with the browser's own reader where it has one, else with jsQR.
"use strict";
Proof.scan = (function () {
  const EVERY = 250, LARGEST = 2000; // milliseconds between two looks; pixels of a photograph's longer side
  const SOFTENED = ["none", "blur(1px)", "blur(1.5px)"]; // the dots of a print and the grain of a photograph go

  async function ownReader() {
    if (!window.BarcodeDetector) return null;
    const known = await BarcodeDetector.getSupportedFormats();
    return known.indexOf("qr_code") >= 0 ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
  }

  function pixels(source, width, height, softened) {
    const scale = Math.min(1, LARGEST / Math.max(width, height)), canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const drawing = canvas.getContext("2d");
    drawing.filter = softened;
    drawing.drawImage(source, 0, 0, canvas.width, canvas.height);
    return drawing.getImageData(0, 0, canvas.width, canvas.height);
  }

  // The text of the code in a picture; empty where none is found.
  async function textIn(source, width, height) {
    const reader = await ownReader();
    const found = reader ? await reader.detect(source) : [];
    if (found.length) return found[0].rawValue;
    for (const softened of SOFTENED) {
      const seen = pixels(source, width, height, softened), code = jsQR(seen.data, seen.width, seen.height);
      if (code) return code.data;
    }
    return "";
  }

  async function inPhoto(file) {
    const picture = await createImageBitmap(file);
    return textIn(picture, picture.width, picture.height);
  }

  // Look through the camera until a code is seen or `stop` of what is returned is called. Rejects without a camera.
  async function watch(video, seen) {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    let timer = 0;
    function stop() {
      clearTimeout(timer);
      stream.getTracks().forEach(function (track) { track.stop(); });
      video.srcObject = null;
    }
    function nothing() { return ""; } // a picture that cannot be read: the next may be
    async function look() {
      const text = video.videoWidth ? await textIn(video, video.videoWidth, video.videoHeight).catch(nothing) : "";
      if (!text) { timer = setTimeout(look, EVERY); return; }
      stop();
      seen(text);
    }
    video.srcObject = stream;
    await video.play();
    look();
    return { stop: stop };
  }
  return { inPhoto: inPhoto, watch: watch };
})();
