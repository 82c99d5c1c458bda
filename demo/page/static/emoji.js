// The emoji names that messages here use. An unknown one stays as it was written.

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
