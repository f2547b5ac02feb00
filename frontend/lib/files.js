// Files: read from a person's disk, and given to it.

/** A file's bytes as a `data:` address. */
export function dataUrlOf(file) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const reader = new FileReader();
  reader.addEventListener("load", () => resolve(reader.result));
  reader.addEventListener("error", () => reject(reader.error));
  reader.readAsDataURL(file);
  return promise;
}

export function saveAs(name, text, type = "application/json") {
  const url = URL.createObjectURL(new Blob([text], { type }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Let files be dropped on `target`; `data-drop` marks it while one is above it. */
export function onDrop(target, take, options) {
  const hover = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    target.dataset.drop = "over";
  };
  target.addEventListener("dragenter", hover, options);
  target.addEventListener("dragover", hover, options);
  target.addEventListener("dragleave", () => delete target.dataset.drop, options);
  target.addEventListener(
    "drop",
    (event) => {
      delete target.dataset.drop;
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      take([...event.dataTransfer.files]);
    },
    options,
  );
}
