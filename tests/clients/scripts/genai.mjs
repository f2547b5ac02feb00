// @google/genai on Gemini's own API.

import { GoogleGenAI } from "@google/genai";
import * as r from "./run.mjs";

const clientFor = (apiKey) =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl: r.URL_ } });
const { models } = clientFor(r.KEY);
const { MODEL: model } = r;

await r.run({
  async plain() {
    const reply = await models.generateContent({ model, contents: r.PLAIN });
    r.equal(reply.text, r.SAID);
  },

  async stream() {
    const pieces = [];
    const chunks = await models.generateContentStream({ model, contents: r.LONG });
    for await (const chunk of chunks) if (chunk.text) pieces.push(chunk.text);
    r.streamed(pieces);
  },

  async tools() {
    const functionDeclarations = [
      { name: "get_weather", parametersJsonSchema: r.WEATHER_SCHEMA },
      { name: "get_time", parametersJsonSchema: r.TIME_SCHEMA },
    ];
    const config = { tools: [{ functionDeclarations }] };
    const contents = [{ role: "user", parts: [{ text: r.TOOLS }] }];
    const made = [];
    for (;;) {
      const reply = await models.generateContent({ model, contents, config });
      contents.push(reply.candidates[0].content);
      const calls = reply.functionCalls ?? [];
      if (!calls.length) {
        r.equal(made, r.CALLS);
        return r.holds(reply.text, r.TIME);
      }
      made.push(...calls.map(({ name, args }) => [name, args]));
      const parts = calls.map(({ id, name, args }) => ({
        functionResponse: { id, name, response: { output: r.tools[name](args) } },
      }));
      contents.push({ role: "user", parts });
    }
  },

  async schema() {
    const reply = await models.generateContent({
      model,
      contents: r.CITY,
      config: {
        responseMimeType: "application/json",
        responseJsonSchema: r.CITY_SCHEMA,
      },
    });
    r.equal(JSON.parse(reply.text), { city: "Oslo", degrees: 21 });
  },

  async errors() {
    const ask = (key, wanted) =>
      clientFor(key).models.generateContent({ model: wanted, contents: "Hi" });
    await r.refused(() => ask(r.KEY, "nobody-9"), 404, "nobody-9");
    const stranger = await ask("sk-gswarm-nobody", model).catch((error) => error);
    if (![400, 401, 403].includes(stranger.status)) throw stranger;
  },
});
