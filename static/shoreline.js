// Small comforts for every page. Everything works without this file.

// After a refused form, go to the list of what to put right.
document.querySelector("[data-focus]")?.focus();

// A second tap on the same button changes nothing: the form is on its way already.
// (The server would answer it with the first answer anyway.)
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.querySelectorAll("[data-once]").forEach((button) => button.setAttribute("aria-disabled", "true"));
});

// Coming back with the browser's back button shows the page as it was kept: let its forms be sent again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[data-once]").forEach((button) => button.removeAttribute("aria-disabled"));
  });
});

// A filter that applies itself when chosen.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});

// What a quantity comes to: "6" packs of 12, "6 x 12" or "2.5 kg". It is a help to the eye: the server reckons itself.
const EACH = { "": 0, g: 1, kg: 1000, ml: 1, cl: 10, l: 1000 };

function comesTo(text, chosen) {
  const said = text.toLowerCase().replace(/\s/g, "").match(/^(?:(\d+)[x×*])?(\d+(?:[.,]\d{1,2})?)(g|kg|ml|cl|l|)$/);
  if (!said) return null;
  const [, times, number, unit] = said;
  const each = EACH[unit] || (times ? 1 : chosen);
  const all = Number(times ?? 1) * Number(number.replace(",", ".")) * each;
  return Number.isInteger(Math.round(all * 1000) / 1000) && String(Math.round(all)) !== text.trim() ? Math.round(all) : null;
}

document.addEventListener("input", (event) => {
  const field = event.target.closest("[data-quantity]");
  if (!field) return;
  const output = field.querySelector("output");
  const chosen = Number(field.querySelector("select")?.selectedOptions[0].dataset.each ?? 1);
  const all = comesTo(field.querySelector("input").value, chosen);
  output.value = all === null ? "" : `= ${all.toLocaleString(document.documentElement.lang)} ${output.dataset.comesTo}`;
});

// Packs, and how many are in each: what they come to.
document.addEventListener("input", (event) => {
  const both = event.target.closest("[data-times]");
  if (!both) return;
  const [packs, each] = [...both.querySelectorAll("input")].map((field) => Number(field.value));
  both.querySelector("output").value = packs && each ? `= ${(packs * each).toLocaleString(document.documentElement.lang)}` : "";
});
