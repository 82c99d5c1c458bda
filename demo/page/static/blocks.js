// Draws Block Kit. A block or element that is not known here is named, never left out.

import { el, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { decode, mention, mrkdwn } from "./mrkdwn.js";

// `context` names users and channels, and `press(element, node)` is called when a button is pressed.
export function drawBlocks(blocks, context) {
  return blocks.map((block) => {
    const draw = BLOCKS[block.type];
    return draw ? draw(block, context) : unknown(`block “${block.type}”`);
  });
}

function unknown(what) {
  return el("p", { class: "unknown" }, `(this page does not draw the ${what})`);
}

function text(object, context) {
  if (object.type === "plain_text") return emojis(object.text);
  return mrkdwn(object.text, context, { verbatim: object.verbatim });
}

function emojis(value) {
  return value.replace(/:([a-z0-9_+-]+):/g, (_, name) => emoji(name));
}

const BLOCKS = {
  header: (block) => el("h3", { class: "header" }, emojis(block.text.text)),
  divider: () => el("hr"),
  section: (block, context) =>
    el(
      "div",
      { class: "section" },
      el(
        "div",
        { class: "section-body" },
        block.text && el("div", { class: "text" }, text(block.text, context)),
        block.fields &&
          el(
            "div",
            { class: "fields" },
            block.fields.map((field) => el("div", { class: "text" }, text(field, context))),
          ),
      ),
      block.accessory && element({ ...block.accessory, block_id: block.block_id }, context),
    ),
  context: (block, context) =>
    el(
      "div",
      { class: "context" },
      block.elements.map((item) =>
        item.type === "image" ? image(item) : el("div", { class: "text" }, text(item, context)),
      ),
    ),
  actions: (block, context) =>
    el("div", { class: "actions" }, block.elements.map((item) => element(item, context))),
  image: (block) => image(block),
  rich_text: (block, context) => el("div", { class: "text" }, block.elements.map((part) => rich(part, context))),
  table: (block, context) =>
    el(
      "div",
      { class: "table", role: "region", "aria-label": "Table", tabindex: "0" },
      el(
        "table",
        {},
        block.rows.map((row, index) =>
          el(
            "tr",
            {},
            row.map((cell, column) =>
              el(
                index === 0 ? "th" : "td",
                { scope: index === 0 && "col", class: `align-${block.column_settings?.[column]?.align ?? "left"}` },
                cell.type === "raw_text" ? cell.text : cell.elements.map((part) => rich(part, context)),
              ),
            ),
          ),
        ),
      ),
    ),
  markdown: (block) => el("div", { class: "text markdown" }, block.text),
  container: (block, context) =>
    el(
      "details",
      { class: "container", open: !(block.is_collapsible && block.default_collapsed) },
      el("summary", {}, emojis(block.title.text)),
      drawBlocks(block.child_blocks, context),
    ),
};

// Pictures from elsewhere are not loaded: the demo talks to nobody.
function image(object) {
  return el("span", { class: "image", role: "img", "aria-label": object.alt_text }, `🖼 ${object.alt_text}`);
}

function element(item, context) {
  if (item.type === "image") return image(item);
  if (item.type === "overflow") return menu(item, context);
  if (item.type !== "button") return unknown(`element “${item.type}”`);
  const properties = {
    class: `button ${item.style ?? ""}`,
    "aria-label": item.accessibility_label,
    data: { action: item.action_id },
    on: { click: (event) => press(event, item, context) },
  };
  if (!item.url) return el("button", { type: "button", ...properties }, emojis(item.text.text));
  const anchor = link(item.url, emojis(item.text.text), el("span", { "aria-hidden": "true" }, " ↗"));
  anchor.className = properties.class;
  anchor.dataset.action = item.action_id;
  if (item.accessibility_label) anchor.setAttribute("aria-label", item.accessibility_label);
  anchor.addEventListener("click", properties.on.click);
  return anchor;
}

// The menu behind three dots. A choice closes it and gives the focus back.
function menu(item, context) {
  const opener = el("summary", { class: "button", "aria-label": "More actions", title: "More actions" }, "⋯");
  const holder = el("details", { class: "overflow", data: { action: item.action_id } }, opener);
  const choose = (option) => (event) => {
    holder.open = false;
    opener.focus();
    context.press({ ...item, selected_option: option }, event.currentTarget);
  };
  holder.append(
    el(
      "div",
      { class: "options" },
      item.options.map((option) =>
        el(
          "button",
          { type: "button", data: { option: option.value }, on: { click: choose(option) } },
          emojis(option.text.text),
        ),
      ),
    ),
  );
  const buttons = [...holder.querySelectorAll("button")];
  holder.addEventListener("toggle", () => holder.open && buttons[0].focus());
  holder.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !holder.contains(event.relatedTarget)) holder.open = false;
  });
  holder.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" && holder.open) {
      event.stopPropagation();
      holder.open = false;
      opener.focus();
    } else if (step && holder.open) {
      event.preventDefault();
      const next = buttons.indexOf(document.activeElement) + step;
      buttons[(next + buttons.length) % buttons.length].focus();
    }
  });
  return holder;
}

function press(event, item, context) {
  const asked = item.confirm;
  if (asked && !window.confirm(`${asked.title.text}\n\n${decode(asked.text.text)}`)) {
    event.preventDefault();
    return;
  }
  context.press(item, event.currentTarget);
}

function rich(part, context) {
  const inside = () => part.elements.map((item) => richInline(item, context));
  switch (part.type) {
    case "rich_text_section":
      return el("div", {}, inside());
    case "rich_text_preformatted":
      return el("pre", {}, el("code", {}, inside()));
    case "rich_text_quote":
      return el("blockquote", {}, inside());
    case "rich_text_list":
      return el(
        part.style === "ordered" ? "ol" : "ul",
        { class: `indent-${part.indent ?? 0}` },
        part.elements.map((item) => el("li", {}, item.elements.map((leaf) => richInline(leaf, context)))),
      );
    default:
      return unknown(`part “${part.type}”`);
  }
}

function richInline(item, context) {
  switch (item.type) {
    case "text":
      return styled(item.text, item.style);
    case "link":
      return link(item.url, styled(item.text ?? item.url, item.style));
    case "emoji":
      return emoji(item.name);
    case "user":
      return mention(`@${context.userName(item.user_id) ?? item.user_id}`);
    case "channel":
      return mention(`#${context.channelName(item.channel_id) ?? item.channel_id}`);
    case "broadcast":
      return mention(`@${item.range}`);
    case "date":
      return mrkdwn(`<!date^${item.timestamp}^${item.format}|${item.fallback ?? ""}>`, context);
    default:
      return unknown(`element “${item.type}”`);
  }
}

const STYLES = { bold: "strong", italic: "em", strike: "s", code: "code" };

function styled(value, style = {}) {
  return Object.entries(STYLES).reduce(
    (inner, [name, tag]) => (style[name] ? el(tag, {}, inner) : inner),
    document.createTextNode(value),
  );
}
