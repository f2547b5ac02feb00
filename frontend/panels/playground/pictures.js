// Pictures on the page. Its policy allows none from `data:` addresses, a canvas needs none.

const base64 = /^data:([^;,]+);base64,(.*)$/s;

/** Draw the picture of a `data:` address, at most `most` pixels wide and high. */
export async function paint(canvas, url, { most = 56 } = {}) {
  const blob = blobOf(url);
  try {
    if (!blob) throw new Error("no picture");
    const bitmap = await createImageBitmap(blob);
    const scale = Math.min(1, (most * devicePixelRatio) / Math.max(bitmap.width, bitmap.height));
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
  } catch {
    canvas.dataset.broken = "yes"; // what a browser cannot draw may be known to a model
    canvas.title = "This picture cannot be shown.";
  }
}

function blobOf(url) {
  const [, type, data] = base64.exec(url) ?? [];
  return data
    ? new Blob([Uint8Array.from(atob(data), (each) => each.charCodeAt(0))], { type })
    : null;
}
