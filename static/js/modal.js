// Modal dialogs make the rest of the page inert. What is said to the person (toasts, announcements) moves
// into the topmost open dialog, or it would be neither reachable nor heard.
function restage() {
  const top = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;
  for (const id of ["announce", "toasts"]) {
    const region = document.getElementById(id);
    if (region && region.parentElement !== top) top.append(region);
  }
}

/** Opens a dialog over everything else. */
export function openModal(dialog) {
  if (dialog.open) return;
  dialog.showModal();
  restage();
}

document.addEventListener("close", restage, true);
