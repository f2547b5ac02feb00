// The dashboard begins here. A new panel is one more line of this table.
//
// `key` is pressed after `g`, `icon` is a symbol of icons.svg, `module` defines `element`;
// `style`, if it has one, is its style sheet. `actions` are those of the element that the
// palette offers wherever one is, by name.

import { startShell } from "/static/shell/shell.js";

const PANELS = [
  {
    id: "overview",
    title: "Overview",
    key: "o",
    icon: "overview",
    element: "overview-panel",
    module: "/static/panels/overview.js",
    style: "/static/styles/overview.css",
  },
  {
    id: "accounts",
    title: "Accounts",
    key: "a",
    icon: "accounts",
    element: "accounts-panel",
    module: "/static/panels/accounts.js",
    style: "/static/styles/accounts.css",
    actions: { add: "Add an account", export: "Export accounts", refreshAll: "Refresh all tokens" },
  },
  {
    id: "projects",
    title: "Projects",
    key: "p",
    icon: "projects",
    element: "projects-panel",
    module: "/static/panels/projects.js",
    style: "/static/styles/projects.css",
    actions: {
      create: "New project",
      testAll: "Test all projects",
      rediscover: "Sync projects from Google",
    },
  },
  {
    id: "keys",
    title: "API keys",
    key: "k",
    icon: "keys",
    element: "keys-panel",
    module: "/static/panels/keys.js",
    style: "/static/styles/keys.css",
    actions: { make: "Create an API key" },
  },
  {
    id: "playground",
    title: "Playground",
    key: "y",
    icon: "playground",
    element: "playground-panel",
    module: "/static/panels/playground.js",
    style: "/static/styles/playground.css",
    actions: { clear: "Clear the conversation" },
  },
  {
    id: "metrics",
    title: "Metrics",
    key: "m",
    icon: "metrics",
    element: "metrics-panel",
    module: "/static/panels/metrics.js",
    style: "/static/styles/metrics.css",
  },
  {
    id: "errors",
    title: "Errors",
    key: "e",
    icon: "errors",
    element: "errors-panel",
    module: "/static/panels/errors.js",
    style: "/static/styles/errors.css",
    actions: { clear: "Clear errors" },
  },
  {
    id: "jobs",
    title: "Jobs and bench",
    key: "j",
    icon: "jobs",
    element: "jobs-panel",
    module: "/static/panels/jobs.js",
    style: "/static/styles/jobs.css",
    actions: { bench: "Run a bench", probe: "Probe projects" },
  },
  {
    id: "commands",
    title: "Commands",
    key: "t",
    icon: "commands",
    element: "commands-panel",
    module: "/static/panels/commands.js",
    style: "/static/styles/commands.css",
  },
  {
    id: "config",
    title: "Configuration",
    key: "c",
    icon: "config",
    element: "config-panel",
    module: "/static/panels/config.js",
    style: "/static/styles/config.css",
  },
  {
    id: "audit",
    title: "Audit",
    key: "u",
    icon: "audit",
    element: "audit-panel",
    module: "/static/panels/audit.js",
    style: "/static/styles/audit.css",
  },
];

startShell(PANELS);
