// Reading the aisle's forms: what somebody did, or what is to be put right first.

const { words } = window.shoreline;
const MOST = 1_000_000;

const clearErrors = (form) => {
  form.querySelectorAll(".field-error").forEach((error) => error.remove());
  form.querySelectorAll(".is-invalid").forEach((input) => {
    input.classList.remove("is-invalid");
    input.removeAttribute("aria-describedby");
  });
  delete form.dataset.sure;
};

// Say at a field what is wrong with it. Returns null, as every reader here does where something is.
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

// The shelf that is chosen, which may have to be another than the one it comes from.
const shelf = (form, name, from = 0) => {
  const chosen = Number(form.elements[name].value);
  if (!chosen) return refuse(form, name, words.say("chooseShelf"));
  return chosen === from ? refuse(form, name, words.say("sameShelf")) : chosen;
};

const note = (form) => {
  const text = form.elements.note?.value.trim();
  return text ? { note: text } : {};
};

const reasoned = (form) => {
  const reason = form.elements.reason.value;
  if (!reason) return refuse(form, "reason", words.say("chooseReason"));
  const said = { reason, ...note(form) };
  return reason === "other" && !said.note ? refuse(form, "note", words.say("noteAsked")) : said;
};

// More than this phone knows of may have been there: who says so twice is believed, and the server asked.
const known = (form, quantity, there, sure) => {
  if (quantity <= there || sure === String(quantity)) return true;
  refuse(form, "quantity", words.say("fewerKnown", { there: words.number(there), count: words.number(quantity) }));
  form.dataset.sure = quantity;
  return null;
};

const readers = {
  take: (form, from, there, sure) => {
    const quantity = wholeNumber(form, "quantity", 1);
    return quantity && known(form, quantity, there, sure) && withReason(form, { quantity });
  },
  put: (form) => {
    const { source, best_before } = form.elements;
    const quantity = wholeNumber(form, "quantity", 1);
    const dated = best_before.value ? { best_before: best_before.value } : {};
    return quantity && { quantity, source: source.value, ...dated, ...note(form) };
  },
  move: (form, from, there, sure) => {
    const quantity = wholeNumber(form, "quantity", 1);
    const to = quantity && shelf(form, "to", from);
    return to && known(form, quantity, there, sure) && { quantity, to };
  },
  count: (form, from, there) => {
    const counted = wholeNumber(form, "counted", 0);
    if (counted === null) return null;
    const made = { counted, expected: there };
    return counted === there ? { ...made, ...note(form) } : withReason(form, made);
  },
};

const withReason = (form, made) => {
  const why = reasoned(form);
  return why && { ...made, ...why };
};

// What a form says was done, null where something is to be put right; `quantityAt` tells what this phone knows of a shelf.
const read = (form, quantityAt) => {
  const { kind, sure } = form.dataset;
  clearErrors(form);
  const from = shelf(form, "shelf");
  const made = from && readers[kind](form, from, quantityAt(from), sure);
  return made && { kind, shelf: from, ...made };
};

// A second tap while the first is under way is the same one; what fails is told to `failed`.
const once = async (form, work, failed) => {
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  try {
    await work();
  } catch (error) {
    failed(error);
  }
  delete form.dataset.busy;
};

// The large buttons beside a number.
document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step]");
  if (!step) return;
  const input = step.closest(".stepper").querySelector("input");
  input.value = Math.max(Number(input.min), (Number(input.value) || 0) + Number(step.dataset.step));
  input.dispatchEvent(new Event("input", { bubbles: true }));
});

window.shoreline = { ...window.shoreline, forms: { clearErrors, refuse, wholeNumber, shelf, reasoned, read, once } };
