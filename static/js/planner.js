// The week planner: a card goes to a day by drag, by keyboard or by its menu, all through the form #place-form.
//
//   <div id="week" data-text-…>
//     <section class="planner-day" data-day="2026-11-24" [data-over: the day is over]><ul class="visit-cards">
//       <li class="visit-card" id data-draggable tabindex="0" data-task data-was | data-client data-purpose>
//
// The server answers each time with the whole week, so places are sent one after the other, and an answer that comes while
// a card is in the hand waits until it is put down. Keyboard: Enter opens, M shows the days, Space picks up; then left
// and right (or up and down) choose the day, Space or Enter drops, Escape puts back.
import htmx from "htmx.org";
import Sortable from "sortablejs";
import { announce, fill } from "./announce.js";
import { openLink } from "./dialog.js";

const CARD = ".visit-card";
const week = () => document.getElementById("week");
const days = () => [...week().querySelectorAll(".planner-day:not([data-over])")];
const dayOf = (card) => card.closest(".planner-day");
const nameOf = (card) => card.querySelector(".visit-name")?.textContent.trim() ?? "";
const say = (key, card, day) => announce(fill(week().dataset[key], { name: nameOf(card), day: day?.querySelector("h3")?.firstChild?.textContent.trim() ?? "" }));

// ---- Sending -------------------------------------------------------------------------------------------------------

let sending = Promise.resolve();
let inHand = 0;
let handEmpty = Promise.resolve();

function take() {
  let emptied;
  inHand += 1;
  handEmpty = new Promise((resolve) => { emptied = resolve; });
  return () => { inHand -= 1; emptied(); };
}

async function fetchAndWait(url, request) {
  const answer = await fetch(url, request);
  const body = await answer.text();
  while (inHand) await handEmpty;
  return new Response(body || null, answer);
}

function putBack(card, { list, next }) {
  if (list.isConnected) list.insertBefore(card, next?.parentElement === list ? next : null);
}

async function send({ task = "", client = "", was = "", purpose = "" }, on) {
  const form = document.getElementById("place-form");
  for (const [name, value] of Object.entries({ task, client: task ? "" : client, was, purpose, on })) form.elements[name].value = value;
  await htmx.ajax("POST", form.action, { source: form, target: week(), swap: "none", fetch: fetchAndWait });
}

/** Queues a place; the week that comes back shows where the card stands now, also after a refusal. */
function move(card, day, place) {
  const told = { ...card.dataset };
  const focused = card.contains(document.activeElement);
  card.classList.add("card-saving");
  sending = sending.then(() => send(told, day.dataset.day)).catch(() => {}).finally(() => {
    if (card.isConnected && card.matches(".card-saving")) {
      card.classList.remove("card-saving");
      putBack(card, place);
    }
    if (focused) document.querySelector(`#week ${CARD}[data-client="${CSS.escape(told.client)}"]`)?.focus();
  });
}

// ---- Drag ----------------------------------------------------------------------------------------------------------

let release = null;

const dragging = {
  group: "visits",
  draggable: `${CARD}[data-draggable]`,
  filter: ".visit-menu",
  preventOnFilter: false,
  sort: false,
  animation: 0,
  forceFallback: true,
  fallbackOnBody: true,
  fallbackTolerance: 5,
  delay: 220,
  delayOnTouchOnly: true,
  touchStartThreshold: 6,
  scrollSensitivity: 70,
  onChoose() { release?.(); release = take(); },
  onUnchoose() { release?.(); release = null; },
  onStart({ item }) { item.placeBefore = { list: item.parentElement, next: item.nextElementSibling }; },
  onMove({ to }) { mark(to.closest(".planner-day:not([data-over])")); },
  onEnd({ item, from, originalEvent }) {
    mark(null);
    const { clientX, clientY } = originalEvent?.changedTouches?.[0] ?? originalEvent ?? {};
    const day = clientX === undefined ? null : document.elementFromPoint(clientX, clientY)?.closest(".planner-day:not([data-over])");
    if (!day || day === from.closest(".planner-day")) return putBack(item, item.placeBefore);
    day.querySelector(".visit-cards").prepend(item);
    move(item, day, item.placeBefore);
  },
};

function mark(day) {
  for (const marked of week().querySelectorAll(".drop-here")) if (marked !== day) marked.classList.remove("drop-here");
  day?.classList.add("drop-here");
}

function start() {
  for (const list of week()?.querySelectorAll(".visit-cards") ?? []) if (!Sortable.get(list)) Sortable.create(list, dragging);
}

// ---- Keyboard ------------------------------------------------------------------------------------------------------

let held = null;

function pickUp(card) {
  if (!card.matches("[data-draggable]")) return say("textFixed", card);
  held = { card, place: { list: card.parentElement, next: card.nextElementSibling }, from: dayOf(card), release: take(), shifting: false };
  card.classList.add("card-held");
  say("textPicked", card);
}

function shift(card, list, next) {
  held.shifting = true;
  list.insertBefore(card, next);
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
  held.shifting = false;
}

function carry(step) {
  const all = days();
  const here = all.indexOf(dayOf(held.card));
  const day = here < 0 ? all[step > 0 ? 0 : all.length - 1] : all[here + step];
  if (!day) return;
  const list = day.querySelector(".visit-cards");
  shift(held.card, list, list.firstElementChild);
  mark(day);
  say("textOver", held.card, day);
}

function letGo(keep) {
  const { card, place, from, release: free } = held;
  const day = dayOf(card);
  const moves = keep && day && day !== from;
  if (!moves && card.parentElement !== place.list) shift(card, place.list, place.next?.parentElement === place.list ? place.next : null);
  mark(null);
  card.classList.remove("card-held");
  held = null;
  say(moves ? "textDropped" : "textBack", card, day);
  if (moves) move(card, day, place);
  free();
}

document.addEventListener("keydown", (event) => {
  const { key, target: card } = event;
  if (!card.matches?.(CARD) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (held) {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[key];
    if (step) carry(step);
    else if (key === " " || key === "Enter") letGo(true);
    else if (key === "Escape") letGo(false);
    else if (key === "Tab") return letGo(false);
    event.preventDefault();
    return;
  }
  if (key === " ") pickUp(card);
  else if (key === "Enter") card.querySelector(".visit-name")?.click();
  else if (key === "m" || key === "M" || key === "ь" || key === "Ь") {
    const menu = card.querySelector(".visit-menu");
    if (menu) openLink(menu);
  } else return;
  event.preventDefault();
});

document.addEventListener("focusout", ({ target, relatedTarget }) => {
  const card = target.closest?.(CARD);
  if (held?.card === card && card && !held.shifting && !card.contains(relatedTarget) && card.isConnected) letGo(false);
});

document.addEventListener("htmx:after:swap", start);
start();
