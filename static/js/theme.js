// Runs in <head> before anything is painted, so that a chosen theme never flashes.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.bsTheme = theme;
  if (localStorage.getItem("rail") === "narrow") document.documentElement.dataset.rail = "narrow";
} catch {
  // Storage may be forbidden; the page then follows the system.
}
