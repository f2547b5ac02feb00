// @anthropic-ai/sdk on Messages.

import Anthropic from "@anthropic-ai/sdk";
import * as r from "./run.mjs";

const settings = { baseURL: r.URL_, apiKey: r.KEY, maxRetries: 0 };
const client = new Anthropic(settings);
const base = { model: r.MODEL, max_tokens: 4000 };
const user = (content) => ({ role: "user", content });
const textOf = ({ content }) =>
  content.map((block) => (block.type === "text" ? block.text : "")).join("");

await r.run({
  async plain() {
    const reply = await client.messages.create({ ...base, messages: [user(r.PLAIN)] });
    r.equal(textOf(reply), r.SAID);
  },

  async stream() {
    const pieces = [];
    const events = client.messages.stream({ ...base, messages: [user(r.LONG)] });
    events.on("text", (text) => pieces.push(text));
    await events.finalMessage();
    r.streamed(pieces);
  },

  async tools() {
    const tools = [
      { name: "get_weather", input_schema: r.WEATHER_SCHEMA },
      { name: "get_time", input_schema: r.TIME_SCHEMA },
    ];
    const [messages, made] = [[user(r.TOOLS)], []];
    for (;;) {
      const reply = await client.messages
        .stream({ ...base, messages, tools })
        .finalMessage();
      const calls = reply.content.filter(({ type }) => type === "tool_use");
      if (!calls.length) {
        r.equal(made, r.CALLS);
        return r.holds(textOf(reply), r.TIME);
      }
      made.push(...calls.map(({ name, input }) => [name, input]));
      const results = calls.reverse().map(({ id, name, input }) => ({
        type: "tool_result",
        tool_use_id: id,
        content: r.tools[name](input),
      }));
      messages.push({ role: "assistant", content: reply.content }, user(results));
    }
  },

  async errors() {
    const ask = (who, model) =>
      who.messages.create({ ...base, model, messages: [user("Hi")] });
    const stranger = new Anthropic({ ...settings, apiKey: "sk-gswarm-nobody" });
    await r.refused(() => ask(stranger, r.MODEL), 401);
    await r.refused(() => ask(client, "nobody-9"), 404, "nobody-9");
  },
});
