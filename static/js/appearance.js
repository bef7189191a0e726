// Theme (auto, light, dark) and the folded side menu; both are kept by the browser, not by the server.
const page = document.documentElement;

function keep(name, value) {
  try {
    if (value) localStorage.setItem(name, value);
    else localStorage.removeItem(name);
  } catch {
    // The choice then lasts as long as the page.
  }
}

function showTheme() {
  for (const button of document.querySelectorAll("[data-theme-set]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeSet === page.dataset.bsTheme));
  }
}

document.addEventListener("click", ({ target }) => {
  const theme = target.closest?.("[data-theme-set]")?.dataset.themeSet;
  if (theme) {
    page.dataset.bsTheme = theme;
    keep("theme", theme === "auto" ? null : theme);
    showTheme();
  }
  if (target.closest?.("[data-rail-fold]")) {
    const narrow = page.dataset.rail !== "narrow";
    if (narrow) page.dataset.rail = "narrow";
    else delete page.dataset.rail;
    keep("rail", narrow ? "narrow" : null);
  }
});

showTheme();
for (const button of document.querySelectorAll("[data-rail-fold]")) button.hidden = false;
