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
