// data-copy="id" copies the value or text of that element; data-copied is what is then said.
import { announce } from "./announce.js";
import { showToast } from "./toasts.js";

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copy]");
  const source = button && document.getElementById(button.dataset.copy);
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    announce(button.dataset.copied);
    showToast(button.dataset.copied, "toast-good");
  } catch {
    // Without TLS the browser gives no clipboard; the text is then selected for the person to copy.
    source.select?.();
  }
});
