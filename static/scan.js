// Scanning: a typed code, a scanner that types, or the camera opens what it is on; or codes are collected in a list.
// The text field with one code a line is the list; it is kept in this tab, so that leaving and coming back loses nothing.
// Without this file a code is typed and sent, and a list is typed into the text field.

const page = document.querySelector("[data-scan]");
const one = page.querySelector("[data-one]");
const field = one.elements.code;
const said = page.querySelector("[data-said]");
const typed = page.querySelector("textarea[name=codes]");
const collect = page.querySelector("#collect");

const say = (name, code = "") => {
  said.textContent = (said.dataset[name] ?? "").replace("{code}", code);
};

// A label's square holds an address that ends in its code. The server reads what this does not understand.
const codeIn = (text) => {
  const found = text.trim().match(/\/b\/([^/?#\s]+)\/?$/i);
  try {
    return found ? decodeURIComponent(found[1]).trim() : text.trim();
  } catch {
    return text.trim();
  }
};

// The list

const KEPT = "shoreline-scanned";
const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}"); // codes, what each is, and whether codes are collected
kept.about ??= {};

const listed = () => typed.value.split(/[\n,;\t]+/).map((code) => code.trim()).filter(Boolean);
const keep = () => {
  kept.codes = typed.value;
  kept.collect = collect.checked;
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
};

const row = (code) => {
  const line = document.createElement("li");
  const what = document.createElement("span");
  const name = document.createElement("b");
  const out = document.createElement("button");
  const about = kept.about[code];
  name.textContent = about?.code ?? code;
  what.append(name);
  if (about) {
    const says = document.createElement("span");
    says.className = about.found ? "soft" : "status is-bad";
    says.textContent = about.says;
    what.append(document.createElement("br"), says);
  }
  out.type = "button";
  out.className = "btn btn-quiet";
  out.textContent = page.querySelector("[data-list]").dataset.remove;
  out.setAttribute("aria-label", `${out.textContent}: ${code}`);
  out.addEventListener("click", () => {
    typed.value = listed().filter((each) => each !== code).join("\n");
    draw();
    field.focus();
  });
  const end = document.createElement("span");
  end.className = "row-end";
  end.append(out);
  line.append(what, end);
  return line;
};

const draw = () => {
  const codes = [...new Set(listed())];
  const list = page.querySelector("[data-list]");
  const count = page.querySelector("[data-count]");
  list.replaceChildren(...codes.map(row).reverse()); // the newest first, where it is seen
  list.hidden = codes.length === 0;
  count.textContent = { 0: count.dataset.none, 1: count.dataset.one }[codes.length] ?? count.dataset.many.replace("{count}", codes.length);
  count.hidden = false;
  page.querySelector(".acts").hidden = codes.length === 0;
  keep();
};

const look = async (code) => {
  try {
    const answer = await fetch(`/stock/scan/look?code=${encodeURIComponent(code)}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    kept.about[code] = await answer.json();
    draw();
  } catch {
    // No connection: the list is kept, and the server will say what is wrong when it is sent.
  }
};

const add = (text) => {
  const code = codeIn(text);
  if (!code) return;
  if (listed().some((each) => each.toUpperCase() === code.toUpperCase())) {
    say("twice", code);
    return;
  }
  typed.value = [...listed(), code].join("\n");
  say("added", code);
  draw();
  look(code);
};

// One code

const open = (text) => location.assign(`/stock/scan?code=${encodeURIComponent(text)}`);
const got = (text) => (collect?.checked ? add(text) : open(text));

const label = () => {
  const button = one.querySelector("[type=submit]");
  button.textContent = collect?.checked ? button.dataset.addLabel : button.dataset.openLabel;
};

one.addEventListener("submit", (event) => {
  if (!collect?.checked) return;
  event.preventDefault();
  event.stopPropagation(); // it is no form that was sent
  add(field.value);
  field.value = "";
  field.focus();
});

if (typed) {
  if ("done" in page.dataset) {
    delete kept.codes;
    kept.about = {};
    history.replaceState(null, "", "/stock/scan");
  }
  typed.value ||= kept.codes ?? "";
  collect.checked = Boolean(kept.collect);
  page.querySelector("[data-collecting]").hidden = false;
  page.querySelector("[data-typed]").open = false;
  typed.addEventListener("input", draw);
  collect.addEventListener("change", () => {
    label();
    keep();
    field.focus();
  });
  draw();
  listed().filter((code) => !kept.about[code]).forEach(look);
}
label();

// The camera

const SAME_AGAIN = 3000; // milliseconds in which a code that stays before the camera is read once
const BETWEEN = 120;
const view = page.querySelector("[data-view]");
const video = view.querySelector("video");
const button = page.querySelector("[data-camera]");
let stream = null;

const script = (address) =>
  new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement("script"), { src: address, onload: resolve, onerror: reject });
    document.head.append(element);
  });

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
      if (!collect?.checked) stop();
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

if (navigator.mediaDevices?.getUserMedia) {
  button.hidden = false;
  button.addEventListener("click", start);
  view.querySelector("[data-stop]").addEventListener("click", stop);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && stream) stop();
  });
}
