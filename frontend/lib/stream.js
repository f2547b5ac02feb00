// Server-sent events as the answer to a request of ours, each as soon as it is there.
//
//   const answer = await open("POST", "/v1/chat/completions", body, { signal });
//   for await (const data of eventsOf(answer)) …

/** The `data` of each event, as text. Comments, which keep the line alive, are none. */
export async function* eventsOf(answer) {
  let lines = [];
  for await (const line of linesOf(answer.body)) {
    if (line.startsWith("data:")) lines.push(line.slice(5).replace(/^ /, ""));
    else if (line === "" && lines.length) {
      yield lines.join("\n");
      lines = [];
    }
  }
  if (lines.length) yield lines.join("\n");
}

async function* linesOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) yield line.replace(/\r$/, "");
    }
    if (rest) yield rest;
  } finally {
    reader.cancel().catch(() => null); // what is left to come is of no use to anybody
  }
}
