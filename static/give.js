// The giving page: an amount that is chosen and one that is typed never stand beside each other,
// and the button says what will be given. Without this file a typed amount counts before a chosen one.

const form = document.querySelector("form[data-give]");

if (form) {
  const typed = form.querySelector("[name=amount]");
  const button = form.querySelector("[data-give-button]");
  const currency = () => form.querySelector("[name=currency]:checked")?.value ?? "gbp";
  const offers = () => [...form.querySelectorAll(`[name=offered_${currency()}]`)];

  const say = () => {
    const chosen = offers().find((radio) => radio.checked && radio.value);
    const sign = { gbp: button.dataset.gbp, eur: button.dataset.eur }[currency()];
    const own = typed.value.trim();
    const amount = own ? sign.replace("0", own) : chosen?.closest("label").querySelector("b").textContent;
    button.textContent = amount ? button.dataset.withAmount.replace("{amount}", amount) : button.dataset.plain;
  };

  form.addEventListener("change", (event) => {
    if (event.target.name?.startsWith("offered_") && event.target.value) typed.value = "";
    if (event.target.name?.startsWith("offered_") && !event.target.value) typed.focus();
    say();
  });
  typed.addEventListener("input", () => {
    const own = offers().find((radio) => radio.value === "");
    if (own && typed.value.trim()) own.checked = true;
    say();
  });
  say();
}
