// data-confirm="question" on a button or link, and htmx's hx-confirm, ask in our own dialog.
// data-confirm-yes is the word on the button that goes on.
import { openModal } from "./modal.js";

const confirmed = new WeakSet();

/** Asks a question in the page's own dialog; resolves to whether the answer was to go on. */
export function ask(question, yes) {
  const dialog = document.getElementById("confirm");
  const button = dialog.querySelector("[value=yes]");
  document.getElementById("confirm-text").textContent = question;
  button.textContent = yes || button.dataset.default;
  dialog.returnValue = "";
  openModal(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

// In the capture phase: neither htmx nor the browser hears of the click before the answer.
document.addEventListener("click", async (event) => {
  const asked = event.target.closest?.("[data-confirm]");
  if (!asked || confirmed.delete(asked)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (await ask(asked.dataset.confirm, asked.dataset.confirmYes)) {
    confirmed.add(asked);
    asked.click();
  }
}, true);

document.addEventListener("htmx:confirm", (event) => {
  const { ctx, issueRequest, dropRequest } = event.detail;
  event.preventDefault();
  ask(ctx.confirm, ctx.sourceElement.dataset?.confirmYes).then((yes) => (yes ? issueRequest() : dropRequest()));
});
