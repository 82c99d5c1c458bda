// The app's modal and its Home. The modal is a dialog of the browser's own, which keeps the focus inside and Escape working.

import { drawBlocks } from "./blocks.js";
import { el, reconcile } from "./dom.js";

const $ = (id) => document.getElementById(id);

// `ask(action, body)` tells the server and gives its answer; `context` is what blocks are drawn with.
export function wireViews(ask, context) {
  const dialog = $("modal");
  let shown = null;
  let refused = "{}";

  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    ask("close", {});
  });
  $("modal-close").addEventListener("click", () => ask("close", {}));
  $("modal-cancel").addEventListener("click", () => ask("close", {}));
  $("modal-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const texts = {};
    for (const field of dialog.querySelectorAll("[data-text]")) texts[field.dataset.text] = field.value;
    $("modal-submit").disabled = true;
    await ask("submit", { texts });
    $("modal-submit").disabled = false;
  });

  function drawModal(view) {
    if (!view) {
      if (dialog.open) dialog.close();
      shown = null;
      return;
    }
    const fresh = shown !== view.id;
    shown = view.id;
    if (fresh) $("modal-blocks").replaceChildren();
    $("modal-title").textContent = view.title;
    $("modal-submit").hidden = !view.submit;
    $("modal-submit").textContent = view.submit ?? "";
    $("modal-cancel").textContent = view.close ?? "Close";
    reconcile(
      $("modal-blocks"),
      view.blocks,
      (block) => block.block_id,
      (block) => JSON.stringify([block, view.errors[block.block_id]]),
      (block) => drawInput(block, view, { ask, context }),
    );
    if (!dialog.open) dialog.showModal();
    const errors = JSON.stringify(view.errors);
    if (errors !== refused) dialog.querySelector("[aria-invalid=true]")?.focus();
    refused = errors;
    if (fresh) (dialog.querySelector("[role=combobox], input, select") ?? $("modal-cancel")).focus();
  }

  function drawHome(view) {
    const home = $("home");
    if (!view) {
      home.replaceChildren(el("p", { class: "hint" }, "The app is asked for its Home …"));
      return;
    }
    if (home.dataset.hash === view.hash) return;
    home.dataset.hash = view.hash;
    home.replaceChildren(
      el("div", { class: "body" }, drawBlocks(view.blocks, { ...context, press: (item) => ask("press", { home: true, action_id: item.action_id }) })),
    );
  }

  return { drawModal, drawHome };
}

function drawInput(block, view, { ask, context }) {
  if (block.type !== "input") {
    const press = (item) => ask("press", { action_id: item.action_id });
    return el("div", { class: "body" }, drawBlocks([block], { ...context, press }));
  }
  const id = `field-${block.block_id}`;
  const error = view.errors[block.block_id];
  const told = [block.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const common = { id, "aria-describedby": told || null, "aria-invalid": error ? "true" : null };
  return el(
    "div",
    { class: "field" },
    el("label", { for: id }, block.label.text, block.optional && el("span", { class: "optional" }, " (optional)")),
    field(block.element, common, view.values[block.block_id]?.[block.element.action_id], ask),
    block.hint && el("p", { class: "field-hint", id: `${id}-hint` }, block.hint.text),
    error && el("p", { class: "field-error", id: `${id}-error`, role: "alert" }, error),
  );
}

function field(item, common, value, ask) {
  if (item.type === "plain_text_input") {
    return el(item.multiline ? "textarea" : "input", {
      ...common,
      data: { text: item.action_id },
      placeholder: item.placeholder?.text,
      maxlength: item.max_length,
      value: value?.value ?? item.initial_value,
      autocomplete: "off",
    });
  }
  const choose = (option) => ask("choose", { action_id: item.action_id, option });
  const chosen = value?.selected_option ?? item.initial_option;
  if (item.type === "static_select") {
    const select = el(
      "select",
      { ...common, on: { change: () => choose(item.options.find((option) => option.value === select.value)) } },
      item.options.map((option) =>
        el("option", { value: option.value, selected: option.value === chosen?.value }, option.text.text),
      ),
    );
    return select;
  }
  if (item.type === "external_select") return external(item, common, chosen, choose, ask);
  return el("p", { class: "unknown" }, `(this page does not draw the element “${item.type}”)`);
}

// A field that one types into, with the list that the app gives for what was typed.
function external(item, common, chosen, choose, ask) {
  const list = el("ul", { id: `${common.id}-list`, role: "listbox", "aria-label": item.placeholder?.text, hidden: true });
  const input = el("input", {
    ...common,
    type: "text",
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
    placeholder: item.placeholder?.text,
    value: chosen?.text.text,
    autocomplete: "off",
    data: { action: item.action_id },
  });
  let asked = 0;
  let at = -1;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const show = (open) => {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) input.removeAttribute("aria-activedescendant");
  };
  const mark = (place) => {
    const all = options();
    if (all.length === 0) return;
    at = (place + all.length) % all.length;
    all.forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    input.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  };
  const take = (option) => {
    show(false);
    input.value = option.text.text;
    choose(option);
  };
  const offer = async (typed) => {
    const mine = ++asked;
    const { menu } = await ask("options", { action_id: item.action_id, typed });
    if (mine !== asked || !menu) return;
    const groups = menu.option_groups ?? [{ options: menu.options }];
    let place = 0;
    list.replaceChildren(
      ...groups.flatMap((group) => [
        group.label && el("li", { role: "presentation", class: "group" }, group.label.text),
        ...group.options.map((option) =>
          el(
            "li",
            {
              role: "option",
              id: `${list.id}-${place++}`,
              "aria-selected": "false",
              on: { mousedown: (event) => event.preventDefault(), click: () => take(option) },
            },
            option.text.text,
          ),
        ),
      ].filter(Boolean)),
    );
    show(true);
    mark(0);
  };

  input.addEventListener("input", () => offer(input.value));
  input.addEventListener("click", () => offer(""));
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => show(false));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) offer(input.value === chosen?.text.text ? "" : input.value);
      else mark(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      options()[at]?.click();
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      show(false);
    }
  });
  return el("div", { class: "combobox" }, input, list);
}
