// Arrow keys go from day to day in a month; Home and End to its first and last.
const month = document.querySelector("[data-arrows]");

month?.addEventListener("keydown", (event) => {
  const days = [...month.querySelectorAll("td a")];
  const here = days.indexOf(document.activeElement);
  const row = Number(month.dataset.arrows);
  const there = { ArrowLeft: here - 1, ArrowRight: here + 1, ArrowUp: here - row, ArrowDown: here + row, Home: 0, End: days.length - 1 }[event.key];
  if (here < 0 || !days[there]) return;
  event.preventDefault();
  days[there].focus();
});
