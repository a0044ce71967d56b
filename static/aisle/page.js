// The aisle's page: find a box, say what is done to it, see what waits. It shows what this phone keeps (outbox.js), so it
// is the same with and without a signal.

const { codeIn, useCamera, outbox, words, forms, boxes, decide } = window.shoreline;
const { store } = outbox;
const page = document.querySelector("[data-aisle]");
const part = (name) => page.querySelector(`[data-${name}]`);
const field = part("one").elements.code;
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
  else say("undone");
  outbox.changed();
};

const drawWaiting = () => {
  const waiting = acts.filter((act) => act.person === person && act.state === "waiting").reverse();
  part("waiting").hidden = waiting.length === 0;
  part("waiting-list").replaceChildren(
    ...waiting.map((act) => {
      const end = act.tried ? null : button(words.say("undo"), `${words.say("undo")}: ${words.did(act)}`, () => takeBack(act));
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
  const known = JSON.stringify([sites, copy?.warehouse]);
  if (select.dataset.known !== known) {
    select.replaceChildren(...[{ id: 0, name: select.dataset.invite }, ...sites].map((site) => new Option(site.name, site.id)));
    select.value = copy?.warehouse ?? 0;
    select.dataset.known = known;
  }
  if (sites.length && !copy?.warehouse) part("choose").open = true;
  const kept = copy?.at && { boxes: await store.count(), time: words.time(copy.heardAt) };
  part("copy-text").textContent = kept ? words.count("keeps", kept.boxes, kept) : words.say(sites.length ? "noCopy" : "nothingYet");
};

const draw = async () => {
  [acts, person, catalogue, copy] = await Promise.all([
    store.acts(),
    store.about("person").then((found) => found ?? null),
    store.about("catalogue"),
    store.about("copy"),
  ]);
  boxes.know(catalogue);
  const kept = code && catalogue?.sizes ? await store.box(code) : null;
  box = kept ? boxes.standing(kept, acts) : null;
  drawState();
  drawWaiting();
  boxes.draw(box);
  const conflicts = acts.filter((act) => act.person === person && act.state === "conflict");
  await decide.draw(conflicts, catalogue?.shelves ?? []);
  await drawCopy();
};

// What cannot be kept, or read, is said.
const failed = (error) => {
  say("notKept");
  console.warn(error);
};

const redraw = () => draw().catch(failed);

// Finding

const search = async (text) => {
  const asked = text.toLocaleLowerCase().split(/\s+/);
  const found = (await store.boxes()).map((kept) => boxes.standing(kept, acts));
  const fitting = found.filter((kept) => boxes.matches(kept, asked)).slice(0, MOST_FOUND);
  part("found").hidden = fitting.length === 0;
  part("found-list").replaceChildren(
    ...fitting.map((kept) => {
      const opens = button(words.say("open"), `${words.say("open")}: ${kept.code}`, () => open(kept.code));
      return line(kept.code, `${boxes.whatIs(kept)} · ${boxes.places(kept)}`, opens);
    }),
  );
  say(fitting.length ? "" : copy?.at ? "unknown" : "nothingKept", { code: text });
  ask(fitting.length ? "" : text);
};

// With a signal, the server may know more of a code: a blank label, say.
const ask = (text) => {
  part("ask").hidden = !text || !navigator.onLine;
  part("ask").querySelector("a").href = `/stock/scan?code=${encodeURIComponent(text)}`;
};

const open = async (text) => {
  const asked = codeIn(text);
  if (!asked) return;
  ask("");
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
  if (navigator.onLine) outbox.fresh(code).then(redraw, failed);
};

part("one").addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation(); // it is no form that was sent
  open(field.value);
});

// A scanner types wherever one is on the page: then it is a code.
document.addEventListener("keydown", (event) => {
  const typed = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== " ";
  if (typed && !event.target.closest("input, select, textarea, dialog")) field.focus();
});

useCamera({ page, say, stays: () => false, got: open });

// Doing

page.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.kind) return;
  event.preventDefault();
  event.stopPropagation();
  const work = async () => {
    const made = forms.read(form, (shelf) => boxes.quantityAt(box, shelf));
    if (!made) return;
    await write(box, made);
    form.closest("details").open = false;
    form.dataset.filled = "";
    navigator.storage?.persist?.();
    await go("written", { did: words.did(acts.at(-1)) });
    part("code").focus();
  };
  await forms.once(form, work, failed);
});


// What is done belongs to who is signed in, who may be another than last time: that is learnt first, if it can be soon.
const identified = Promise.race([outbox.identify(), new Promise((resolve) => setTimeout(resolve, SOON))]);

const write = async (kept, made) => {
  await identified;
  person = (await store.about("person")) ?? null;
  const names = { shelf_name: boxes.shelfName(made.shelf), to_name: made.to ? boxes.shelfName(made.to) : "" };
  const about = { code: kept.code, what: boxes.whatIs(kept), warehouse: copy.warehouse, person };
  await store.add({ ...(await outbox.stamp()), state: "waiting", ...about, ...names, ...made });
  acts = await store.acts();
};

// Say what was done, draw it, tell other tabs, and send it.
const go = async (name, values) => {
  say(name, values);
  outbox.changed();
  await draw();
  synchronise();
};

decide.listen({ go, failed });

part("discard-others").addEventListener("click", async () => {
  const others = acts.filter((one) => one.person !== person);
  if (!confirm(words.count("sureOthers", others.length))) return;
  await store.remove(others.map((one) => one.place), true);
  await go("othersGone");
});

page.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-kind=count]");
  if (form && box) boxes.askWhy(form, boxes.quantityAt(box, Number(form.elements.shelf.value)));
});

// Sending and copying

let working = null;
let wanted = null; // what is asked for while a sending is under way comes after it: it may have begun without a signal
const synchronise = (copying = false) => {
  wanted = { copying: copying || Boolean(wanted?.copying) };
  working ??= (async () => {
    try {
      while (wanted) {
        const now = wanted;
        wanted = null;
        state = await outbox.sync(now);
      }
    } catch (error) {
      failed(error);
    }
    working = null;
    await redraw();
  })();
  return working;
};

part("warehouse").addEventListener("change", async (event) => {
  if (!Number(event.target.value)) return;
  code = "";
  part("choose").open = false;
  await outbox.choose(Number(event.target.value));
  await synchronise(true);
});
part("refresh").addEventListener("click", async () => {
  say("refreshing");
  await synchronise(true);
  say(state === "ok" ? "refreshed" : "offline");
});

outbox.onChange(redraw);
window.addEventListener("online", () => synchronise(true));
window.addEventListener("offline", redraw);
setInterval(() => acts.some((act) => act.state === "waiting") && synchronise(), EVERY);
setInterval(() => document.hidden || synchronise(true), 15 * EVERY);

if ("serviceWorker" in navigator) {
  const workers = navigator.serviceWorker;
  // Labels' addresses come after: what is kept is kept once for both.
  workers.register("/sw.js", { scope: "/stock" }).then(() => workers.ready).then(() => workers.register("/sw.js", { scope: "/b/" })).catch(() => {});
  workers.addEventListener("message", (event) => event.data === "send" && synchronise());
  workers.ready.then((registration) => registration.sync?.register("aisle")).catch(() => {});
}

const begin = async () => {
  await draw();
  const asked = new URL(location).searchParams;
  if (asked.has("code")) await open(asked.get("code"));
  if (asked.has("away")) say("away");
  if (location.search) history.replaceState(null, "", location.pathname);
  await synchronise(true);
};

begin().catch(failed);
