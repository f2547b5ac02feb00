// What there is to set: every field of the API's config, in groups, a line on each.
//
// `path` is the field's place in the config; `reading` says a number in other words.

import { duration, percent, plural, seconds } from "/static/lib/format.js";

const unlimited = (value) => (value ? "" : "no limit");
const ofModel = (value) => (value === null ? "left to the model" : "");

export const GROUPS = [
  {
    title: "Generation",
    about: "For requests that leave these open. What a request says itself always wins.",
    fields: [
      {
        path: "generation.temperature",
        label: "Temperature",
        type: "number",
        hint: "0 to 2: how freely the model chooses its words.",
        reading: ofModel,
      },
      {
        path: "generation.maxTokens",
        label: "Longest answer",
        type: "number",
        unit: "tokens",
        hint: "Up to 65,536, thinking included.",
        reading: ofModel,
      },
      {
        path: "generation.topP",
        label: "Top P",
        type: "number",
        hint: "0 to 1: the share of likely words to choose from.",
        reading: ofModel,
      },
      {
        path: "generation.topK",
        label: "Top K",
        type: "number",
        unit: "tokens",
        hint: "Choose among so many of the likeliest words.",
        reading: ofModel,
      },
      {
        path: "generation.thinkingLevel",
        label: "Thinking",
        type: "select",
        hint: "How long a thinking model thinks before it answers.",
        options: [["", "As the model does"], "none", "minimal", "low", "medium", "high"],
      },
      {
        path: "generation.includeThoughts",
        label: "Send thoughts along",
        type: "checkbox",
        hint: "A summary of the thinking comes as reasoning_content.",
      },
      {
        path: "googleSearch.enabled",
        label: "Ground answers in Google Search",
        type: "checkbox",
        hint: "For requests that bring no functions of their own.",
      },
      {
        path: "systemPrompts.default",
        label: "System prompt",
        type: "textarea",
        isWide: true,
        hint: "Goes before every request's own system prompt.",
      },
    ],
  },
  {
    title: "Models",
    about: "What clients may call a model, and which model answers.",
    fields: [
      {
        path: "models.default",
        label: "Default model",
        type: "model",
        hint: "Answers requests that name none: a model, or one of the aliases.",
      },
      {
        path: "models.aliases",
        label: "Aliases",
        type: "table",
        table: "aliases",
        isWide: true,
        hint: "Other names for models, as clients send them; * stands for anything, the longest name goes first. Without a model a name is off.",
      },
      {
        path: "models.fallbacks",
        label: "Fallbacks",
        type: "table",
        table: "fallbacks",
        isWide: true,
        hint: "What to ask, in this order, while Google has no capacity for a model.",
      },
      {
        path: "models.hidden",
        label: "Hidden models",
        type: "models",
        isWide: true,
        hint: "Not listed to clients. They can still be asked by name.",
      },
    ],
  },
  {
    title: "Media",
    about: "Images, sound and files that a request only names.",
    fields: [
      {
        path: "media.allowedBuckets",
        label: "Buckets Google may read",
        type: "lines",
        isWide: true,
        hint: "One name a line; * is every bucket, generativelanguage.googleapis.com the Files API. Google reads them with the rights of your projects.",
      },
    ],
  },
  {
    title: "Limits of API keys",
    about: "For keys without limits of their own; 0 is no limit.",
    fields: [
      {
        path: "rateLimit.requestsPerMinute",
        label: "Requests",
        type: "number",
        unit: "a minute",
        hint: "Of one key, over all processes.",
        reading: unlimited,
      },
      {
        path: "rateLimit.burstLimit",
        label: "Burst",
        type: "number",
        unit: "a second",
        hint: "How many of a minute's requests may come within one second.",
        reading: unlimited,
      },
      {
        path: "rateLimit.tokensPerDay",
        label: "Tokens",
        type: "number",
        unit: "a day",
        hint: "Input and output together, per UTC day.",
        reading: unlimited,
      },
      {
        path: "rateLimit.maxConcurrent",
        label: "At once",
        type: "number",
        unit: "requests",
        hint: "Requests of one key in flight at the same time.",
        reading: unlimited,
      },
    ],
  },
  {
    title: "Cooldown",
    about: "How long a project's cooldown is after an error, where Google does not say it.",
    fields: [
      {
        path: "cooldown.initialMs",
        label: "Initial cooldown",
        type: "number",
        unit: "ms",
        hint: "After the first errors.",
        reading: duration,
      },
      {
        path: "cooldown.maxMs",
        label: "Longest cooldown",
        type: "number",
        unit: "ms",
        hint: "No cooldown is longer, however many errors there were.",
        reading: duration,
      },
      {
        path: "cooldown.multiplier",
        label: "Growth",
        type: "number",
        unit: "times",
        hint: "Each cooldown is so many times as long as the one before.",
        reading: (value) => (value ? `×${value}` : ""),
      },
      {
        path: "cooldown.consecutiveErrorThreshold",
        label: "Patience",
        type: "number",
        unit: "errors in a row",
        hint: "From this one on, cooldowns grow.",
        reading: (value) => (value ? plural(value, "error") : ""),
      },
      {
        path: "cooldown.authMs",
        label: "Cooldown after a refused sign-in",
        type: "number",
        unit: "ms",
        hint: "When Google does not accept a credential.",
        reading: duration,
      },
    ],
  },
  {
    title: "Quota",
    about:
      "What Google allows, as far as you know it. What you leave open is learnt from refusals.",
    fields: [
      {
        path: "quotaManagement.trackingEnabled",
        label: "Count and foresee",
        type: "checkbox",
        hint: "Without it nothing is counted and no refusal foreseen.",
      },
      {
        path: "quotaManagement.warningThreshold",
        label: "Warn from",
        type: "number",
        unit: "of a day's limit",
        hint: "A share between 0.01 and 1; its use is told as quota_warning.",
        reading: percent,
      },
      {
        path: "quotaManagement.limits",
        label: "Known limits",
        type: "table",
        table: "limits",
        isWide: true,
        hint: "Requests by model; leave open, or 0, what is not known.",
      },
    ],
  },
  {
    title: "Answer cache",
    about: "The same question of the same key can get the same answer again, at no cost.",
    fields: [
      {
        path: "cache.mode",
        label: "Which answers are kept",
        type: "select",
        hint: "Deterministic ones: temperature 0, and no functions.",
        options: ["off", "deterministic", "all"],
      },
      {
        path: "cache.ttlSeconds",
        label: "Kept for",
        type: "number",
        unit: "seconds",
        hint: "Up to 604,800: a week.",
        reading: seconds,
      },
    ],
  },
  {
    title: "Stored responses",
    about: "Clients of the Responses API go on from an earlier response by its id alone.",
    fields: [
      {
        path: "responses.storeSeconds",
        label: "Stored for",
        type: "number",
        unit: "seconds",
        hint: "Begun anew by use; 60 or more, 0 stores none.",
        reading: (value) => (value ? seconds(value) : "not at all"),
      },
    ],
  },
];

export const FIELDS = GROUPS.flatMap(({ fields }) => fields);

/** The value at a path. */
export const valueAt = (config, path) =>
  path.split(".").reduce((part, name) => part?.[name], config);
