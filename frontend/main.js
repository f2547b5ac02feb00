// The dashboard begins here. A new panel is one more line of this table.
//
// `key` is pressed after `g`, `icon` is a symbol of icons.svg, `module` defines `element`;
// `style`, if it has one, is its style sheet.

import { startShell } from "/static/shell/shell.js";

const PANELS = [
  { id: "overview", title: "Overview", key: "o", icon: "overview", element: "overview-panel", module: "/static/panels/overview.js" },
];

startShell(PANELS);
