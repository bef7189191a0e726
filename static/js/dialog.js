// Native dialogs. data-dialog-open="id" opens one that stands in the page. A link with data-dialog opens
// the page it points to inside a dialog: the whole page is asked for, as without JavaScript, and the part
// marked data-dialog-part is shown. data-title on that part is the dialog's title.
// A form in it that the server accepts closes the dialog, unless the form says data-dialog-keep. Where its answer brings
// the same page anew, the focus is back on the link that opened the dialog.
import htmx from "htmx.org";
import { ask } from "./confirm.js";
import { openModal } from "./modal.js";

async function openRemote(link) {
  const dialog = document.getElementById("remote");
  const body = document.getElementById("remote-body");
  link.setAttribute("aria-busy", "true");
  body.replaceChildren();
  try {
    await htmx.ajax("GET", link.href, { target: body, select: "[data-dialog-part]", swap: "innerHTML ignoreTitle:true" });
  } finally {
    link.removeAttribute("aria-busy");
  }
  const part = body.querySelector("[data-dialog-part]");
  if (!part) return;
  document.getElementById("remote-title").textContent = part.dataset.title ?? link.textContent.trim();
  dialog.dataset.opener = link.id;
  openModal(dialog);
  (body.querySelector("[autofocus]") ?? body.querySelector("input:not([type=hidden]), select, textarea, button, a[href]"))?.focus();
}

/** Opens what a link with data-dialog points to. */
export function openLink(link) {
  return openRemote(link);
}

document.addEventListener("click", (event) => {
  const { target } = event;
  const opener = target.closest?.("[data-dialog-open]");
  const local = opener && document.getElementById(opener.dataset.dialogOpen);
  if (local) openModal(local);
  if (target.closest?.("[data-dialog-close]")) target.closest("dialog").close();
  const link = target.closest?.("a[data-dialog]");
  if (link && !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    openRemote(link);
  }
});

// A press on the backdrop closes a dialog in which nothing was typed.
document.addEventListener("pointerdown", ({ target }) => {
  if (target.matches?.("dialog:modal") && !target.matches("[data-dirty], #confirm")) target.close();
});
document.addEventListener("input", ({ target }) => target.closest?.("dialog")?.setAttribute("data-dirty", ""));
// Escape asks first where something was typed.
document.addEventListener("cancel", async (event) => {
  const dialog = event.target;
  if (!dialog.matches?.("dialog[data-dirty]")) return;
  event.preventDefault();
  if (await ask(document.body.dataset.textUnsaved)) dialog.close();
}, true);
document.addEventListener("close", ({ target }) => target.removeAttribute?.("data-dirty"), true);

const OPENED = "baton:opened";

document.addEventListener("submit", ({ target }) => {
  const id = target.closest?.("#remote")?.dataset.opener;
  if (!id) return;
  try {
    sessionStorage.setItem(OPENED, JSON.stringify({ id, page: location.pathname }));
  } catch { /* nothing is kept where nothing can be */ }
}, true);

function focusOpener() {
  try {
    const { id, page } = JSON.parse(sessionStorage.getItem(OPENED)) ?? {};
    sessionStorage.removeItem(OPENED);
    if (page === location.pathname && !location.hash && document.activeElement === document.body) document.getElementById(id)?.focus();
  } catch { /* nothing was kept */ }
}

focusOpener();

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const form = ctx.sourceElement?.closest?.("form") ?? ctx.request.form;
  // A form that its answer took away stood in the dialog; one that still stands outside of it has nothing to do with it.
  const dialog = form?.isConnected ? form.closest("dialog") : document.querySelector("#remote[open]");
  if (!dialog || ctx.request.method === "GET" || form?.matches("[data-dialog-keep]")) return;
  if (ctx.response?.status < 300) dialog.close();
});
