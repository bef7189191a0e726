// The server sends a toast inside its answer, into #toasts; this file only takes it away again.
// Pointing at a toast, or focus in it, holds it. One that reports a failure stays until dismissed.
const SECONDS = { "toast-warn": 10, default: 6 };
const region = document.getElementById("toasts");

function leave(toast) {
  toast.classList.add("toast-leaving");
  setTimeout(() => toast.remove(), 200);
}

function start(toast) {
  if (toast.classList.contains("toast-bad")) return;
  const seconds = toast.classList.contains("toast-warn") ? SECONDS["toast-warn"] : SECONDS.default;
  let timer;
  const run = () => { clearTimeout(timer); timer = setTimeout(() => leave(toast), seconds * 1000); };
  const hold = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("pointerleave", run);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", run);
  run();
}

/** Shows a toast for what no server could report, such as a lost connection. */
export function showToast(text, tone = "toast-bad") {
  if (!region || !text) return;
  if ([...region.querySelectorAll(".toast-text")].some((shown) => shown.textContent === text)) return;
  const toast = document.createElement("div");
  toast.className = `toast ${tone}`;
  toast.dataset.toast = "";
  const words = document.createElement("div");
  words.className = "toast-text";
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.dataset.toastClose = "";
  close.setAttribute("aria-label", document.body.dataset.textDismiss);
  close.textContent = "×";
  toast.append(words, close);
  region.append(toast);
}

if (region) {
  region.querySelectorAll("[data-toast]").forEach(start);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) if (node.matches?.("[data-toast]")) start(node);
    }
  }).observe(region, { childList: true });
  region.addEventListener("click", ({ target }) => {
    const toast = target.closest("[data-toast-close]")?.closest("[data-toast]");
    if (toast) leave(toast);
  });
}
