// What could not be done as it was: both sides of it, and what somebody decides. Nothing is dropped, nothing cut down.

const { outbox, words, forms, boxes } = window.shoreline;
const { store } = outbox;
const page = document.querySelector("[data-aisle]");
const section = page.querySelector("[data-decide]");
const pattern = section.querySelector("template");
let shown = "";
let conflicts = []; // as they are shown

const option = ([value, name]) => new Option(name, value);

// An act with its box as it stands by now: the copy may have heard more since it was refused.
const renewed = async (act) => {
  const copy = await store.about("copy");
  const box = copy?.warehouse === act.warehouse ? await store.box(act.code) : null;
  return box ? { ...act, box } : act;
};

const thereOf = (act) => (act.box ? boxes.quantityAt(act.box, act.shelf) : 0);

// Where it could be done, and how many of it: the shelf it was meant for if it has any, else where most are.
const proposal = (act) => {
  const places = act.box.places.filter(([, quantity]) => quantity > 0);
  const [shelf, there] = places.find(([id]) => id === act.shelf) ?? [...places].sort((a, b) => b[1] - a[1])[0] ?? [act.shelf, 0];
  const leaves = act.kind === "take" && act.reason === "given";
  const most = leaves ? Math.min(there, Math.max(0, act.box.free)) : there;
  return { shelf, quantity: Math.min(act.quantity, most) };
};

const fill = (row, act, shelves) => {
  const part = (name) => row.querySelector(`[data-${name}]`);
  row.dataset.place = act.place;
  part("act-did").textContent = words.did(act);
  part("act-what").textContent = act.what;
  part("mine").textContent = `${words.did(act)}, ${words.time(act.made_at)}`;
  part("theirs").textContent = act.box ? boxes.places(act.box) : words.say("noBox");
  part("says").textContent = act.says;
  row.querySelectorAll("[id]").forEach((element) => (element.id += `-${act.place}`));
  row.querySelectorAll("[for]").forEach((element) => (element.htmlFor += `-${act.place}`));
  row.querySelectorAll("details").forEach((element) => (element.name = `decide-${act.place}`));
  const counts = act.kind === "count";
  const open = shelves.filter((shelf) => !shelf.closed).map((shelf) => [shelf.id, shelf.name]);
  const anywhere = act.kind === "put" || act.box?.places.some(([, there]) => there > 0);
  part("again").hidden = counts || !act.box || !anywhere;
  part("recount").hidden = !["take", "move"].includes(act.kind) || !act.box || act.field !== "quantity" || thereOf(act) >= act.quantity;
  part("keep").hidden = !(counts && act.field === "expected");
  part("count").hidden = !counts || !act.box;
  if (!part("again").hidden) {
    const { elements } = part("again").querySelector("form");
    const { shelf, quantity } = act.kind === "put" ? act : proposal(act);
    const known = act.box.places.filter(([, there]) => there > 0).map(([id, there]) => [id, `${boxes.shelfName(id)} (${words.number(there)})`]);
    elements.shelf.replaceChildren(...(act.kind === "put" ? open : known).map(option));
    elements.shelf.value = shelf;
    elements.quantity.value = quantity || "";
    elements.to.closest(".field").hidden = act.kind !== "move";
    elements.to.replaceChildren(...open.map(option));
    elements.to.value = act.to;
  }
  if (!part("keep").hidden) words.reasons(part("keep").querySelector("form").elements.reason, act.counted > act.then ? "more" : "fewer");
  if (counts) part("count").querySelector("form").elements.counted.value = act.counted;
  for (const name of ["recount", "count"]) boxes.askWhy(part(name).querySelector("form"), thereOf(act));
};

const draw = async (refused, shelves) => {
  conflicts = await Promise.all(refused.map(renewed));
  section.hidden = conflicts.length === 0;
  section.querySelector("[data-decide-count]").textContent = conflicts.length;
  const now = JSON.stringify([conflicts, shelves]);
  if (now === shown) return; // somebody may be at one of them
  shown = now;
  const rows = conflicts.map((act) => {
    const row = pattern.content.firstElementChild.cloneNode(true);
    fill(row, act, shelves);
    return row;
  });
  section.querySelector("[data-decide-list]").replaceChildren(...rows);
};

const settled = (act, changes) => ({ ...act, state: "waiting", ...changes });

// A count of this moment, beside what the ledger has by now, with a reason where they differ.
const countNow = async (form, act, counted) => {
  const expected = thereOf(act);
  const why = counted === expected ? { reason: "" } : forms.reasoned(form);
  return why && { counted, expected, made_at: (await outbox.stamp()).made_at, ...why };
};

// Each way on: what becomes of the act, and what goes before it; null where something is to be put right first.
const ways = {
  again: (form, act) => {
    const { elements } = form;
    const shelf = forms.shelf(form, "shelf");
    const quantity = shelf && forms.wholeNumber(form, "quantity", 1);
    if (!quantity) return null;
    const named = (select) => select.selectedOptions[0].text.replace(/ \([^()]*\)$/, "");
    const changes = { shelf, quantity, shelf_name: named(elements.shelf) };
    if (act.kind !== "move") return [settled(act, changes)];
    const to = forms.shelf(form, "to", shelf);
    return to && [settled(act, { ...changes, to, to_name: named(elements.to) })];
  },
  // What is left there is counted, and then what was done is written down: being older, it is in that count already.
  recount: async (form, act) => {
    const counted = forms.wholeNumber(form, "counted", 0);
    const first = counted !== null && (await countNow(form, act, counted));
    if (!first) return null;
    const { code, what, warehouse, person, shelf, shelf_name } = act;
    const whose = { code, what, warehouse, person, shelf, shelf_name, state: "waiting", place: act.place - 0.5 };
    return [{ ...(await outbox.stamp()), ...first, kind: "count", ...whose }, settled(act)];
  },
  keep: (form, act) => {
    const why = forms.reasoned(form);
    return why && [settled(act, { expected: act.then, ...why })];
  },
  count: async (form, act) => {
    const counted = forms.wholeNumber(form, "counted", 0);
    const now = counted !== null && (await countNow(form, act, counted));
    return now && [settled(act, now)];
  },
  discard: (form, act) => {
    const discarded = form.elements.why.value.trim();
    return discarded ? [settled(act, { discarded })] : forms.refuse(form, "why", words.say("whyAsked"));
  },
};

// Hear what is decided; `go` says, draws and sends it, `failed` is told what cannot be kept.
const listen = ({ go, failed }) => {
  section.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-do=recount], form[data-do=count]");
    const act = form && conflicts.find((one) => one.place === Number(form.closest("[data-place]").dataset.place));
    if (act) boxes.askWhy(form, thereOf(act));
  });
  section.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const form = event.target;
    const work = async () => {
      forms.clearErrors(form);
      const place = Number(form.closest("[data-place]").dataset.place);
      const act = (await store.acts()).find((one) => one.place === place);
      if (act?.state !== "conflict") return go("decided"); // another tab was first
      const changed = await ways[form.dataset.do](form, await renewed(act));
      if (!changed) return;
      await store.change(...changed);
      await go("decided");
    };
    await forms.once(form, work, failed);
  });
};

window.shoreline = { ...window.shoreline, decide: { draw, listen } };
