// A list that is put in order by dragging as well as by the buttons of its items.
//   <ol data-sortable> <li data-sortable-item> <span data-sortable-grip hidden> … <form data-sortable-form> buttons name="position"
// A drop sends the item's own form with its new place, counted from 0; the answer brings the list anew.
import Sortable from "sortablejs";

function prepare(list) {
  for (const grip of list.querySelectorAll("[data-sortable-grip]")) grip.hidden = false;
  if (Sortable.get(list)) return;
  Sortable.create(list, {
    animation: 120,
    handle: "[data-sortable-grip]",
    draggable: "[data-sortable-item]",
    ghostClass: "sortable-ghost",
    onEnd({ item, oldIndex, newIndex }) {
      if (oldIndex === newIndex) return;
      const form = item.querySelector("[data-sortable-form]");
      const button = Object.assign(document.createElement("button"), { name: "position", value: newIndex, hidden: true });
      form.append(button);
      form.requestSubmit(button);
    },
  });
}

const prepareAll = () => document.querySelectorAll("[data-sortable]").forEach(prepare);
prepareAll();
document.addEventListener("htmx:after:swap", prepareAll);
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-sortable-form] [aria-disabled=true]")) event.preventDefault();
});
