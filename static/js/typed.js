// Fields that the server checks while they are typed are plain hx-get with a delay, into a region beside the field.
// data-least="10" asks nothing before so many characters are there, and takes an outdated remark away.
// data-largest="1048576" on a field of files takes no more bytes than that, and says so before they are sent.
import { showToast } from "./toasts.js";

document.addEventListener("change", ({ target }) => {
  const most = Number(target.type === "file" ? target.dataset.largest ?? 0 : 0);
  if (!most || [...target.files].reduce((sum, file) => sum + file.size, 0) <= most) return;
  target.value = "";
  showToast(document.body.dataset.textLarge);
});

document.addEventListener("htmx:config:request", (event) => {
  const field = event.detail.ctx.sourceElement;
  const least = Number(field?.dataset?.least ?? 0);
  if (!least || (field.value ?? "").trim().length >= least) return;
  event.preventDefault();
  const { target } = event.detail.ctx;
  if (target && target !== field && !target.contains(field)) target.replaceChildren();
});
