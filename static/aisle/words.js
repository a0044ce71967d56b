// The aisle's words in the page's language: sentences stand in the page as data attributes, in which {name} is a place.

const page = document.querySelector("[data-aisle]");
const said = page.querySelector("[data-words]").dataset;
const language = document.documentElement.lang;
const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: page.dataset.zone };

const say = (name, values = {}) => (said[name] ?? "").replace(/\{(\w+)\}/g, (place, key) => values[key] ?? place);
const number = (value) => value.toLocaleString(language);
const count = (name, value, values = {}) => say(`${name}${value === 1 ? "One" : "Many"}`, { count: number(value), ...values });

const dayOf = (moment) => moment.toLocaleDateString(language, { day: "numeric", month: "short", timeZone: page.dataset.zone });
// "10:32", by the clock on the wall, with the day when it is not today.
const time = (moment) => {
  const at = new Date(moment);
  const told = at.toLocaleTimeString(language, clock);
  return dayOf(at) === dayOf(new Date()) ? told : `${dayOf(at)}, ${told}`;
};
const day = (text) => new Date(`${text}T12:00:00Z`).toLocaleDateString(language, { day: "numeric", month: "short", year: "numeric" });

// "−5 · 0413, C4": one act in a line.
const did = (act) =>
  say(`did${act.kind[0].toUpperCase()}${act.kind.slice(1)}`, {
    code: act.code,
    count: number(act.kind === "count" ? act.counted : act.quantity),
    shelf: act.shelf_name,
    to: act.to_name,
  });

const reasons = (select, direction) => {
  const chosen = select.value;
  const offered = [...page.querySelector(`[data-reasons=${direction}]`).content.cloneNode(true).children];
  select.replaceChildren(...offered);
  if (offered.some((option) => option.value === chosen)) select.value = chosen;
};

window.shoreline = { ...window.shoreline, words: { say, number, count, time, day, did, reasons } };
