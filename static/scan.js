// Scanning: a typed code, a scanner that types, or the camera opens what it is on; or codes are collected in a list.
// The text field with one code a line is the list; it is kept in this tab, so that leaving and coming back loses nothing.
// Without this file a code is typed and sent, and a list is typed into the text field.

const { codeIn, useCamera } = window.shoreline; // scanning.js
const page = document.querySelector("[data-scan]");
const one = page.querySelector("[data-one]");
const field = one.elements.code;
const said = page.querySelector("[data-said]");
const typed = page.querySelector("textarea[name=codes]");
const collect = page.querySelector("#collect");

const say = (name, code = "") => {
  said.textContent = (said.dataset[name] ?? "").replace("{code}", code);
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

useCamera({
  page,
  say,
  stays: () => Boolean(collect?.checked),
  got,
});
