// Cards that are carried from place to place, by drag or by keyboard: what the board and the week planner share.
//
// A place is an element with a list of cards in it; the place under the card is marked with .drop-here. An answer that
// comes while a card is in the hand waits until it is put down: a swap would take the card out of the hand.
// Keyboard: Enter opens, M shows the menu, Space picks up; then arrows choose the place, Space or Enter drops, Escape
// puts back.
import { openLink } from "./dialog.js";

let inHand = 0;
let handEmpty = Promise.resolve();

/** A card is in the hand until the function that this gives is called; `free` is called then too. */
export function take(free = () => {}) {
  let emptied;
  inHand += 1;
  handEmpty = new Promise((resolve) => { emptied = resolve; });
  return () => { inHand -= 1; free(); emptied(); };
}

/** A fetch for htmx. The answer is read at once: a card may be held for longer than the request may take. */
export async function fetchAndWait(url, request) {
  const answer = await fetch(url, request);
  const body = await answer.text();
  while (inHand) await handEmpty;
  return new Response(body || null, answer);
}

/** Where a card stands, so that it can be put back there. */
export const spotOf = (card) => ({ list: card.parentElement, next: card.nextElementSibling });

export function putBack(card, { list, next }) {
  if (list.isConnected) list.insertBefore(card, next?.parentElement === list ? next : null);
}

export function mark(place) {
  for (const marked of document.querySelectorAll(".drop-here")) if (marked !== place) marked.classList.remove("drop-here");
  place?.classList.add("drop-here");
}

/** Sortable looks under the pointer only now and then; a quick drop is where the pointer was let go. */
export function under(event, selector) {
  const { clientX, clientY } = event?.changedTouches?.[0] ?? event ?? {};
  return clientX === undefined ? null : document.elementFromPoint(clientX, clientY)?.closest(selector);
}

/** Options of Sortable. `taking` is called from the press on: an answer between it and the first movement would replace
 * the card under the pointer. Not animated: Sortable does not hear a press on a card that still slides to its place. */
export function dragging(taking) {
  let release = null;
  const free = () => { release?.(); release = null; };
  return {
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
    onChoose() { free(); release = taking(); },
    onUnchoose: free,
  };
}

const SHOWS_MENU = new Set(["m", "M", "ь", "Ь"]);

/**
 * Listeners for keydown and focusout. `card`, `name`, `menu`, `list`: selectors; `placeOf(card)`; `steps`: by arrow key;
 * `beside(card, step)`: the next place; `say(text, card, place)`; `taking()`; `drop(card, place, stood)`;
 * `walk(card, key)`: other keys of a card that is not held, true where it did something.
 */
export function keyboard({ card: cards, name, menu, list, placeOf, steps, beside, say, taking, drop, walk = () => false }) {
  let held = null;

  function shift(card, into, next) {
    held.shifting = true;
    if (into.moveBefore) into.moveBefore(card, next);
    else into.insertBefore(card, next);
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
    held.shifting = false;
  }

  function pickUp(card) {
    if (!card.matches("[data-draggable]")) return say("textFixed", card, placeOf(card));
    held = { card, stood: spotOf(card), from: placeOf(card), free: taking(), shifting: false };
    card.classList.add("card-held");
    say("textPicked", card, placeOf(card));
  }

  function carry(step) {
    const place = beside(held.card, step);
    if (!place) return;
    const into = place.querySelector(list);
    shift(held.card, into, into.firstElementChild);
    mark(place);
    say("textOver", held.card, place);
  }

  function letGo(keep) {
    const { card, stood, from, free } = held;
    const place = placeOf(card);
    const moves = keep && place && place !== from;
    if (!moves && card.parentElement !== stood.list) shift(card, stood.list, stood.next?.parentElement === stood.list ? stood.next : null);
    mark(null);
    card.classList.remove("card-held");
    held = null;
    say(moves ? "textDropped" : "textBack", card, placeOf(card));
    if (moves) drop(card, place, stood);
    free();
  }

  function onKey(event) {
    const { key, target: card } = event;
    if (!card.matches?.(cards) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (held) {
      if (steps[key]) carry(steps[key]);
      else if (key === " " || key === "Enter") letGo(true);
      else if (key === "Escape") letGo(false);
      else if (key === "Tab") return letGo(false);
    } else if (key === " ") pickUp(card);
    else if (key === "Enter") card.querySelector(name)?.click();
    else if (SHOWS_MENU.has(key)) {
      const link = card.querySelector(menu);
      if (link) openLink(link);
    } else if (!walk(card, key)) return;
    event.preventDefault();
  }

  function onBlur({ target, relatedTarget }) {
    const card = target.closest?.(cards);
    if (card && held?.card === card && !held.shifting && !card.contains(relatedTarget) && card.isConnected) letGo(false);
  }

  return { onKey, onBlur };
}
