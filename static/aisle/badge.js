// On every page of who works in the warehouse: says what waits to be sent, sends it, and sees that nobody signs out
// without knowing of it. The aisle's own page does this itself.

const { store, sync, onChange } = window.shoreline.outbox;
const words = document.querySelector("[data-aisle-badge]").dataset;
const told = (name, count) => words[name + (count === 1 ? "One" : "Many")].replace("{count}", count.toLocaleString(document.documentElement.lang));

const badge = document.createElement("a");
badge.href = "/stock/aisle";
badge.className = "aisle-badge";
badge.hidden = true;
document.querySelector("header.top").after(badge);

const draw = async () => {
  const acts = await store.acts();
  const decide = acts.filter((act) => act.state === "conflict").length;
  badge.hidden = acts.length === 0;
  badge.classList.toggle("is-bad", decide > 0);
  badge.textContent = decide ? told("decide", decide) : told("waits", acts.length);
};

// Signing out forgets what this phone copied, and asks first where something is not sent.
const leave = async (form) => {
  const acts = (await store.exists()) ? await store.acts() : [];
  if (acts.length && !(await ask(acts.length))) return;
  if (await store.exists()) await store.forget();
  form.submit();
};

document.querySelector("[data-aisle-leaving]")?.addEventListener("submit", (event) => event.stopPropagation()); // no form that is sent

const ask = (count) =>
  new Promise((resolve) => {
    const dialog = document.querySelector("[data-aisle-leaving]");
    dialog.querySelector("[data-text]").textContent = told("unsent", count);
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "leave"), { once: true });
    dialog.showModal();
  });

for (const form of document.querySelectorAll('form[action="/sign-out"], form[action="/my/sign-out-everywhere"]')) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation(); // it is not sent yet
    leave(form);
  });
}

if (await store.exists()) {
  onChange(() => draw().catch(console.warn));
  await draw();
  if (!badge.hidden) {
    window.addEventListener("online", () => sync());
    await sync();
  }
}
