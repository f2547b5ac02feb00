// The request a conversation makes, and the same as a command.

import { ApiError } from "/static/lib/api.js";

/** The body; `isFresh` goes as a header. Throws `ApiError` naming the setting at fault. */
export function requestOf({ model, settings }, messages) {
  const { temperature, effort, fresh } = settings;
  const tools = parsed(settings.tools, "tools", "Functions");
  const schema = parsed(settings.schema, "schema", "The schema");
  return {
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
    ...(temperature === null ? {} : { temperature }),
    ...(effort ? { reasoning_effort: effort } : {}),
    ...(tools ? { tools } : {}),
    ...(schema
      ? { response_format: { type: "json_schema", json_schema: { name: "answer", schema } } }
      : {}),
    ...(fresh ? { isFresh: true } : {}),
  };
}

/** The key stays out of it: commands end up in histories. The body comes by standard
 *  input: with a picture it is longer than an argument may be. */
export function curlOf({ isFresh, ...body }) {
  const headers = [
    '"Authorization: Bearer $GSWARM_API_KEY"',
    '"Content-Type: application/json"',
    isFresh && '"Cache-Control: no-cache"',
  ].filter(Boolean);
  const words = [
    `curl -N ${location.origin}/v1/chat/completions`,
    ...headers.map((header) => `-H ${header}`),
    "--data-binary @- <<'EOF'",
  ];
  return `${words.join(" \\\n  ")}\n${JSON.stringify(body, null, 2)}\nEOF\n`;
}

function parsed(text, name, what) {
  if (!text?.trim()) return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    const words = `${what}: ${error.message}.`;
    throw new ApiError(words, { details: { [name]: words } });
  }
}
