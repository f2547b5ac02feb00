// Carries out what somebody pressed: once at a time, and never silently in vain.

import { ApiError, isAbort } from "/static/lib/api.js";
import { clearErrors, showErrors, valuesOf } from "/static/lib/forms.js";
import { toast } from "/static/lib/toast.js";

/** Run `act`; until it is done `element` is busy. What fails is said in the API's words:
 *  at the fields of a form where it tells of them, else as a toast. */
export async function run(element, act) {
  if (element.getAttribute("aria-busy") === "true") return;
  element.setAttribute("aria-busy", "true");
  try {
    await act();
  } catch (error) {
    if (!isAbort(error)) complain(element, error);
  } finally {
    element.removeAttribute("aria-busy");
  }
}

/** Carry `act` out, with what was typed, whenever the form is sent. */
export function onSubmit(form, act) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors(form);
    if (form.reportValidity()) run(form, () => act(valuesOf(form), form));
  });
}

function complain(element, error) {
  if (!(error instanceof ApiError)) reportError(error);
  if (element.localName === "form") showErrors(element, error);
  else toast(error.message, { kind: "error" });
}
