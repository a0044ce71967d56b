// What the pages that scan share: the code in what was read or typed, and the camera.
// Pages name it before their own script and take it from `window.shoreline`, since an import would ask for a file
// without its version.

// A label's square holds an address that ends in its code. The server reads what this does not understand.
const codeIn = (text) => {
  const found = text.trim().match(/\/b\/([^/?#\s]+)\/?$/i);
  try {
    return found ? decodeURIComponent(found[1]).trim() : text.trim();
  } catch {
    return text.trim();
  }
};

const SAME_AGAIN = 3000; // milliseconds in which a code that stays before the camera is read once
const BETWEEN = 120;

const script = (address) =>
  new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement("script"), { src: address, onload: resolve, onerror: reject });
    document.head.append(element);
  });

// Let a page's button open the camera: `got` is told each code, `stays` says whether to go on after one, `say` what is on.
const useCamera = ({ page, say, got, stays }) => {
  const view = page.querySelector("[data-view]");
  const video = view.querySelector("video");
  const button = page.querySelector("[data-camera]");
  let stream = null;

  const ownReader = async () => {
    if (!("BarcodeDetector" in window)) return null;
    const formats = await window.BarcodeDetector.getSupportedFormats();
    if (!formats.includes("qr_code")) return null;
    const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    return async () => (await detector.detect(video))[0]?.rawValue;
  };

  const broughtReader = async () => {
    if (!window.ZXingWASM) await script(page.dataset.reader);
    await window.ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => page.dataset.wasm }, fireImmediately: true });
    const canvas = document.createElement("canvas");
    const picture = canvas.getContext("2d", { willReadFrequently: true });
    return async () => {
      [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
      picture.drawImage(video, 0, 0);
      const pixels = picture.getImageData(0, 0, canvas.width, canvas.height);
      const [found] = await window.ZXingWASM.readBarcodes(pixels, { formats: ["QRCode"], maxNumberOfSymbols: 1 });
      return found?.text;
    };
  };

  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
    view.hidden = true;
    button.hidden = false;
    say("");
  };

  const watch = async (mine) => {
    let reader = await ownReader().catch(() => null);
    const own = reader !== null;
    reader ??= await broughtReader();
    say("ready");
    let last = { text: "", at: 0 };
    while (stream === mine) {
      let text;
      try {
        text = video.videoWidth ? await reader() : undefined;
      } catch (error) {
        if (!own) throw error;
        reader = await broughtReader(); // some browsers have the interface and nothing behind it
      }
      if (text && stream === mine && (text !== last.text || Date.now() - last.at > SAME_AGAIN)) {
        navigator.vibrate?.(60);
        if (!stays()) stop();
        got(text);
      }
      if (text) last = { text, at: Date.now() };
      await new Promise((resolve) => setTimeout(resolve, BETWEEN));
    }
  };

  const start = async () => {
    button.hidden = true;
    say("loading");
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false });
      video.srcObject = stream;
      view.hidden = false;
      await video.play();
      await watch(stream);
    } catch (error) {
      stop();
      say(error.name === "NotAllowedError" ? "refused" : "none");
    }
  };

  if (!navigator.mediaDevices?.getUserMedia) return;
  button.hidden = false;
  button.addEventListener("click", start);
  view.querySelector("[data-stop]").addEventListener("click", stop);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && stream) stop();
  });
};

window.shoreline = { ...window.shoreline, codeIn, useCamera };
