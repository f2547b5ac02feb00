// Questions asked over the page; focus goes in, stays in, and returns.
//
//   if (await ask({ title: `Revoke ${name}?`, text: "…", action: "Revoke", danger: true })) …
//   const key = await fill({ title: "New key", fields: html`…`, action: "Create", submit: (values) => api.post(…) });
//   const { dialog, close } = open({ title: "Why", body: html`…`, wide: true });

import { html, nothing, render } from "/static/lib/html.js";
import { onSubmit } from "/static/lib/actions.js";

let made = 0;

/** Show something; `closed` settles with what `close` is given (null for Escape). */
export function open({ title, body, wide = false, buttons = nothing }) {
  const opener = document.activeElement;
  const dialog = document.createElement("dialog");
  const id = `dialog-${(made += 1)}`;
  dialog.className = wide ? "dialog wide" : "dialog";
  dialog.setAttribute("aria-labelledby", id);
  render(
    dialog,
    html`<header><h2 id="${id}">${title}</h2><button type="button" class="button ghost" data-close aria-label="Close">×</button></header>${body}${buttons}`,
  );
  document.body.append(dialog);

  const { promise: closed, resolve } = Promise.withResolvers();
  let result = null;
  const close = (value = null) => {
    result = value;
    dialog.close();
  };
  dialog.addEventListener("click", (event) => event.target.closest("[data-close]") && close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    returnFocus(opener);
    resolve(result);
  });
  dialog.showModal();
  return { dialog, close, closed };
}

/** Yes or no; the safe answer has the focus. */
export async function ask({ title, text, action = "OK", danger = false }) {
  const buttons = html`<footer>
    <button type="button" class="button" data-close autofocus>Cancel</button>
    <button type="button" class="button ${danger ? "danger" : "primary"}" data-yes>${action}</button>
  </footer>`;
  const { dialog, close, closed } = open({
    title,
    body: html`<div class="dialog-body"><p>${text}</p></div>`,
    buttons,
  });
  dialog.querySelector("[data-yes]").addEventListener("click", () => close(true));
  return (await closed) === true;
}

/** A form; stays until `submit` succeeds. Answers what it answered, or null. */
export async function fill({
  title,
  fields,
  action = "Save",
  submit,
  wide = false,
  danger = false,
}) {
  const body = html`<form class="dialog-form" novalidate>
    <div class="dialog-body">${fields}<div data-form-error></div></div>
    <footer>
      <button type="button" class="button" data-close>Cancel</button>
      <button type="submit" class="button ${danger ? "danger" : "primary"}">${action}</button>
    </footer>
  </form>`;
  const { dialog, close, closed } = open({ title, body, wide });
  const form = dialog.querySelector("form");
  onSubmit(form, async (values) => close(await submit(values, form)));
  form.querySelector("[autofocus], input, select, textarea")?.focus();
  return closed;
}

/** To where it came from; to the panel, where that is gone. */
function returnFocus(opener) {
  if (opener?.isConnected && opener !== document.body) opener.focus();
  else document.getElementById("main").focus();
}
