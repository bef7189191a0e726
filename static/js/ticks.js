// A checkbox with data-ticks="name" ticks, or clears, every checkbox of that name on the page, and follows them.
document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("[type=checkbox]")) return;
  const each = (name) => [...document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(name)}"]`)];
  if (target.dataset.ticks) {
    for (const box of each(target.dataset.ticks)) box.checked = target.checked;
    return;
  }
  const all = target.name && document.querySelector(`[data-ticks="${CSS.escape(target.name)}"]`);
  if (all) all.checked = each(target.name).every((box) => box.checked);
});
