// Draws Slack's mrkdwn. https://docs.slack.dev/messaging/formatting-message-text
// Entities are decoded last and only into text nodes: what was escaped can never be a mention or a link.

import { el, link } from "./dom.js";
import { emoji, withDots } from "./emoji.js";

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

export function decode(text) {
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]);
}

export function mrkdwn(text, context, { verbatim = false } = {}) {
  const nodes = [];
  for (const [index, part] of text.split("```").entries()) {
    const unfinished = index % 2 === 1 && index === text.split("```").length - 1;
    if (index % 2 === 1 && !unfinished) {
      nodes.push(el("pre", {}, el("code", {}, decode(part.replace(/^\n/, "").replace(/\n$/, "")))));
    } else {
      const rest = unfinished ? "```" + part : part;
      nodes.push(...lines(rest, context, verbatim, nodes.length > 0));
    }
  }
  return nodes;
}

function lines(text, context, verbatim, afterBlock) {
  const trimmed = afterBlock ? text.replace(/^\n/, "") : text;
  const nodes = [];
  let quote = null;
  for (const [index, line] of trimmed.split("\n").entries()) {
    const quoted = /^(?:>|&gt;) ?/.exec(line);
    if (quoted) {
      if (quote) quote.append(el("br"));
      else nodes.push((quote = el("blockquote")));
      quote.append(...inline(line.slice(quoted[0].length), context, verbatim));
      continue;
    }
    if (index > 0 && !quote) nodes.push(el("br"));
    quote = null;
    nodes.push(...inline(line, context, verbatim));
  }
  return nodes;
}

// One alternative per construct; the first that matches at a place wins.
const INLINE = new RegExp(
  [
    "`(?<code>[^`\\n]+)`",
    "<(?<entity>[^<>\\n]+)>",
    "(?<![\\w*])\\*(?<bold>[^\\s*](?:[^*\\n]*[^\\s*])?)\\*(?![\\w*])",
    "(?<![\\w_])_(?<italic>[^\\s_](?:[^_\\n]*[^\\s_])?)_(?![\\w_])",
    "(?<![\\w~])~(?<strike>[^\\s~](?:[^~\\n]*[^\\s~])?)~(?![\\w~])",
    "(?<![\\w:]):(?<emoji>[a-z0-9_+-]+):(?![\\w:])",
    "(?<url>https?://[^\\s<>|*`]+[^\\s<>|*`.,;:!?)\\]}'\"])",
  ].join("|"),
  "gu",
);

function inline(text, context, verbatim) {
  const nodes = [];
  let done = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index < done) continue;
    const found = match.groups;
    if (found.url !== undefined && verbatim) continue;
    nodes.push(...withDots(decode(text.slice(done, match.index))));
    nodes.push(drawn(found, context, verbatim));
    done = match.index + match[0].length;
  }
  nodes.push(...withDots(decode(text.slice(done))));
  return nodes;
}

function drawn(found, context, verbatim) {
  if (found.code !== undefined) return el("code", {}, decode(found.code));
  if (found.entity !== undefined) return entity(found.entity, context);
  if (found.bold !== undefined) return el("strong", {}, inline(found.bold, context, verbatim));
  if (found.italic !== undefined) return el("em", {}, inline(found.italic, context, verbatim));
  if (found.strike !== undefined) return el("s", {}, inline(found.strike, context, verbatim));
  if (found.emoji !== undefined) return el("span", {}, withDots(emoji(found.emoji)));
  return link(decode(found.url));
}

function entity(text, context) {
  const [target, ...rest] = text.split("|");
  const label = rest.length ? decode(rest.join("|")) : null;
  if (target.startsWith("@")) return mention(`@${context.userName(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (target.startsWith("#")) return mention(`#${context.channelName(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!")) return mention(label ?? `@${target.slice(1).split("^")[0]}`);
  const url = decode(target);
  return link(url, label ?? url.replace(/^mailto:/i, ""));
}

export function mention(text) {
  return el("span", { class: "mention" }, text);
}

const FORMATS = {
  date_num: (date) => date.toLocaleDateString("sv"),
  date: (date) => date.toLocaleDateString("en", { year: "numeric", month: "long", day: "numeric" }),
  date_short: (date) => date.toLocaleDateString("en", { year: "numeric", month: "short", day: "numeric" }),
  date_long: (date) =>
    date.toLocaleDateString("en", { weekday: "long", year: "numeric", month: "long", day: "numeric" }),
  time: (date) => date.toLocaleTimeString("en", { hour: "numeric", minute: "2-digit" }),
  time_secs: (date) => date.toLocaleTimeString("en", { hour: "numeric", minute: "2-digit", second: "2-digit" }),
};

function date(target, fallback) {
  const [, seconds, format = "", url] = target.split("^");
  const moment = new Date(Number(seconds) * 1000);
  if (Number.isNaN(moment.getTime())) return document.createTextNode(fallback ?? target);
  const text = decode(format).replace(/\{(\w+)\}/g, (whole, name) => {
    if (name.endsWith("_pretty")) {
      const near = relativeDay(moment);
      return near ?? FORMATS[name.replace("_pretty", "")]?.(moment) ?? whole;
    }
    return FORMATS[name]?.(moment) ?? whole;
  });
  const time = el("time", { datetime: moment.toISOString(), title: fallback }, text);
  return url ? link(url, time) : time;
}

function relativeDay(moment) {
  const day = (date) => Math.round(new Date(date).setHours(12, 0, 0, 0) / 86_400_000);
  return { 0: "today", "-1": "yesterday", 1: "tomorrow" }[day(moment) - day(Date.now())] ?? null;
}
