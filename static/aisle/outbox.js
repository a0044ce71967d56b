// The aisle's memory on this phone, in IndexedDB: the copy of a warehouse, and what was done and is not sent yet.
// And its sending: in order, once, by one tab at a time. Shared by the aisle's page and the badge of every other page.

const NAME = "shoreline-aisle";

// Keeping

const answer = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

let opening = null;
const opened = () =>
  (opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("about"); // person, clock, copy, catalogue
      const boxes = request.result.createObjectStore("boxes", { keyPath: "code" });
      boxes.createIndex("labels", "labels", { multiEntry: true });
      boxes.createIndex("round", "round");
      request.result.createObjectStore("acts", { keyPath: "place", autoIncrement: true });
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => {
        request.result.close();
        opening = null;
      };
      resolve(request.result);
    };
    request.onerror = () => {
      opening = null;
      reject(request.error);
    };
  }));

// Do some work with stores in one transaction; what is written is on the disk before this goes on.
const within = async (names, mode, work) => {
  const transaction = (await opened()).transaction(names, mode, { durability: mode === "readwrite" ? "strict" : "default" });
  const ended = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  const [result] = await Promise.all([work(...names.map((name) => transaction.objectStore(name))), ended]);
  return result;
};

const store = {
  // Whether there is anything at all: a page that only asks makes no database.
  exists: async () => {
    if (!("indexedDB" in window)) return false;
    if (!indexedDB.databases) return true;
    return (await indexedDB.databases()).some((database) => database.name === NAME);
  },
  about: (key) => within(["about"], "readonly", (about) => answer(about.get(key))),
  keep: (values) =>
    within(["about"], "readwrite", (about) => Object.entries(values).forEach(([key, value]) => about.put(value, key))),
  // A box by its code or a label on it.
  box: (code) =>
    within(["boxes"], "readonly", async (boxes) => (await answer(boxes.get(code))) ?? answer(boxes.index("labels").get(code))),
  boxes: () => within(["boxes"], "readonly", (boxes) => answer(boxes.getAll())),
  count: () => within(["boxes"], "readonly", (boxes) => answer(boxes.count())),
  put: (found, round) => within(["boxes"], "readwrite", (boxes) => found.forEach((box) => boxes.put({ ...box, round }))),
  // Forget the boxes that the newest full copy has not any more.
  sweep: (round) =>
    within(["boxes"], "readwrite", async (boxes) => {
      const old = await answer(boxes.index("round").getAllKeys(IDBKeyRange.upperBound(round, true)));
      old.forEach((code) => boxes.delete(code));
    }),
  acts: () => within(["acts"], "readonly", (acts) => answer(acts.getAll())),
  add: (act) => within(["acts"], "readwrite", (acts) => answer(acts.add(act))),
  change: (...changed) => within(["acts"], "readwrite", (acts) => changed.forEach((act) => acts.put(act))),
  // Take acts back that no sending has begun with; says whether all of them could be.
  remove: (places, evenTried = false) =>
    within(["acts"], "readwrite", async (acts) => {
      const found = await Promise.all(places.map((place) => answer(acts.get(place))));
      if (!evenTried && found.some((act) => !act || act.tried)) return false;
      places.forEach((place) => acts.delete(place));
      return true;
    }),
  // An act is in the ledger: forget it, and keep how its box stands now, both or neither.
  done: (place, box, round) =>
    within(["acts", "boxes"], "readwrite", (acts, boxes) => {
      acts.delete(place);
      if (box && round) boxes.put({ ...box, round });
    }),
  // An act was refused: keep why, and how its box stands now.
  refused: (act, box, round) =>
    within(["acts", "boxes"], "readwrite", (acts, boxes) => {
      acts.put(act);
      if (box && round) boxes.put({ ...box, round });
    }),
  // Forget the copy, and who was here. What is not sent stays.
  forget: () =>
    within(["about", "boxes"], "readwrite", (about, boxes) => {
      about.clear();
      boxes.clear();
    }),
};

// Telling other tabs

const channel = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : null;
const listeners = new Set();
const heard = () => listeners.forEach((listener) => listener());
if (channel) channel.onmessage = heard;
const changed = () => {
  channel?.postMessage("changed");
  heard();
};

// Sending

const AT_ONCE = 20;
const PATIENCE = 20_000; // milliseconds for one answer, on one bar of signal
const FIELDS = [
  ...["key", "kind", "code", "made_at", "shelf", "to", "quantity", "counted", "expected", "reason", "source", "note"],
  ...["best_before", "discarded"],
];

// Why a sending ended before its end: "offline", "signed-out", "not-allowed" or "later".
class Stopped extends Error {
  constructor(state) {
    super(state);
    this.state = state;
  }
}

const ask = async (path, options = {}) => {
  let response;
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    response = await fetch(path, { redirect: "manual", cache: "no-store", signal, ...options });
  } catch {
    throw new Stopped("offline");
  }
  if (response.type === "opaqueredirect") throw new Stopped("signed-out"); // on to the page that asks for a password
  if (response.status === 403) throw new Stopped("not-allowed");
  if (response.status >= 500 || response.status === 429) throw new Stopped("later");
  return response;
};

const read = async (response) => {
  try {
    return await response.json();
  } catch {
    throw new Stopped("offline"); // the connection ended in the middle of the answer
  }
};

// Learn who is signed in, and by how much the server's clock is ahead: it was read about halfway through the asking.
const whoIsHere = async () => {
  const began = Date.now();
  const me = await read(await ask("/stock/aisle/me"));
  await store.keep({ person: me.person, ahead: Date.parse(me.now) - (began + Date.now()) / 2 });
  return me;
};

// The acts of one person that can go now: an act waits behind an earlier one of its box that waits for a decision.
const ready = (acts, person) => {
  const held = new Set();
  const going = [];
  for (const act of acts) {
    if (act.person !== person) continue;
    if (act.state === "conflict") held.add(act.code);
    else if (!held.has(act.code)) going.push(act);
  }
  return going.filter((act) => act.warehouse === going[0].warehouse).slice(0, AT_ONCE);
};

const settle = async (acts, results) => {
  const copy = await store.about("copy");
  let went = false;
  for (const [number, act] of acts.entries()) {
    const { state, says, field, then, box } = results[number];
    const round = copy?.warehouse === act.warehouse ? copy.round : 0;
    if (state === "done") await store.done(act.place, box, round);
    else if (state === "conflict") await store.refused({ ...act, state, says, field, then, box }, box, round);
    else continue; // it waits for one before it
    went = true;
  }
  changed();
  return went;
};

const send = async () => {
  if (!(await store.acts()).length) return;
  let me = await whoIsHere();
  for (let renewed = false; ; ) {
    const going = ready(await store.acts(), me.person);
    if (!going.length) return;
    await store.change(...going.map((act) => Object.assign(act, { tried: true })));
    const acts = going.map((act) => Object.fromEntries(FIELDS.filter((name) => name in act).map((name) => [name, act[name]])));
    const response = await ask("/stock/aisle/acts", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": me.token },
      body: JSON.stringify({ person: me.person, warehouse: going[0].warehouse, acts }),
    });
    if (response.status === 200) {
      if (!(await settle(going, (await read(response)).results))) return;
    } else if (renewed) {
      throw new Stopped("later");
    } else {
      renewed = true; // somebody signed in meanwhile: their token is another
      me = await whoIsHere();
    }
  }
};

// Copying

const HALF_A_DAY = 12 * 3600 * 1000;

const refreshCatalogue = async (warehouse) => {
  const kept = await store.about("catalogue");
  const headers = kept?.etag && kept.warehouse?.id === warehouse ? { "If-None-Match": kept.etag } : {};
  const response = await ask(`/stock/aisle/catalogue${warehouse ? `?warehouse=${warehouse}` : ""}`, { headers });
  if (response.status === 304) return kept;
  if (response.status === 422) return refreshCatalogue(0); // that warehouse is closed
  const catalogue = { ...(await read(response)), etag: response.headers.get("ETag") };
  await store.keep({ catalogue });
  return catalogue;
};

// Keep the boxes of a warehouse: all of them twice a day, else those that something happened to since.
const refreshBoxes = async () => {
  let copy = await store.about("copy");
  const whole = !copy.at || copy.next || Date.now() - copy.wholeAt > HALF_A_DAY;
  const round = whole && !copy.next ? Date.now() : copy.round;
  let after = whole ? (copy.next ?? 0) : 0;
  let began = whole && copy.next ? copy.began : null;
  for (;;) {
    const since = whole ? "" : `&since=${encodeURIComponent(copy.at)}`;
    const part = await read(await ask(`/stock/aisle/data?warehouse=${copy.warehouse}&after=${after}${since}`));
    if (!part.boxes) throw new Stopped("later");
    began ??= part.at;
    await store.put(part.boxes, round);
    after = part.next;
    if (!after) break;
    // A download that is cut off goes on where it was.
    if (whole) await store.keep({ copy: { ...copy, round, next: after, began } });
  }
  if (whole) await store.sweep(round);
  copy = { warehouse: copy.warehouse, round, at: began, wholeAt: whole ? Date.now() : copy.wholeAt, heardAt: Date.now() };
  await store.keep({ copy });
};

const refresh = async () => {
  const copy = await store.about("copy");
  const { warehouse, warehouses } = await refreshCatalogue(copy?.warehouse ?? 0);
  if (!warehouse) {
    if (copy) await store.keep({ copy: undefined });
    if (warehouses.length === 1) await choose(warehouses[0].id);
    if (warehouses.length === 1) await refresh();
    return;
  }
  await refreshBoxes();
};

const choose = async (warehouse) => {
  await store.sweep(Number.MAX_SAFE_INTEGER);
  await store.keep({ copy: { warehouse } });
};

// All of it

// One tab at a time; without locks, the keys alone see that nothing is done twice.
const alone = (work) => (navigator.locks ? navigator.locks.request(NAME, work) : work());

// Send what waits, and with `copying` see what is new; returns "ok" or why it stopped.
const sync = async ({ copying = false } = {}) => {
  let state = "ok";
  try {
    await alone(async () => {
      await send();
      if (!copying) return;
      await whoIsHere();
      await refresh();
    });
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    state = error.state;
  }
  changed();
  return state;
};

// What every act carries: its key, and the moment, by this phone's clock set to the server's.
const stamp = async () => ({
  key: crypto.getRandomValues(new Uint32Array(4)).join("-"),
  made_at: new Date(Date.now() + ((await store.about("ahead")) ?? 0)).toISOString(),
});

// Learn who is here, if it can be learnt just now.
const identify = async () => {
  try {
    await whoIsHere();
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  }
};

// How one box stands on the server just now; nothing when it cannot be asked.
const fresh = async (code) => {
  const copy = await store.about("copy");
  if (!copy?.round) return;
  try {
    const part = await read(await ask(`/stock/aisle/data?warehouse=${copy.warehouse}&code=${encodeURIComponent(code)}`));
    if (part.boxes) await store.put(part.boxes, copy.round);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  }
};

window.shoreline = { ...window.shoreline, outbox: { store, sync, stamp, identify, fresh, choose, changed, onChange: (listener) => listeners.add(listener) } };
