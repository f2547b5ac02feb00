// One answer: asked for, read as it comes, and measured.

import * as api from "/static/lib/api.js";
import { eventsOf } from "/static/lib/stream.js";

const PATH = "/v1/chat/completions";
const BROKEN = "The answer broke off before its end.";

export class Turn {
  role = "assistant";
  state = "waiting"; // then streaming, and done, stopped or failed
  text = "";
  thoughts = "";
  calls = [];
  pictures = [];
  finish = null;
  usage = null;
  error = null;
  route = {};
  firstMs = null;
  totalMs = null;

  constructor(model) {
    this.model = model;
  }

  /** What of it the next request carries. */
  get messages() {
    if (!this.text && !this.calls.length) return [];
    const calls = this.calls.length ? { tool_calls: this.calls } : {};
    return [{ role: "assistant", content: this.text || null, ...calls }];
  }

  /** Tokens a second, from the first on. */
  get speed() {
    const seconds = (this.totalMs - this.firstMs) / 1_000;
    return this.usage && this.firstMs !== null && seconds > 0.05
      ? this.usage.completion_tokens / seconds
      : null;
  }

  /** Never throws: what goes wrong is part of the answer. */
  async ask(body, signal, changed) {
    const began = performance.now();
    try {
      await this.#read(body, signal, began, changed);
      this.state = "done";
    } catch (error) {
      this.#fail(error, signal);
    }
    this.totalMs = performance.now() - began;
    changed();
  }

  async #read({ isFresh, ...body }, signal, began, changed) {
    const headers = isFresh ? { "Cache-Control": "no-cache" } : {};
    const answer = await api.open("POST", PATH, body, { signal, headers });
    this.#noteRoute(answer.headers);
    for await (const data of eventsOf(answer)) {
      if (data === "[DONE]") return;
      this.#take(JSON.parse(data));
      if (
        this.firstMs === null &&
        (this.text || this.thoughts || this.calls.length || this.pictures.length)
      )
        this.firstMs = performance.now() - began;
      changed();
    }
    throw new api.ApiError(BROKEN, { code: "broken" });
  }

  #fail(error, signal) {
    if (signal.aborted) {
      this.state = "stopped";
      return;
    }
    this.state = "failed";
    this.error = error;
    if (error.requestId) this.route.id = error.requestId;
    if (!(error instanceof api.ApiError)) reportError(error);
  }

  #take({ choices = [], usage, error }) {
    if (error) throw new api.ApiError(error.message, { code: error.code ?? error.type ?? "" });
    this.state = "streaming";
    if (usage) this.usage = usage;
    const [choice] = choices;
    if (!choice) return;
    const {
      content,
      reasoning_content: thought,
      refusal,
      tool_calls: calls = [],
      images = [],
    } = choice.delta ?? {};
    this.text += content ?? refusal ?? "";
    this.thoughts += thought ?? "";
    for (const call of calls) this.#takeCall(call);
    for (const { image_url: image } of images)
      this.pictures.push({ name: "Picture", url: image.url });
    this.finish = choice.finish_reason ?? this.finish;
  }

  /** Arguments may come in pieces. */
  #takeCall({ index, id, function: { name = "", arguments: given = "" } = {} }) {
    const call = (this.calls[index] ??= {
      id,
      type: "function",
      function: { name: "", arguments: "" },
    });
    call.function.name += name;
    call.function.arguments += given;
  }

  // ------------------------------------------------------------ how it came about

  #noteRoute(headers) {
    this.route = {
      id: headers.get("x-request-id"),
      project: headers.get("x-gswarm-project"),
      attempts: headers.get("x-gswarm-attempts"),
      cache: headers.get("x-gswarm-cache"),
    };
  }

  /** A stream's headers may go out before a project is found: the record knows. Never
   *  throws: a request that got nowhere has no record, and the answer needs none. */
  async learnRoute(changed) {
    if (
      !this.route.id ||
      this.route.project ||
      this.route.cache === "hit" ||
      this.state === "stopped"
    )
      return;
    try {
      const record = await api.get(`/api/gswarm/requests/${encodeURIComponent(this.route.id)}`);
      this.route = { ...this.route, project: record.project_id, attempts: record.attempts };
      changed();
    } catch (error) {
      if (!(error instanceof api.ApiError) && !api.isAbort(error)) reportError(error);
    }
  }
}
