// <details data-menu>: closes on Escape, on a click elsewhere, when focus leaves it and after a choice.
const open = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", ({ target }) => {
  for (const menu of open()) {
    const chosen = target.closest?.(".menu-list a, .menu-list button:not([data-theme-set])");
    if (!menu.contains(target) || (chosen && menu.contains(chosen))) menu.open = false;
  }
});

document.addEventListener("focusin", ({ target }) => {
  for (const menu of open()) if (!menu.contains(target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector("summary").focus();
    event.stopPropagation();
  }
});
