// Reads QR codes with the camera or from a photograph: with the browser's own reader where it has one, else with jsQR.
"use strict";
Proof.scan = (function () {
  const EVERY = 250, LARGEST = 2000; // milliseconds between two looks; pixels of the longer side of what is looked at
  const ENLARGED = 2; // times, of a part of a photograph
  const SOFTENED = ["none", "blur(1px)", "blur(1.5px)"]; // the dots of a print and the grain of a photograph go

  async function ownReader() {
    if (!window.BarcodeDetector) return null;
    const known = await BarcodeDetector.getSupportedFormats();
    return known.indexOf("qr_code") >= 0 ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
  }

  // A part of a picture, no larger than can be looked through and no more enlarged than `most`.
  function pixels(source, part, most, softened) {
    const scale = Math.min(most, LARGEST / Math.max(part.width, part.height)), canvas = document.createElement("canvas");
    canvas.width = Math.round(part.width * scale);
    canvas.height = Math.round(part.height * scale);
    const drawing = canvas.getContext("2d");
    drawing.filter = softened;
    drawing.drawImage(source, part.x, part.y, part.width, part.height, 0, 0, canvas.width, canvas.height);
    return drawing.getImageData(0, 0, canvas.width, canvas.height);
  }

  function read(source, part, most, softened) {
    const seen = pixels(source, part, most, softened), code = jsQR(seen.data, seen.width, seen.height);
    return code ? code.data : "";
  }

  // Quarters of a picture that overlap by half, those at its foot first, where papers have their code.
  function quarters(width, height) {
    const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
    return [1, .5, 0].flatMap(function (down) {
      return [0, 1, .5].map(function (across) {
        return { x: Math.floor(across * (width - half.width)), y: Math.floor(down * (height - half.height)), ...half };
      });
    });
  }

  // The text of the code in a picture; empty where none is found.
  async function textIn(source, width, height) {
    const reader = await ownReader();
    const found = reader ? await reader.detect(source) : [];
    if (found.length) return found[0].rawValue;
    for (const softened of SOFTENED) {
      const text = read(source, { x: 0, y: 0, width: width, height: height }, 1, softened);
      if (text) return text;
    }
    return "";
  }

  // Of a whole sheet a dense code has few pixels a dot: its parts are looked at enlarged, too.
  async function inPhoto(file) {
    const picture = await createImageBitmap(file);
    try {
      let text = await textIn(picture, picture.width, picture.height);
      for (const part of text ? [] : quarters(picture.width, picture.height)) {
        await new Promise(requestAnimationFrame); // the page goes on answering
        text = read(picture, part, ENLARGED, "none");
        if (text) break;
      }
      return text;
    } finally {
      picture.close();
    }
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
