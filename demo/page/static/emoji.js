// The emoji names that messages here use. An unknown one stays as it was written.

import { el } from "./dom.js";

const EMOJI = {
  arrows_counterclockwise: "🔄",
  ballot_box_with_check: "☑️",
  bulb: "💡",
  eyes: "👀",
  grey_question: "❔",
  heavy_check_mark: "✔️",
  hourglass: "⌛",
  hourglass_flowing_sand: "⏳",
  information_source: "ℹ️",
  large_green_circle: "🟢",
  large_yellow_circle: "🟡",
  link: "🔗",
  lock: "🔒",
  mag: "🔍",
  no_entry: "⛔",
  package: "📦",
  point_right: "👉",
  question: "❓",
  red_circle: "🔴",
  rotating_light: "🚨",
  tada: "🎉",
  warning: "⚠️",
  white_check_mark: "✅",
  white_circle: "⚪",
  wrench: "🔧",
  x: "❌",
};

export function emoji(name) {
  return EMOJI[name] ?? `:${name}:`;
}

// Those that many a machine has no font for are drawn; the character stays in the text for who copies or listens.
const DRAWN = { "🔴": "red", "🟡": "yellow", "🟢": "green", "⚪": "white", "🚨": "alarm", "✅": "check" };

export function withDots(text) {
  return text
    .split(/(🔴|🟡|🟢|⚪|🚨|✅)/u)
    .filter(Boolean)
    .map((part) => (DRAWN[part] ? el("span", { class: `dot ${DRAWN[part]}` }, part) : document.createTextNode(part)));
}
