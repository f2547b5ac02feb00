// What a key opens, as text that works as it is.

import { get } from "/static/lib/api.js";

const MODEL = "gemini-3.5-flash"; // where nobody tells which there are

/** `[title, text]` for each way to use it; none for a key that only changes things. */
export async function snippetsFor({ key, scopes, allowedModels }) {
  if (scopes.includes("chat")) return asking(key, await modelFor(allowedModels));
  return scopes.includes("monitor") ? watching(key) : [];
}

/** A model this key may ask, one that is served now before others. Never throws: the
 *  key is shown but once. */
async function modelFor(patterns) {
  const { models, defaultModel } = await get("/api/gswarm/models").catch(() => ({
    models: [],
    defaultModel: MODEL,
  }));
  const served = models.filter(({ available }) => available).map(({ id }) => id);
  const first = served.includes(defaultModel) ? [defaultModel] : [];
  const aliases = patterns.filter((pattern) => !pattern.endsWith("*"));
  return [...first, ...served, ...aliases].find((id) => isAllowed(id, patterns)) ?? defaultModel;
}

const isAllowed = (model, patterns) =>
  !patterns.length ||
  patterns.some((pattern) =>
    pattern.endsWith("*") ? model.startsWith(pattern.slice(0, -1)) : model === pattern,
  );

function watching(key) {
  return [
    [
      "curl",
      `curl ${location.origin}/api/gswarm/status \\
  -H "Authorization: Bearer ${key}"`,
    ],
  ];
}

function asking(key, model) {
  const base = `${location.origin}/v1`;
  return [
    [
      "curl",
      `curl ${base}/chat/completions \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "${model}", "messages": [{"role": "user", "content": "Hello"}]}'`,
    ],
    [
      "Python (openai)",
      `from openai import OpenAI

client = OpenAI(base_url="${base}", api_key="${key}")
answer = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)`,
    ],
    [
      "Cursor",
      `Settings > Models > API keys
  OpenAI API key:           ${key}
  Override OpenAI base URL: ${base}
Then add the model ${model}, and switch it on.`,
    ],
  ];
}
