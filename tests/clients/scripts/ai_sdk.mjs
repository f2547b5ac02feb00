// Vercel's AI SDK; its first word names the door: responses, chat, messages, gemini.

import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import {
  APICallError,
  generateText,
  jsonSchema,
  Output,
  stepCountIs,
  streamText,
  tool,
} from "ai";
import * as r from "./run.mjs";

const v1 = `${r.URL_}/v1`;
const doors = {
  responses: (apiKey, id) => createOpenAI({ baseURL: v1, apiKey })(id),
  chat: (apiKey, id) => createOpenAI({ baseURL: v1, apiKey }).chat(id),
  messages: (apiKey, id) => createAnthropic({ baseURL: v1, apiKey })(id),
  gemini: (apiKey, id) =>
    createGoogleGenerativeAI({ baseURL: `${r.URL_}/v1beta`, apiKey })(id),
};
const model = (id = r.MODEL, key = r.KEY) => doors[process.argv[2]](key, id);
const base = { model: model(), maxRetries: 0 };
const wrapped = (inputSchema, execute) =>
  tool({ inputSchema: jsonSchema(inputSchema), execute });

const withTools = (made) => ({
  ...base,
  prompt: r.TOOLS,
  stopWhen: stepCountIs(6),
  tools: {
    get_weather: wrapped(r.WEATHER_SCHEMA, (args) => {
      made.push(["get_weather", args]);
      return r.tools.get_weather(args);
    }),
    get_time: wrapped(r.TIME_SCHEMA, (args) => {
      made.push(["get_time", args]);
      return r.tools.get_time(args);
    }),
  },
});

await r.run({
  async plain() {
    const { text, usage } = await generateText({ ...base, prompt: r.PLAIN });
    r.equal(text, r.SAID);
    if (!usage.outputTokens) throw new Error("no usage");
  },

  async stream() {
    const pieces = [];
    for await (const text of streamText({ ...base, prompt: r.LONG }).textStream)
      pieces.push(text);
    r.streamed(pieces);
  },

  async tools() {
    const made = [];
    const { text } = await generateText(withTools(made));
    r.equal(made, r.CALLS);
    r.holds(text, r.TIME);
  },

  async replayed() {
    const made = [];
    const result = streamText(withTools(made));
    r.holds(await result.text, r.TIME);
    r.equal(made, r.CALLS);
    const { messages } = await result.response;
    const history = [{ role: "user", content: r.TOOLS }, ...messages];
    const { text } = await generateText({
      ...base,
      messages: [...history, { role: "user", content: r.PLAIN }],
    });
    r.equal(text, r.SAID);
  },

  async schema() {
    const output = Output.object({ schema: jsonSchema(r.CITY_SCHEMA) });
    const { output: found } = await generateText({ ...base, prompt: r.CITY, output });
    r.equal(found, { city: "Oslo", degrees: 21 });
  },

  async image() {
    const content = [
      { type: "text", text: "What is this?" },
      { type: "file", data: r.PNG, mediaType: "image/png" },
    ];
    const { text } = await generateText({
      ...base,
      messages: [{ role: "user", content }],
    });
    r.holds(text, r.SEEN);
  },

  async errors() {
    const ask = (wanted) => generateText({ model: wanted, maxRetries: 0, prompt: "Hi" });
    await r.refused(() => ask(model("nobody-9")), 404, "nobody-9");
    const stranger = await ask(model(r.MODEL, "sk-nobody")).catch((error) => error);
    if (!APICallError.isInstance(stranger)) throw stranger;
  },
});
