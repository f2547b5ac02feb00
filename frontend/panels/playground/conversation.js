// What was said so far. It outlives the panel, but not the page.

import { Turn } from "/static/panels/playground/turn-asked.js";

const FRESH = {
  system: null,
  temperature: null,
  effort: null,
  tools: null,
  schema: null,
  fresh: false,
};

class Conversation {
  turns = [];
  model = null;
  settings = { ...FRESH };
  text = ""; // typed, and not said yet
  pictures = []; // attached to it

  clear() {
    this.turns = [];
  }

  get hasDraft() {
    return Boolean(this.text.trim() || this.pictures.length);
  }

  /** What would be said now. */
  draft(results) {
    return { role: "user", text: this.text.trim(), pictures: this.pictures, results };
  }

  say(results) {
    this.turns.push(this.draft(results));
    this.text = "";
    this.pictures = [];
  }

  /** An answer that is about to come. */
  begin(model) {
    const turn = new Turn(model);
    this.turns.push(turn);
    return turn;
  }

  /** Forget the last answer, to ask once more. */
  takeBack() {
    if (this.turns.at(-1)?.role === "assistant") this.turns.pop();
  }

  /** As the API takes it; answers that failed are left out. `draft` is not said yet. */
  messages(draft = null) {
    const system = this.settings.system ? [{ role: "system", content: this.settings.system }] : [];
    const turns = draft ? [...this.turns, draft] : this.turns;
    return [
      ...system,
      ...turns.flatMap((turn) => (turn.role === "user" ? said(turn) : turn.messages)),
    ];
  }

  /** What was asked last: up to the last answer. */
  get asked() {
    const messages = this.messages();
    const last = messages.findLastIndex(({ role }) => role === "user" || role === "tool");
    return last < 0 ? messages : messages.slice(0, last + 1);
  }
}

function said({ text, pictures, results }) {
  if (!text && !pictures.length) return results;
  const images = pictures.map(({ url }) => ({ type: "image_url", image_url: { url } }));
  const content = images.length ? [...(text ? [{ type: "text", text }] : []), ...images] : text;
  return [...results, { role: "user", content }];
}

export const conversation = new Conversation();
