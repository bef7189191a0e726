// The week planner: a card goes to a day by drag, by keyboard or by its menu, all through the form #place-form.
//
//   <div id="week" data-text-…>
//     <section class="planner-day" data-day="2026-11-24" [data-over: the day is over]><ul class="visit-cards">
//       <li class="visit-card" id data-draggable tabindex="0" data-task data-was | data-client data-purpose>
//
// The server answers each time with the whole week, so places are sent one after the other. By keyboard left and right
// (or up and down) choose the day.
import htmx from "htmx.org";
import Sortable from "sortablejs";
import { announce, fill } from "./announce.js";
import { dragging, fetchAndWait, keyboard, mark, putBack, spotOf, take, under } from "./carrying.js";

const CARD = ".visit-card";
const week = () => document.getElementById("week");
const OPEN_DAY = ".planner-day:not([data-over])";
const days = () => [...week().querySelectorAll(OPEN_DAY)];
const dayOf = (card) => card.closest(".planner-day");
const nameOf = (card) => card.querySelector(".visit-name")?.textContent.trim() ?? "";
const say = (key, card, day) => announce(fill(week().dataset[key], { name: nameOf(card), day: day?.querySelector("h3")?.firstChild?.textContent.trim() ?? "" }));

// ---- Sending -------------------------------------------------------------------------------------------------------

let sending = Promise.resolve();

async function send({ task = "", client = "", was = "", purpose = "" }, on) {
  const form = document.getElementById("place-form");
  for (const [name, value] of Object.entries({ task, client: task ? "" : client, was, purpose, on })) form.elements[name].value = value;
  await htmx.ajax("POST", form.action, { source: form, target: week(), swap: "none", fetch: fetchAndWait });
}

/** Queues a place; the week that comes back shows where the card stands now, also after a refusal. */
function move(card, day, stood) {
  const told = { ...card.dataset };
  const focused = card.contains(document.activeElement);
  card.classList.add("card-saving");
  sending = sending.then(() => send(told, day.dataset.day)).catch(() => {}).finally(() => {
    if (card.isConnected && card.matches(".card-saving")) {
      card.classList.remove("card-saving");
      putBack(card, stood);
    }
    if (focused) document.querySelector(`#week ${CARD}[data-client="${CSS.escape(told.client)}"]`)?.focus();
  });
}

// ---- Drag ----------------------------------------------------------------------------------------------------------

const options = {
  ...dragging(take),
  group: "visits",
  draggable: `${CARD}[data-draggable]`,
  filter: ".visit-menu",
  onStart({ item }) { item.stood = spotOf(item); },
  onMove({ to }) { mark(to.closest(OPEN_DAY)); },
  onEnd({ item, from, originalEvent }) {
    mark(null);
    const day = under(originalEvent, OPEN_DAY);
    if (!day || day === from.closest(OPEN_DAY)) return putBack(item, item.stood);
    day.querySelector(".visit-cards").prepend(item);
    move(item, day, item.stood);
  },
};

function start() {
  for (const list of week()?.querySelectorAll(".visit-cards") ?? []) if (!Sortable.get(list)) Sortable.create(list, options);
}

// ---- Keyboard ------------------------------------------------------------------------------------------------------

const { onKey, onBlur } = keyboard({
  card: CARD,
  name: ".visit-name",
  menu: ".visit-menu",
  list: ".visit-cards",
  placeOf: dayOf,
  steps: { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 },
  beside(card, step) {
    const all = days();
    const here = all.indexOf(dayOf(card));
    return here < 0 ? all[step > 0 ? 0 : all.length - 1] : all[here + step];
  },
  say,
  taking: take,
  drop: move,
});
document.addEventListener("keydown", onKey);
document.addEventListener("focusout", onBlur);
document.addEventListener("htmx:after:swap", start);
start();
