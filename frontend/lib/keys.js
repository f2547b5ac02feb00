// Shortcuts: single keys, `g` followed by a letter, and Ctrl or Cmd with a key.
//
//   shortcut("g o", "Overview", () => navigate("overview"));

const SEQUENCE_MS = 1_200;
const known = new Map();
let begun = "";
let timer = null;

/** Every shortcut as `[keys, title]`, for the help. */
export const shortcuts = () => [...known].map(([keys, { title }]) => [keys, title]);

export function shortcut(keys, title, act) {
  known.set(keys, { title, act });
}

export function start() {
  document.addEventListener("keydown", heed);
}

function heed(event) {
  const pressed = nameOf(event);
  const isChord = pressed.startsWith("mod+");
  if (event.defaultPrevented || event.isComposing || !pressed || (!isChord && isTaken(event)))
    return;
  const sequence = begun ? `${begun} ${pressed}` : pressed;
  const found = known.get(sequence);
  remember(found ? "" : startsSequence(pressed));
  if (!found) return;
  event.preventDefault();
  found.act();
}

/** Whether the key belongs to somebody else: a control, or a dialog. */
function isTaken(event) {
  const typing = event.target.closest?.(
    "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]",
  );
  return Boolean(typing) || Boolean(document.querySelector("dialog[open]"));
}

function nameOf(event) {
  if (event.ctrlKey || event.metaKey) return event.altKey ? "" : `mod+${event.key.toLowerCase()}`;
  return event.altKey ? "" : event.key;
}

function startsSequence(pressed) {
  return [...known.keys()].some((keys) => keys.startsWith(`${pressed} `)) ? pressed : "";
}

function remember(keys) {
  clearTimeout(timer);
  begun = keys;
  if (keys) timer = setTimeout(() => (begun = ""), SEQUENCE_MS);
}
