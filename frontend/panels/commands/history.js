// The lines typed before, kept in this browser.

const KEY = "gswarm:commands";
const MOST = 200;

export class History {
  #lines = read();
  #place = this.#lines.length;
  #draft = "";

  add(line) {
    this.#lines = [...read().filter((each) => each !== line), line].slice(-MOST);
    localStorage.setItem(KEY, JSON.stringify(this.#lines));
    this.#place = this.#lines.length;
  }

  /** The line `steps` away from the one shown; what was being typed is after the last. */
  move(steps, shown) {
    if (this.#place === this.#lines.length) this.#draft = shown;
    this.#place = Math.max(0, Math.min(this.#lines.length, this.#place + steps));
    return this.#lines[this.#place] ?? this.#draft;
  }
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]").filter((each) => typeof each === "string");
  } catch {
    return [];
  }
}
