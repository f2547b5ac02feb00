// Two people changed the config: both are shown, and somebody chooses.

import { FIELDS, valueAt } from "/static/panels/config/fields.js";
import { canonical } from "/static/panels/config/form.js";
import { fill } from "/static/lib/dialog.js";
import { isByRow } from "/static/panels/config/tables.js";
import { flag, html, nothing } from "/static/lib/html.js";

/** Ask for each change whose value is to stand; answers the config that was saved, the
 *  other's if nothing of ours was chosen, or null. Asks again if it changed meanwhile. */
export async function settle({ before, changes, current, save }) {
  const left = changes.filter(
    (change) => canonical(change.value) !== canonical(theirsOf(change, current)),
  );
  const answer = await fill({
    title: "Somebody else has changed the configuration",
    fields: html`<p>It is at version ${current.version} now; you changed version ${before.version}. Choose what is to stand.</p>
      ${left.map((change) => choiceOf(change, theirsOf(change, current)))}
      ${othersChanges(before, current, left)}`,
    action: "Save what is chosen",
    wide: true,
    submit: (values) =>
      attempt(
        left.filter(({ path }) => values[path] === "yours"),
        current,
        save,
      ),
  });
  if (!answer?.current) return answer;
  return settle({ before, changes, current: answer.current, save });
}

/** What they have in the place of our change: of a table by rows, the same rows. */
function theirsOf({ path, value, ...given }, current) {
  const theirs = valueAt(current, path);
  return isByRow(given)
    ? Object.fromEntries(
        Object.keys(value)
          .filter((key) => key in theirs)
          .map((key) => [key, theirs[key]]),
      )
    : theirs;
}

async function attempt(chosen, current, save) {
  if (!chosen.length) return current;
  try {
    return await save(chosen, current.version);
  } catch (error) {
    if (error.status === 409 && error.details?.current) return { current: error.details.current };
    throw error;
  }
}

function choiceOf({ path, label, value }, theirs) {
  return html`<fieldset class="conflict" data-field="${path}">
    <legend>${label}</legend>
    ${optionOf(path, "yours", "Yours", value, true)}
    ${optionOf(path, "theirs", "Theirs", theirs, false)}
    <p class="field-about"><span data-error></span></p>
  </fieldset>`;
}

function optionOf(path, side, title, value, isChosen) {
  return html`<label><input type="radio" name="${path}" value="${side}" ${flag("checked", isChosen)}>
    <span><b>${title}</b><code>${written(value)}</code></span></label>`;
}

/** What they changed and we did not: it stays, and is said. */
function othersChanges(before, current, ours) {
  const own = new Set(ours.map(({ path }) => path));
  const theirs = FIELDS.filter(
    ({ path }) =>
      !own.has(path) && canonical(valueAt(before, path)) !== canonical(valueAt(current, path)),
  );
  return theirs.length
    ? html`<p class="quiet-text">They also changed: ${theirs.map(({ label }) => label).join(", ")}. That stays.</p>`
    : nothing;
}

function written(value) {
  if (value === null || value === "") return "nothing";
  return typeof value === "object" ? JSON.stringify(value, null, 1) : String(value);
}
