// One box: how it will stand once what waits is done, how that is told, and the forms for what is done to it.

const { words, forms } = window.shoreline;
const page = document.querySelector("[data-aisle]");
const part = (name) => page.querySelector(`[data-${name}]`);

let catalogue = null; // the shelves and sizes that boxes are told with
const know = (found) => {
  catalogue = found;
};

const shelfName = (id) => catalogue?.shelves?.find((shelf) => shelf.id === id)?.name ?? "?";
const sizeOf = (box) => catalogue?.sizes?.[box.size] ?? ["?", "", "", false];
const whatIs = (box) => sizeOf(box).slice(0, 2).filter(Boolean).join(", ");
const placed = ([id, quantity]) => words.say("place", { shelf: shelfName(id), count: words.number(quantity) });
const here = (box) => box.places.filter(([, quantity]) => quantity !== 0);
const quantityAt = (box, shelf) => new Map(box.places).get(shelf) ?? 0;

// Where a box is, in words.
const places = (box) => {
  const told = here(box).map(placed);
  if (box.elsewhere) told.push(words.say("elsewhere", { count: words.number(box.elsewhere) }));
  return told.join(" · ") || words.say("empty");
};

// Lay what waits over the server's numbers. Behind an act that waits for a decision nothing goes on: then they stay.
const standing = (kept, acts) => {
  const levels = new Map(kept.places);
  const own = acts.filter((act) => act.code === kept.code && !act.discarded);
  const waiting = own.filter((act) => act.state === "waiting");
  const stopped = own.some((act) => act.state === "conflict");
  const add = (shelf, quantity) => levels.set(shelf, (levels.get(shelf) ?? 0) + quantity);
  for (const act of stopped ? [] : waiting) {
    if (act.kind === "count") levels.set(act.shelf, act.counted);
    else add(act.shelf, act.kind === "put" ? act.quantity : -act.quantity);
    if (act.kind === "move") add(act.to, act.quantity);
  }
  return { ...kept, places: [...levels], waiting: waiting.length, stopped };
};

// A word with a shape: which kind it is, and its name.
const statusOf = (box, total) => {
  if (box.stopped) return ["bad", "toDecide"];
  if (box.waiting) return ["warn", "notSent"];
  if (box.expired) return ["bad", "expired"];
  return total ? ["ok", "onShelf"] : ["plain", "emptyBox"];
};

const draw = (box) => {
  part("box").hidden = !box;
  if (!box) return;
  const total = here(box).reduce((sum, [, quantity]) => sum + quantity, 0);
  part("code").textContent = words.say("box", { code: box.code });
  part("what").textContent = whatIs(box);
  part("total").textContent = words.number(total);
  part("unit").textContent = sizeOf(box)[2];
  const dated = box.best_before ? [words.say("bestBefore", { day: words.day(box.best_before) })] : [];
  part("places").textContent = [places(box), ...dated].join(" · ");
  part("free").hidden = box.free >= total;
  part("free").textContent = words.say("free", { count: words.number(Math.max(0, box.free)) });
  const [kind, name] = statusOf(box, total);
  part("box-status").className = `status is-${kind}`;
  part("box-status").textContent = words.say(name);
  part("box-page").hidden = !navigator.onLine;
  part("box-page").querySelector("a").href = `/stock/boxes/${encodeURIComponent(box.code)}`;
  for (const form of page.querySelectorAll("form[data-kind]")) fill(form, box, total);
};

const options = (select, found, chosen) => {
  select.replaceChildren(...found.map(([value, name]) => new Option(name, value)));
  if (found.some(([value]) => String(value) === String(chosen))) select.value = chosen;
};

// Make a form ready for a box, unless somebody is at it.
const fill = (form, box, total) => {
  const { kind } = form.dataset;
  const frame = form.closest("details");
  frame.hidden = total <= 0 && (kind === "take" || kind === "move");
  const there = () => quantityAt(box, Number(form.elements.shelf.value));
  if (frame.open && form.dataset.filled === box.code) {
    if (kind === "count") askWhy(form, there()); // what was done just before may be known only now
    return;
  }
  form.dataset.filled = box.code;
  form.reset();
  forms.clearErrors(form);
  const open = catalogue.shelves.filter((shelf) => !shelf.closed).map((shelf) => [shelf.id, shelf.name]);
  const known = (here(box).length ? here(box) : box.places.slice(-1)).map(([id, there]) => [id, `${shelfName(id)} (${words.number(there)})`]);
  // Goods are put and counted on any shelf; they are taken and moved from where they are.
  const others = open.filter(([id]) => !known.some(([one]) => one === id));
  const offered = kind === "put" || kind === "count" ? [...known, ...others] : known;
  options(form.elements.shelf, offered, offered[0]?.[0]);
  form.querySelector("[data-shelf-field]").hidden = offered.length < 2;
  if (kind === "take" && box.expired) form.elements.reason.value = "expired";
  if (kind === "move") options(form.elements.to, [["", form.elements.to.dataset.invite], ...open], "");
  if (kind === "put") form.querySelector("[data-date-field]").hidden = !(sizeOf(box)[3] || box.best_before);
  if (kind === "count") askWhy(form, there());
};

// Why the number is another than there was: asked once it is one, with the reasons that can explain it.
const askWhy = (form, there) => {
  const counted = form.elements.counted.value === "" ? NaN : Number(form.elements.counted.value);
  const more = counted - there;
  const asked = form.querySelector("[data-reason-field]");
  asked.hidden = !(more > 0 || more < 0);
  if (!asked.hidden) words.reasons(form.elements.reason, more > 0 ? "more" : "fewer");
};

const matches = (box, asked) => {
  const text = [box.code, ...box.labels, whatIs(box), ...here(box).map(([id]) => shelfName(id))].join(" ").toLocaleLowerCase();
  return asked.every((word) => text.includes(word));
};

const boxes = { know, shelfName, whatIs, places, quantityAt, standing, draw, askWhy, matches };
window.shoreline = { ...window.shoreline, boxes };
