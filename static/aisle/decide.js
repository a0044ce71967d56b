// What could not be done as it was: both sides of it, and what somebody decides. Nothing is dropped, nothing cut down.

const { outbox, words } = window.shoreline;
const { store } = outbox;
const page = document.querySelector("[data-aisle]");
const section = page.querySelector("[data-decide]");
const pattern = section.querySelector("template");
let shown = "";

const option = ([value, name]) => new Option(name, value);

const ledger = (act, shelfName) => {
  if (!act.box) return words.say("noBox");
  const places = act.box.places.filter(([, quantity]) => quantity);
  const told = places.map(([id, quantity]) => words.say("place", { shelf: shelfName(id), count: words.number(quantity) }));
  if (act.box.elsewhere) told.push(words.say("elsewhere", { count: words.number(act.box.elsewhere) }));
  return told.join(" · ") || words.say("empty");
};

const thereOf = (act) => new Map(act.box?.places ?? []).get(act.shelf) ?? 0;

// Where it could be done, and how many of it: the shelf it was meant for if it has any, else where most are.
const proposal = (act) => {
  const places = act.box.places.filter(([, quantity]) => quantity > 0);
  const [shelf, there] = places.find(([id]) => id === act.shelf) ?? [...places].sort((a, b) => b[1] - a[1])[0] ?? [act.shelf, 0];
  const leaves = act.kind === "take" && act.reason === "given";
  const most = leaves ? Math.min(there, Math.max(0, act.box.free)) : there;
  return { shelf, quantity: Math.min(act.quantity, most) };
};

const fill = (row, act, { shelfName, shelves }) => {
  const part = (name) => row.querySelector(`[data-${name}]`);
  row.dataset.place = act.place;
  part("act-did").textContent = words.did(act);
  part("act-what").textContent = act.what;
  part("mine").textContent = `${words.did(act)}, ${words.time(act.made_at)}`;
  part("theirs").textContent = ledger(act, shelfName);
  part("says").textContent = act.says;
  row.querySelectorAll("[id]").forEach((element) => (element.id += `-${act.place}`));
  row.querySelectorAll("[for]").forEach((element) => (element.htmlFor += `-${act.place}`));
  row.querySelectorAll("details").forEach((element) => (element.name = `decide-${act.place}`));
  const counts = act.kind === "count";
  const open = shelves.filter((shelf) => !shelf.closed).map((shelf) => [shelf.id, shelf.name]);
  part("again").hidden = counts || !act.box;
  part("recount").hidden = !["take", "move"].includes(act.kind) || !act.box || act.field !== "quantity" || thereOf(act) >= act.quantity;
  part("keep").hidden = !(counts && act.field === "expected");
  part("count").hidden = !counts || !act.box;
  if (!part("again").hidden) {
    const { elements } = part("again").querySelector("form");
    const { shelf, quantity } = act.kind === "put" ? act : proposal(act);
    const known = act.box.places.filter(([, there]) => there > 0).map(([id, there]) => [id, `${shelfName(id)} (${words.number(there)})`]);
    elements.shelf.replaceChildren(...(act.kind === "put" ? open : known).map(option));
    elements.shelf.value = shelf;
    elements.quantity.value = quantity || "";
    elements.to.closest(".field").hidden = act.kind !== "move";
    elements.to.replaceChildren(...open.map(option));
    elements.to.value = act.to;
  }
  for (const name of ["recount", "keep", "count"]) {
    const form = part(name).querySelector("form");
    const more = name === "keep" ? act.counted - act.then : 1;
    words.reasons(form.elements.reason, name === "count" ? "all" : more > 0 ? "more" : "fewer");
  }
  if (counts) part("count").querySelector("form").elements.counted.value = act.counted;
};

const draw = (conflicts, about) => {
  section.hidden = conflicts.length === 0;
  section.querySelector("[data-decide-count]").textContent = conflicts.length;
  const now = JSON.stringify([conflicts, about.shelves]);
  if (now === shown) return; // somebody may be at one of them
  shown = now;
  const rows = conflicts.map((act) => {
    const row = pattern.content.firstElementChild.cloneNode(true);
    fill(row, act, about);
    return row;
  });
  section.querySelector("[data-decide-list]").replaceChildren(...rows);
};

// Each way on: what becomes of the act, and what goes before it; nothing where something is to be put right first.
const ways = ({ refuse, wholeNumber, moment, newKey }) => {
  const settled = (act, changes) => ({ ...act, state: "waiting", ...changes });
  const reasoned = (form) => {
    const reason = form.elements.reason.value;
    const note = form.elements.note?.value.trim() ?? "";
    if (!reason) return refuse(form, "reason", words.say("chooseReason"));
    if (reason === "other" && !note) return refuse(form, "note", words.say("noteAsked"));
    return note ? { reason, note } : { reason };
  };
  return {
    again: (form, act) => {
      const { elements } = form;
      const shelf = Number(elements.shelf.value);
      if (!shelf) return refuse(form, "shelf", words.say("chooseShelf"));
      const quantity = wholeNumber(form, "quantity", 1);
      if (quantity === null) return null;
      const changes = { shelf, quantity, shelf_name: elements.shelf.selectedOptions[0].text.replace(/ \([^()]*\)$/, "") };
      if (act.kind !== "move") return [settled(act, changes)];
      const to = Number(elements.to.value);
      if (!to) return refuse(form, "to", words.say("chooseShelf"));
      if (to === shelf) return refuse(form, "to", words.say("sameShelf"));
      return [settled(act, { ...changes, to, to_name: elements.to.selectedOptions[0].text })];
    },
    // What was taken had been there: there were as many as are left, and those.
    recount: async (form, act) => {
      const left = wholeNumber(form, "counted", 0);
      if (left === null) return null;
      const why = reasoned(form);
      if (!why) return null;
      const { code, what, warehouse, person, shelf, shelf_name } = act;
      const counted = left + act.quantity;
      const first = { kind: "count", key: newKey(), made_at: await moment(), counted, expected: thereOf(act), ...why };
      return [{ ...first, code, what, warehouse, person, shelf, shelf_name, state: "waiting", place: act.place - 0.5 }, settled(act)];
    },
    keep: (form, act) => {
      const why = reasoned(form);
      return why && [settled(act, { expected: act.then, ...why })];
    },
    count: async (form, act) => {
      const counted = wholeNumber(form, "counted", 0);
      if (counted === null) return null;
      const expected = thereOf(act);
      const why = counted === expected ? { reason: "" } : reasoned(form);
      return why && [settled(act, { counted, expected, made_at: await moment(), ...why })];
    },
    discard: (form, act) => {
      const discarded = form.elements.why.value.trim();
      if (!discarded) return refuse(form, "why", words.say("whyAsked"));
      return [settled(act, { discarded })];
    },
  };
};

const listen = (tools) => {
  const way = ways(tools);
  section.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const form = event.target;
    tools.clearErrors(form);
    const place = Number(form.closest("[data-place]").dataset.place);
    const act = (await store.acts()).find((one) => one.place === place);
    if (!act || act.state !== "conflict") return tools.go("decided"); // another tab was first
    const changed = await way[form.dataset.do](form, act);
    if (!changed) return;
    await store.change(...changed);
    await tools.go("decided");
  });
};

window.shoreline = { ...window.shoreline, decide: { draw, listen } };
