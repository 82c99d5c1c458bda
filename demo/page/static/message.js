// Draws one message: who, when, what, and what can be done with it.

import { drawBlocks } from "./blocks.js";
import { el } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";

const CLOCK = { hour: "numeric", minute: "2-digit" };

export function when(ts) {
  return new Date(Number(ts) * 1000);
}

export function time(ts) {
  return when(ts).toLocaleTimeString("en", CLOCK);
}

// `replies` are the message's own, for the line that opens its thread; null inside a thread.
export function drawMessage(message, replies, context) {
  const author = context.users[message.author];
  const body = message.blocks.length
    ? drawBlocks(message.blocks, { ...context, press: (item, node) => context.press(message, item, node) })
    : el("div", { class: "text" }, mrkdwn(message.text, context));
  return el(
    "article",
    { class: message.ephemeral ? "message ephemeral" : "message", "aria-label": `${author.real_name}: ${message.text}` },
    avatar(author),
    el(
      "div",
      { class: "content" },
      message.ephemeral && el("p", { class: "only-you" }, "Only visible to you"),
      el(
        "p",
        { class: "by" },
        el("b", {}, author.real_name),
        author.is_app && el("span", { class: "badge" }, "APP"),
        el("time", { datetime: when(message.ts).toISOString() }, time(message.ts)),
        message.edited && el("span", { class: "edited" }, "(edited)"),
      ),
      el("div", { class: "body" }, body),
      (message.files ?? []).map(drawFile),
      replies?.length > 0 && threadLine(message, replies, context),
    ),
    !message.ephemeral && toolbar(message, replies, context),
  );
}

function drawFile(file) {
  return el(
    "details",
    { class: "file" },
    el("summary", {}, `File: ${file.title || file.name}`),
    el("pre", {}, el("code", {}, file.text)),
    el("a", { href: `/demo/file/${file.id}`, target: "_blank", rel: "noopener noreferrer" }, `Open ${file.name}`),
  );
}

function avatar(author) {
  const shade = [...author.name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 6;
  return el("span", { class: `avatar shade-${shade}`, "aria-hidden": "true" }, author.real_name[0].toUpperCase());
}

function threadLine(message, replies, context) {
  const count = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
  return el(
    "button",
    { type: "button", class: "thread-line", on: { click: () => context.openThread(message.ts) } },
    el("b", {}, count),
    el("span", {}, ` Last reply ${time(replies.at(-1).ts)} · View thread`),
  );
}

function toolbar(message, replies, context) {
  const items = context.shortcuts.map((shortcut) => ({
    name: shortcut.name,
    act: () => context.shortcut(message, shortcut.callback_id),
  }));
  if (replies !== null) items.unshift({ name: "Reply in thread", act: () => context.openThread(message.ts, true) });
  const menu = el(
    "ul",
    { role: "menu", hidden: true },
    items.map((item) =>
      el("li", { role: "none" }, el("button", { type: "button", role: "menuitem", on: { click: item.act } }, item.name)),
    ),
  );
  const opener = el("button", {
    type: "button",
    class: "more",
    "aria-label": "More actions",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
  }, "⋯");
  wireMenu(opener, menu);
  return el("div", { class: "toolbar" }, opener, menu);
}

function wireMenu(opener, menu) {
  const buttons = [...menu.querySelectorAll("button")];
  const show = (open) => {
    menu.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) buttons[0].focus();
  };
  opener.addEventListener("click", () => show(menu.hidden));
  menu.addEventListener("click", () => show(false));
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = buttons.indexOf(document.activeElement) + step;
      buttons[(next + buttons.length) % buttons.length].focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      show(false);
      opener.focus();
    }
  });
  menu.addEventListener("focusout", (event) => {
    if (!menu.contains(event.relatedTarget) && event.relatedTarget !== opener) show(false);
  });
}
