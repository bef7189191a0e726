// A request that failed without words of its own gets words here. 409 and 422 are answers meant to be shown;
// 401 carries HX-Redirect to the login, which htmx follows.
import { showToast } from "./toasts.js";

const WORDS = { 403: "textForbidden", 404: "textMissing", 410: "textMissing", 413: "textLarge", 429: "textBusy" };

document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  const { status } = ctx.response;
  if (status === 409 || status === 422 || ctx.sourceElement?.matches?.("[data-live]")) return;
  if (status === 401) {
    if (!ctx.hx?.redirect) location.reload();
    return;
  }
  if (/data-toast/.test(ctx.text ?? "")) return;
  showToast(document.body.dataset[WORDS[status] ?? "textFailed"]);
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (!ctx || ctx.response || ctx.sourceElement?.matches?.("[data-live]")) return;
  showToast(document.body.dataset.textFailed);
});
