// Style sheets that not every view needs, each fetched once, when it is.
//
//   await dress("/static/styles/request-detail.css");

const dresses = new Map();

/** The style sheet, if any, is there before what wears it. */
export async function dress(style) {
  if (!style) return;
  if (!dresses.has(style)) dresses.set(style, linked(style));
  await dresses.get(style);
}

async function linked(style) {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: style });
  const { promise, resolve, reject } = Promise.withResolvers();
  link.addEventListener("load", resolve);
  link.addEventListener("error", reject);
  document.head.append(link);
  try {
    await promise;
  } catch {
    link.remove();
    dresses.delete(style);
    throw new Error("A style sheet did not come.");
  }
}
