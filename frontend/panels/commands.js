// A terminal over the same actions as the panels: typed, completed, remembered.
//
// Output is text and stays text. It stays while the page does, whichever panel is shown.

import { COMMANDS } from "/static/panels/commands/table.js";
import { History } from "/static/panels/commands/history.js";
import {
  Mistake,
  commonStart,
  complete,
  completions,
  parse,
} from "/static/panels/commands/line.js";
import { ApiError, isAbort } from "/static/lib/api.js";
import { Panel } from "/static/lib/panel.js";
import { ask } from "/static/lib/dialog.js";
import { html, nothing, render } from "/static/lib/html.js";
import { namesOf } from "/static/panels/commands/names.js";
import { offer } from "/static/lib/palette.js";
import { navigate } from "/static/lib/router.js";

const MOST = 200;
const MOST_SHOWN = 40;
const STOPPED = "Stopped. A job that was begun goes on; `jobs` lists it.";

let transcript = [];
let made = 0;

offer({ title: "Type a command", hint: "Commands", run: () => navigate("commands") });

class Commands extends Panel {
  #history = new History();
  #running = null;
  #input = null;

  actions = {
    run: () => this.#enter(this.#input.value.trim()),
    stop: () => this.#running?.abort(),
  };

  frame() {
    return html`<header class="panel-head"><h1>Commands</h1></header>
      <section class="terminal" aria-label="Terminal">
        <div class="terminal-log" role="log" aria-live="polite" aria-label="Output" tabindex="0"></div>
        <form class="terminal-line" data-action="run" novalidate>
          <span aria-hidden="true">›</span>
          <input type="text" aria-label="Command" aria-describedby="terminal-hint" autocomplete="off" autocapitalize="none" spellcheck="false" enterkeyhint="send">
          <button type="button" class="button small" data-action="stop" hidden>Stop</button>
        </form>
        <p class="terminal-hint" id="terminal-hint" role="status"></p>
      </section>`;
  }

  opened() {
    this.#input = this.querySelector("input");
    this.listen(this.#input, "keydown", (event) => this.#press(event));
    this.listen(this.#input, "input", () => this.#hint());
    this.signal.addEventListener("abort", () => this.#running?.abort(), { once: true });
    if (!transcript.length)
      transcript.push({
        id: (made += 1),
        line: "",
        text: "Type `help` and press Enter.",
        kind: "",
      });
    this.#write();
    this.#hint();
    setTimeout(() => this.isConnected && this.#input.focus());
  }

  // ------------------------------------------------------------ running

  async #enter(line) {
    if (!line || this.#running) return;
    this.#history.add(line);
    this.#input.value = "";
    const entry = { id: (made += 1), line, text: "", kind: "" };
    transcript = [...transcript, entry].slice(-MOST);
    this.#begin();
    try {
      const told = await this.#run(line, entry);
      if (told) entry.text = [entry.text, told].filter(Boolean).join("\n");
    } catch (error) {
      this.#complain(entry, error);
    } finally {
      this.#end();
    }
  }

  async #run(line, entry) {
    const { command, words, options } = parse(line, COMMANDS);
    const say = (text) => {
      const told = (next) => {
        entry.text = next;
        this.#write();
      };
      told(text);
      return told;
    };
    const sure = (question) => ask({ ...question, danger: true });
    return command.run({
      words,
      options,
      say,
      ask: sure,
      signal: this.#running.signal,
      clear: () => void (transcript = []),
    });
  }

  #begin() {
    this.#running = new AbortController();
    this.#turn(true);
    this.#write();
  }

  #end() {
    this.#running = null;
    if (!this.isConnected) return;
    this.#turn(false);
    this.#write();
  }

  #turn(isRunning) {
    this.#input.readOnly = isRunning;
    this.querySelector("[data-action=stop]").hidden = !isRunning;
    this.#hint(isRunning ? "Running. Escape stops it." : undefined);
  }

  #complain(entry, error) {
    entry.kind = "failed";
    if (isAbort(error)) entry.text = [entry.text, STOPPED].filter(Boolean).join("\n");
    else if (error instanceof ApiError) entry.text = inWords(error);
    else if (error instanceof Mistake) entry.text = error.message;
    else {
      entry.text = "The command failed.";
      reportError(error);
    }
  }

  // ------------------------------------------------------------ typing

  #press(event) {
    const steps = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === "Escape" && this.#running) this.#running.abort();
    else if (event.key === "Escape") this.#type("");
    else if (this.#running) return;
    else if (steps) this.#type(this.#history.move(steps, this.#input.value));
    else if (event.key === "Tab" && !event.shiftKey && this.#input.value) this.#complete();
    else if (event.key === "l" && event.ctrlKey) this.#enter("clear");
    else return;
    event.preventDefault();
  }

  #type(line) {
    this.#input.value = line;
    this.#input.setSelectionRange(line.length, line.length);
    this.#hint();
  }

  async #complete() {
    const line = this.#input.value;
    const found = await completions(line, COMMANDS, (kind, start) =>
      namesOf(kind, start, { signal: this.signal }),
    );
    if (this.#input?.value !== line || !this.isConnected) return;
    if (!found.length)
      return this.#hint(
        "Nothing to complete it with. Escape empties the line; Tab leaves it then.",
      );
    if (found.length === 1) return this.#type(`${complete(line, found[0])} `);
    const start = commonStart(found);
    if (start && !line.endsWith(start)) this.#type(complete(line, start));
    this.#hint(found.slice(0, MOST_SHOWN).join("   ") + (found.length > MOST_SHOWN ? "   …" : ""));
  }

  #hint(text = "Tab completes, ↑ and ↓ bring back earlier lines, Escape empties the line.") {
    const place = this.querySelector(".terminal-hint");
    if (place.textContent !== text) place.textContent = text;
  }

  // ------------------------------------------------------------ showing

  #write() {
    const log = this.querySelector(".terminal-log");
    if (!log) return;
    render(log, html`${transcript.map(entryOf)}`);
    log.scrollTop = log.scrollHeight;
  }
}

function entryOf({ id, line, text, kind }) {
  const typed = line
    ? html`<p class="terminal-typed"><span aria-hidden="true">› </span>${line}</p>`
    : nothing;
  return html`<div class="terminal-entry ${kind}" data-key="${id}">${typed}${text ? html`<pre>${text}</pre>` : nothing}</div>`;
}

/** The API's words, and what it says of each value. */
function inWords({ message, details }) {
  const lines = Object.entries(details ?? {})
    .filter(([, problems]) => Array.isArray(problems))
    .map(([name, problems]) => `  ${name}: ${problems.join(" ")}`);
  return [message, ...lines.filter((line) => !line.endsWith(`: ${message}`))].join("\n");
}

customElements.define("commands-panel", Commands);
