// The aisle's page: find a box, say what is done to it, see what waits. It shows what this phone keeps (outbox.js), so it
// is the same with and without a signal. What waits is laid over the server's numbers, never written into them.

const { codeIn, useCamera, outbox, words, decide } = window.shoreline;
const { store } = outbox;
const page = document.querySelector("[data-aisle]");
const part = (name) => page.querySelector(`[data-${name}]`);
const field = part("one").elements.code;
const MOST = 1_000_000;
const MOST_FOUND = 20;
const SOON = 4000; // milliseconds to wait for who is signed in
const EVERY = 20_000; // milliseconds between looking whether there is a signal again

let state = "ok"; // how the last sending ended
let person = null;
let catalogue = null;
let copy = null;
let acts = [];
let code = ""; // of the box that is open
let box = null; // as it will stand once what waits is done

const say = (name, values) => {
  part("said").textContent = name ? words.say(name, values) : "";
};

// What waits, laid over

const standing = (kept) => {
  if (!kept) return null;
  const places = new Map(kept.places);
  const own = acts.filter((act) => act.code === kept.code && !act.discarded);
  const waiting = own.filter((act) => act.state === "waiting");
  const stopped = own.some((act) => act.state === "conflict");
  const add = (shelf, quantity) => places.set(shelf, (places.get(shelf) ?? 0) + quantity);
  // Behind one that waits for a decision nothing goes on, so the server's numbers are shown as they are.
  for (const act of stopped ? [] : waiting) {
    if (act.kind === "count") places.set(act.shelf, act.counted);
    else add(act.shelf, act.kind === "put" ? act.quantity : -act.quantity);
    if (act.kind === "move") add(act.to, act.quantity);
  }
  return { ...kept, places: [...places], waiting: waiting.length, stopped };
};

const shelfName = (id) => catalogue?.shelves.find((shelf) => shelf.id === id)?.name ?? "?";
const sizeOf = (kept) => catalogue?.sizes[kept.size] ?? ["?", "", "", false];
const whatIs = (kept) => sizeOf(kept).slice(0, 2).join(", ");
const here = (kept) => kept.places.filter(([, quantity]) => quantity !== 0);

// Drawing

const drawState = () => {
  const mine = acts.filter((act) => act.person === person);
  const waiting = acts.filter((act) => act.state === "waiting").length;
  const conflicts = mine.filter((act) => act.state === "conflict").length;
  const pill = part("state");
  const offline = state !== "ok" || !navigator.onLine;
  pill.textContent = conflicts
    ? words.count("decides", conflicts)
    : waiting
      ? words.count("waits", waiting)
      : words.say(offline ? "noSignal" : "allSent");
  pill.className = `status ${conflicts ? "is-bad" : waiting || offline ? "is-warn" : "is-ok"}`;
  const trouble = { "signed-out": "signedOut", "not-allowed": "notAllowed", later: "later" }[state];
  part("trouble").hidden = !trouble && navigator.onLine && state !== "offline";
  part("trouble-text").textContent = words.say(trouble ?? "offline");
  part("sign-in").hidden = state !== "signed-out";
};

const line = (title, detail, end) => {
  const row = document.createElement("li");
  const what = document.createElement("span");
  const name = document.createElement("b");
  const more = document.createElement("span");
  name.textContent = title;
  more.className = "soft";
  more.textContent = detail;
  what.append(name, document.createElement("br"), more);
  row.append(what);
  if (end) {
    const side = document.createElement("span");
    side.className = "row-end";
    side.append(end);
    row.append(side);
  }
  return row;
};

const button = (text, label, action) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-quiet";
  made.textContent = text;
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", action);
  return made;
};

const takeBack = async (act) => {
  if (!(await store.remove([act.place]))) say("underWay");
  else say("takenBack");
  outbox.changed();
};

const drawWaiting = () => {
  const waiting = acts.filter((act) => act.person === person && act.state === "waiting").reverse();
  part("waiting").hidden = waiting.length === 0;
  part("waiting-list").replaceChildren(
    ...waiting.map((act) => {
      const end = act.tried ? null : button(words.say("takeBack"), `${words.say("takeBack")}: ${words.did(act)}`, () => takeBack(act));
      return line(words.did(act), `${act.what} · ${words.time(act.made_at)}`, end);
    }),
  );
  const others = acts.filter((act) => act.person !== person && person !== null);
  part("others").hidden = others.length === 0;
  part("others-text").textContent = words.count("others", others.length);
};

const drawCopy = async () => {
  const select = part("warehouse");
  const sites = catalogue?.warehouses ?? [];
  select.replaceChildren(...[{ id: 0, name: select.dataset.invite }, ...sites].map((site) => new Option(site.name, site.id)));
  select.value = copy?.warehouse ?? 0;
  part("choose").open = sites.length > 0 && !copy?.warehouse;
  const kept = copy?.at && { boxes: await store.count(), time: words.time(copy.heardAt, true) };
  part("copy-text").textContent = kept ? words.count("keeps", kept.boxes, kept) : words.say(sites.length ? "noCopy" : "nothingYet");
};

const options = (select, found, chosen) => {
  select.replaceChildren(...found.map(([value, name]) => new Option(name, value)));
  if (found.some(([value]) => String(value) === String(chosen))) select.value = chosen;
};

const drawBox = () => {
  part("box").hidden = !box;
  if (!box) return;
  const [product, size, unit] = sizeOf(box);
  const places = here(box);
  const total = places.reduce((sum, [, quantity]) => sum + quantity, 0);
  part("code").textContent = words.say("box", { code: box.code });
  part("what").textContent = [product, size].filter(Boolean).join(", ");
  part("total").textContent = words.number(total);
  part("unit").textContent = unit;
  const told = places.map(([shelf, quantity]) => words.say("place", { shelf: shelfName(shelf), count: words.number(quantity) }));
  if (box.elsewhere) told.push(words.say("elsewhere", { count: words.number(box.elsewhere) }));
  if (!places.length) told.push(words.say("empty"));
  const more = [...told];
  if (box.best_before) more.push(words.say("bestBefore", { day: words.day(box.best_before) }));
  part("places").textContent = more.join(" · ");
  part("free").hidden = box.free >= total;
  part("free").textContent = words.say("free", { count: words.number(Math.max(0, box.free)) });
  const status = part("box-status");
  const [kind, name] = box.stopped
    ? ["bad", "toDecide"]
    : box.waiting
      ? ["warn", "notSent"]
      : box.expired
        ? ["bad", "expired"]
        : total
          ? ["ok", "onShelf"]
          : ["plain", "emptyBox"];
  status.className = `status is-${kind}`;
  status.textContent = words.say(name);
  drawForms(places, total);
};

const drawForms = (places, total) => {
  for (const form of page.querySelectorAll("form[data-kind]")) {
    const { kind } = form.dataset;
    form.closest("details").hidden = total <= 0 && (kind === "take" || kind === "move");
    if (form.closest("details").open && form.dataset.filled === box.code) continue; // somebody is at it
    form.dataset.filled = box.code;
    form.reset();
    clearErrors(form);
    const open = catalogue.shelves.filter((shelf) => !shelf.closed).map((shelf) => [shelf.id, shelf.name]);
    const known = (places.length ? places : box.places.slice(-1)).map(([id, quantity]) => [id, `${shelfName(id)} (${words.number(quantity)})`]);
    // Goods are put and counted on any shelf; they are taken and moved from where they are.
    const free = open.filter(([id]) => !known.some(([one]) => one === id));
    const offered = kind === "put" || kind === "count" ? [...known, ...free] : known;
    options(form.elements.shelf, offered, known[0]?.[0] ?? offered[0]?.[0]);
    form.querySelector("[data-shelf-field]").hidden = offered.length < 2;
    if (kind === "move") options(form.elements.to, [["", form.elements.to.dataset.invite], ...open], "");
    if (kind === "put") form.querySelector("[data-date-field]").hidden = !(sizeOf(box)[3] || box.best_before);
    if (kind === "count") drawReasons(form);
  }
};

// Why the number is another: asked once it is one, with the reasons that can explain it.
const drawReasons = (form) => {
  const counted = form.elements.counted.value === "" ? NaN : Number(form.elements.counted.value);
  const more = counted - quantityAt(Number(form.elements.shelf.value));
  const asked = form.querySelector("[data-reason-field]");
  asked.hidden = !(more > 0 || more < 0);
  if (!asked.hidden) words.reasons(form.elements.reason, more > 0 ? "more" : "fewer");
};

const quantityAt = (shelf) => new Map(box.places).get(shelf) ?? 0;

const draw = async () => {
  [acts, person, catalogue, copy] = await Promise.all([
    store.acts(),
    store.about("person").then((found) => found ?? null),
    store.about("catalogue"),
    store.about("copy"),
  ]);
  box = code && catalogue?.sizes ? standing(await store.box(code)) : null;
  drawState();
  drawWaiting();
  drawBox();
  decide.draw(
    acts.filter((act) => act.person === person && act.state === "conflict"),
    { shelfName, shelves: catalogue?.shelves ?? [] },
  );
  await drawCopy();
};

// Finding

const matches = (kept, asked) => {
  const text = [kept.code, ...kept.labels, whatIs(kept), ...here(kept).map(([id]) => shelfName(id))].join(" ").toLocaleLowerCase();
  return asked.every((word) => text.includes(word));
};

const search = async (text) => {
  const asked = text.toLocaleLowerCase().split(/\s+/);
  const found = (await store.boxes()).map(standing).filter((kept) => matches(kept, asked)).slice(0, MOST_FOUND);
  part("found").hidden = found.length === 0;
  part("found-list").replaceChildren(
    ...found.map((kept) => {
      const places = here(kept).map(([id, quantity]) => `${shelfName(id)}: ${words.number(quantity)}`).join(" · ");
      return line(kept.code, `${whatIs(kept)} · ${places || words.say("empty")}`, button(words.say("open"), `${words.say("open")}: ${kept.code}`, () => open(kept.code)));
    }),
  );
  say(found.length ? "" : copy?.at ? "unknown" : "nothingKept", { code: text });
};

const open = async (text) => {
  const asked = codeIn(text);
  if (!asked) return;
  field.value = "";
  part("found").hidden = true;
  page.querySelectorAll("details[name=act]").forEach((form) => (form.open = false));
  let kept = await store.box(asked.toUpperCase());
  if (!kept && navigator.onLine) {
    await outbox.fresh(asked); // a box that was emptied long ago, or made a moment ago
    kept = await store.box(asked.toUpperCase());
  }
  code = kept?.code ?? "";
  await draw();
  if (!kept) {
    await search(asked);
    return;
  }
  say("");
  part("code").focus();
  if (navigator.onLine) outbox.fresh(code).then(draw);
};

part("one").addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation(); // it is no form that was sent
  open(field.value);
});

useCamera({ page, say, stays: () => false, got: open });

// Doing

const clearErrors = (form) => {
  form.querySelectorAll(".field-error").forEach((error) => error.remove());
  form.querySelectorAll(".is-invalid").forEach((input) => {
    input.classList.remove("is-invalid");
    input.removeAttribute("aria-describedby");
  });
  delete form.dataset.sure;
};

const refuse = (form, name, text) => {
  const input = form.elements[name];
  const error = document.createElement("p");
  error.className = "field-error";
  error.id = `${input.id}-error`;
  error.textContent = text;
  input.closest(".field").querySelector("label").after(error);
  input.classList.add("is-invalid");
  input.setAttribute("aria-describedby", error.id);
  input.focus();
  return null;
};

const wholeNumber = (form, name, least) => {
  const text = form.elements[name].value.trim();
  if (!/^\d+$/.test(text)) return refuse(form, name, words.say("wholeNumber"));
  const number = Number(text);
  if (number < least || number > MOST) return refuse(form, name, words.say("between", { least, most: words.number(MOST) }));
  return number;
};

// What a form says, or nothing where something is to be put right first.
const act = (form) => {
  const { kind } = form.dataset;
  const sure = form.dataset.sure;
  clearErrors(form);
  const { elements } = form;
  const shelf = Number(elements.shelf.value);
  const made = { kind, shelf };
  if (!shelf) return refuse(form, "shelf", words.say("chooseShelf"));
  const number = kind === "count" ? "counted" : "quantity";
  const value = wholeNumber(form, number, kind === "count" ? 0 : 1);
  if (value === null) return null;
  made[number] = value;
  if (kind === "move") {
    made.to = Number(elements.to.value);
    if (!made.to) return refuse(form, "to", words.say("chooseShelf"));
    if (made.to === shelf) return refuse(form, "to", words.say("sameShelf"));
  }
  const there = quantityAt(shelf);
  if ((kind === "take" || kind === "move") && value > there && sure !== String(value)) {
    refuse(form, "quantity", words.say("fewerKnown", { there: words.number(there), count: words.number(value) }));
    form.dataset.sure = value;
    return null;
  }
  if (kind === "count") made.expected = there;
  if (kind === "take" || (kind === "count" && value !== there)) {
    made.reason = elements.reason.value;
    if (!made.reason) return refuse(form, "reason", words.say("chooseReason"));
  }
  if (kind === "put") {
    made.source = elements.source.value;
    if (elements.best_before.value) made.best_before = elements.best_before.value;
  }
  if (elements.note?.value.trim()) made.note = elements.note.value.trim();
  if (made.reason === "other" && !made.note) return refuse(form, "note", words.say("noteAsked"));
  return made;
};

page.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.kind) return;
  event.preventDefault();
  event.stopPropagation();
  const made = act(form);
  if (!made) return;
  await write(made);
  form.closest("details").open = false;
  form.dataset.filled = "";
  navigator.storage?.persist?.();
  await go("written", { did: words.did(acts.at(-1)) });
  part("code").focus();
});

const moment = async () => new Date(Date.now() + ((await store.about("ahead")) ?? 0)).toISOString();
const newKey = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

// What is done belongs to who is signed in, who may be another than last time: that is learnt first, if it can be soon.
const identified = Promise.race([outbox.identify(), new Promise((resolve) => setTimeout(resolve, SOON))]);

const write = async (made) => {
  await identified;
  person = (await store.about("person")) ?? null;
  const names = { shelf_name: shelfName(made.shelf), to_name: made.to ? shelfName(made.to) : "" };
  const about = { code: box.code, what: whatIs(box), warehouse: copy.warehouse, person };
  await store.add({ key: newKey(), made_at: await moment(), state: "waiting", ...about, ...names, ...made });
  acts = await store.acts();
};

// Say what was done, draw it, tell other tabs, and send it.
const go = async (name, values) => {
  say(name, values);
  outbox.changed();
  await draw();
  synchronise();
};

decide.listen({ page, refuse, clearErrors, wholeNumber, moment, newKey, go });

part("discard-others").addEventListener("click", async () => {
  const others = acts.filter((one) => one.person !== person);
  if (!confirm(words.count("sureOthers", others.length))) return;
  await store.remove(others.map((one) => one.place), true);
  await go("othersGone");
});

page.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step]");
  if (!step) return;
  const input = step.closest(".stepper").querySelector("input");
  input.value = Math.max(Number(input.min), (Number(input.value) || 0) + Number(step.dataset.step));
  input.dispatchEvent(new Event("input", { bubbles: true }));
});

page.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-kind=count]");
  if (form && box) drawReasons(form);
});

// Sending and copying

let working = null;
let wanted = null; // what is asked for while a sending is under way comes after it: it may have begun without a signal
const synchronise = (copying = false) => {
  wanted = { copying: copying || Boolean(wanted?.copying) };
  working ??= (async () => {
    while (wanted) {
      const now = wanted;
      wanted = null;
      state = await outbox.sync(now);
    }
    working = null;
    await draw();
  })();
  return working;
};

part("warehouse").addEventListener("change", async (event) => {
  if (!Number(event.target.value)) return;
  code = "";
  await outbox.choose(Number(event.target.value));
  await synchronise(true);
});
part("refresh").addEventListener("click", async () => {
  say("refreshing");
  await synchronise(true);
  say(state === "ok" ? "refreshed" : "offline");
});

outbox.onChange(draw);
window.addEventListener("online", () => synchronise(true));
window.addEventListener("offline", draw);
setInterval(() => acts.length && synchronise(), EVERY);
setInterval(() => document.hidden || synchronise(true), 15 * EVERY);

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/sw.js").catch(() => {});
  navigator.serviceWorker.addEventListener("message", (event) => event.data === "send" && synchronise());
  navigator.serviceWorker.ready.then((registration) => registration.sync?.register("aisle")).catch(() => {});
}

await draw();
const asked = new URL(location).searchParams;
if (asked.has("code")) await open(asked.get("code"));
if (asked.has("away")) say("away");
if (asked.size) history.replaceState(null, "", location.pathname);
await synchronise(true);
