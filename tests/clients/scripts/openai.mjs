// openai-node: chat completions, Responses and the helpers over their streams.

import OpenAI from "openai";
import * as r from "./run.mjs";

const settings = { baseURL: `${r.URL_}/v1`, apiKey: r.KEY, maxRetries: 0 };
const client = new OpenAI(settings);
const { MODEL: model } = r;
const schemas = { get_weather: r.WEATHER_SCHEMA, get_time: r.TIME_SCHEMA };
const names = Object.keys(schemas);
const user = (content) => [{ role: "user", content }];

await r.run({
  async plain() {
    const chat = await client.chat.completions.create({
      model,
      messages: user(r.PLAIN),
    });
    r.equal(chat.choices[0].message.content, r.SAID);
    const reply = await client.responses.create({ model, input: r.PLAIN });
    r.equal(reply.output_text, r.SAID);
  },

  async stream() {
    const chat = client.chat.completions.stream({ model, messages: user(r.LONG) });
    const pieces = [];
    chat.on("content", (delta) => pieces.push(delta));
    await chat.finalMessage();
    r.streamed(pieces);
  },

  async helper() {
    const events = client.responses.stream({ model, input: r.LONG });
    const pieces = [];
    events.on("response.output_text.delta", ({ delta }) => pieces.push(delta));
    const reply = await events.finalResponse();
    r.streamed(pieces);
    r.streamed(reply.output_text.match(/\S+\s*/g));
  },

  async tools() {
    const tools = names.map((name) => ({
      type: "function",
      function: { name, parameters: schemas[name] },
    }));
    const [messages, made] = [user(r.TOOLS), []];
    for (;;) {
      const reply = await client.chat.completions
        .stream({ model, messages, tools })
        .finalMessage();
      messages.push(reply);
      if (!reply.tool_calls?.length) {
        r.equal(made, r.CALLS);
        return r.holds(reply.content, r.TIME);
      }
      for (const { id, function: { name, arguments: args } } of reply.tool_calls) {
        made.push([name, JSON.parse(args)]);
        const content = r.tools[name](JSON.parse(args));
        messages.push({ role: "tool", tool_call_id: id, content });
      }
    }
  },

  async replayed() {
    const tools = names.map((name) => ({
      type: "function",
      name,
      parameters: schemas[name],
      strict: true,
    }));
    const [input, made] = [user(r.TOOLS), []];
    for (;;) {
      const reply = await client.responses
        .stream({ model, input, tools, store: false })
        .finalResponse();
      input.push(...reply.output);
      const calls = reply.output.filter(({ type }) => type === "function_call");
      if (!calls.length) {
        r.equal(made, r.CALLS);
        return r.holds(reply.output_text, r.TIME);
      }
      for (const { call_id, name, arguments: args } of calls) {
        made.push([name, JSON.parse(args)]);
        const output = r.tools[name](JSON.parse(args));
        input.push({ type: "function_call_output", call_id, output });
      }
    }
  },

  async schema() {
    const format = { type: "json_schema", name: "city", schema: r.CITY_SCHEMA };
    const reply = await client.responses.create({
      model,
      input: r.CITY,
      text: { format },
    });
    r.equal(JSON.parse(reply.output_text), { city: "Oslo", degrees: 21 });
  },

  async errors() {
    const stranger = new OpenAI({ ...settings, apiKey: "sk-gswarm-nobody" });
    await r.refused(() => stranger.responses.create({ model, input: "Hi" }), 401);
    const ask = () => client.responses.create({ model: "nobody-9", input: "Hi" });
    await r.refused(ask, 404, "nobody-9");
  },
});
