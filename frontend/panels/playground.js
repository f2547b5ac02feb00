// The playground: ask a model through the gateway, and see how the answer came about.

import { Panel } from "/static/lib/panel.js";
import { conversation } from "/static/panels/playground/conversation.js";
import { copy } from "/static/lib/clipboard.js";
import { curlOf, requestOf } from "/static/panels/playground/request.js";
import { dataUrlOf, onDrop } from "/static/lib/files.js";
import { empty } from "/static/lib/states.js";
import { flag, html, nothing, render } from "/static/lib/html.js";
import { hrefOf } from "/static/lib/router.js";
import { icon } from "/static/lib/icons.js";
import { paint } from "/static/panels/playground/pictures.js";
import { settingsForm } from "/static/panels/playground/settings.js";
import { showErrors, clearErrors, valuesOf } from "/static/lib/forms.js";
import { toast } from "/static/lib/toast.js";
import { turnElement } from "/static/panels/playground/turn.js";

const NEAR_PX = 48;
const SOON_MS = 2_000;

class Playground extends Panel {
  #asking = null;

  frame() {
    return html`<header class="panel-head">
        <h1>Playground</h1>
        <div class="row">
          <button type="button" class="button" data-action="curl" title="Copy as curl">${icon("copy")}<span>Copy as curl</span></button>
          <button type="button" class="button" data-action="clear" title="New conversation">${icon("trash")}<span>New conversation</span></button>
        </div>
      </header>
      <div class="playground">
        <div class="talk">
          <div class="turns" role="log" aria-label="Conversation" tabindex="0"></div>
          <form class="composer" data-action="send" novalidate>
            <div class="thumbs"></div>
            <textarea name="text" aria-label="Message" rows="2" placeholder="Ask something. Enter sends, Shift + Enter is a new line."></textarea>
            <div class="row spread">
              <label class="button ghost">${icon("plus")}Image<input type="file" class="unseen" accept="image/*" multiple data-images></label>
              <span class="row"><button type="button" class="button" data-action="stop" hidden>${icon("stop")}Stop</button>
              <button class="button primary" data-send>${icon("play")}Send</button></span>
            </div>
            <div data-form-error></div>
          </form>
        </div>
        <details class="settings card" open><summary>Settings</summary>
          <div data-region="main"></div>
          ${settingsForm(conversation.settings)}
        </details>
      </div>`;
  }

  opened() {
    const form = this.querySelector(".composer");
    const { text } = form.elements;
    this.listen(text, "keydown", (event) => this.#heedKey(event, form));
    this.listen(text, "input", () => (conversation.text = text.value));
    this.listen(text, "paste", ({ clipboardData }) => this.#attach([...clipboardData.files]));
    this.listen(this.querySelector("[data-images]"), "change", ({ target }) => {
      this.#attach([...target.files]);
      target.value = "";
    });
    this.listen(
      this.querySelector(".settings form"),
      "input",
      ({ currentTarget }) => (conversation.settings = valuesOf(currentTarget)),
    );
    onDrop(form, (files) => this.#attach(files), { signal: this.signal });
    this.signal.addEventListener("abort", () => this.#asking?.abort());
    if (matchMedia("(width < 62rem)").matches) this.querySelector(".settings").open = false;
    this.#showDraft();
    this.#rewrite();
  }

  load({ get }) {
    return get("/api/gswarm/models");
  }

  loading() {
    return html`<span class="skeleton model-skeleton"></span>`;
  }

  render({ models, defaultModel }) {
    const served = models.filter(({ available }) => available);
    if (!served.length) {
      this.refreshSoon(SOON_MS);
      return html`<p class="alert">No model can be asked now. <a href="${hrefOf("overview")}">See what is missing</a></p>`;
    }
    const chosen = served.some(({ id }) => id === conversation.model)
      ? conversation.model
      : defaultModel;
    conversation.model = chosen;
    const option = ({ id }) =>
      html`<option value="${id}" ${flag("selected", id === chosen)}>${id}</option>`;
    return html`<div class="field"><label for="model">Model</label>
      <select id="model" data-action="model">${served.map(option)}</select></div>`;
  }

  actions = {
    model: (select) => (conversation.model = select.value),
    send: () => this.#send(),
    again: () => this.#again(),
    stop: () => this.#asking?.abort(),
    clear: () => {
      this.#asking?.abort();
      conversation.clear();
      this.#rewrite();
      this.querySelector("[name=text]").focus();
    },
    curl: async () => {
      const { hasDraft, asked: last } = conversation;
      const asked = this.#request(
        hasDraft ? conversation.messages(conversation.draft(this.#toolResults())) : last,
      );
      if (asked)
        toast(
          (await copy(curlOf(asked)))
            ? "The request is copied; its key is $GSWARM_API_KEY."
            : "The browser does not allow copying.",
        );
    },
    "drop-picture": (button) => {
      conversation.pictures.splice(Number(button.value), 1);
      this.#showPictures();
    },
  };

  // ------------------------------------------------------------ asking

  async #send() {
    const results = this.#toolResults();
    if (this.#asking || !(conversation.hasDraft || results.length)) return;
    if (!this.#request()) return;
    conversation.say(results);
    this.#showDraft();
    this.#rewrite();
    await this.#answer();
  }

  async #again() {
    if (this.#asking) return;
    conversation.takeBack();
    this.#rewrite();
    await this.#answer();
  }

  async #answer() {
    const body = this.#request();
    if (!body) return;
    this.#asking = new AbortController();
    this.#showBusy();
    const turn = conversation.begin(body.model);
    const shown = turnElement(turn);
    this.#turns.append(shown.element);
    this.#scroll({ always: true });
    const changed = () => {
      if (!shown.element.isConnected) return;
      shown.update();
      this.#scroll();
    };
    try {
      await turn.ask(body, this.#asking.signal, changed);
    } finally {
      this.#asking = null;
      if (this.isConnected) this.#showBusy();
    }
    turn.learnRoute(changed); // nobody waits for it
  }

  /** The request as it would be sent now; null, and said why, where it cannot be. */
  #request(messages = conversation.messages()) {
    const form = this.querySelector(".settings form");
    clearErrors(form);
    try {
      return requestOf(conversation, messages);
    } catch (error) {
      this.querySelector(".settings").open = true;
      showErrors(form, error);
      return null;
    }
  }

  /** What the functions that were called are said to have answered. */
  #toolResults() {
    const fields = this.#turns.querySelectorAll(".turn:last-child [data-call]");
    return [...fields].map(({ dataset, value }) => ({
      role: "tool",
      tool_call_id: dataset.call,
      content: value,
    }));
  }

  // ------------------------------------------------------------ showing

  get #turns() {
    return this.querySelector(".turns");
  }

  #rewrite() {
    this.#turns.replaceChildren(...conversation.turns.map((turn) => turnElement(turn).element));
    if (!conversation.turns.length) {
      const welcome = document.createElement("div");
      render(
        welcome,
        empty({
          name: "playground",
          title: "Ask a model",
          text: "Answers stream as they come, and tell which project gave them, in how many attempts, how fast.",
        }),
      );
      this.#turns.append(welcome);
    }
    this.#scroll({ always: true });
  }

  #showBusy() {
    const isBusy = Boolean(this.#asking);
    const [stop, send] = ["[data-action=stop]", "[data-send]"].map((each) =>
      this.querySelector(each),
    );
    if (document.activeElement === (isBusy ? send : stop))
      this.querySelector("[name=text]").focus({ preventScroll: true });
    this.#turns.setAttribute("aria-busy", String(isBusy)); // told once it is whole
    stop.hidden = !isBusy;
    send.disabled = isBusy;
  }

  /** Follows the end, unless somebody reads further up. */
  #scroll({ always = false } = {}) {
    const turns = this.#turns;
    const isNear =
      turns.scrollHeight - turns.scrollTop - turns.clientHeight <
      NEAR_PX + (turns.lastElementChild?.dataset.grown ?? 0);
    if (always || isNear) turns.scrollTop = turns.scrollHeight;
  }

  #heedKey(event, form) {
    if (event.key === "Escape" && this.#asking) this.#asking.abort();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  }

  async #attach(files) {
    const images = files.filter(({ type }) => type.startsWith("image/"));
    for (const file of images)
      conversation.pictures.push({ name: file.name, url: await dataUrlOf(file) });
    if (images.length < files.length) toast("Only images can be attached.", { kind: "error" });
    if (images.length && this.isConnected) this.#showPictures();
  }

  #showDraft() {
    this.querySelector("[name=text]").value = conversation.text;
    this.#showPictures();
  }

  #showPictures() {
    const thumbs = this.querySelector(".thumbs");
    const { pictures } = conversation;
    const thumb = ({ name }, at) =>
      html`<span class="thumb"><canvas role="img" aria-label="${name}"></canvas>
      <button type="button" class="button small" data-action="drop-picture" value="${at}" aria-label="Remove ${name}">×</button></span>`;
    render(thumbs, pictures.length ? html`${pictures.map(thumb)}` : nothing);
    thumbs.querySelectorAll("canvas").forEach((canvas, at) => paint(canvas, pictures[at].url));
  }
}

customElements.define("playground-panel", Playground);
