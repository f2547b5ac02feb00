// All accounts in one file, sealed with a passphrase.

import * as api from "/static/lib/api.js";
import { field } from "/static/lib/forms.js";
import { fill } from "/static/lib/dialog.js";
import { html } from "/static/lib/html.js";
import { saveAs } from "/static/lib/files.js";
import { toast } from "/static/lib/toast.js";

export async function saveExport() {
  const sealed = await fill({
    title: "Export all accounts",
    fields: html`<p>The file holds every credential, encrypted. Import it at another gateway with the same passphrase; nobody can recover it.</p>
      ${field({ name: "passphrase", label: "Passphrase", type: "password", required: true, hint: "At least 8 characters.", attributes: html`autocomplete="new-password"` })}`,
    action: "Export",
    submit: (given) => api.post("/api/accounts/export", given),
  });
  if (!sealed) return;
  saveAs("gswarm-accounts.json", JSON.stringify(sealed));
  toast("The accounts are exported.");
}
