// The dashboard begins here. A new panel is one more line of this table.
//
// `key` is pressed after `g`, `icon` is a symbol of icons.svg, `module` defines `element`;
// `style`, if it has one, is its style sheet.

import { startShell } from "/static/shell/shell.js";

const PANELS = [
  { id: "overview", title: "Overview", key: "o", icon: "overview", element: "overview-panel", module: "/static/panels/overview.js" },
  { id: "accounts", title: "Accounts", key: "a", icon: "accounts", element: "accounts-panel", module: "/static/panels/accounts.js", style: "/static/styles/accounts.css" },
  { id: "projects", title: "Projects", key: "p", icon: "projects", element: "projects-panel", module: "/static/panels/projects.js", style: "/static/styles/projects.css" },
  { id: "audit", title: "Audit", key: "u", icon: "audit", element: "audit-panel", module: "/static/panels/audit.js", style: "/static/styles/audit.css" },
];

startShell(PANELS);
