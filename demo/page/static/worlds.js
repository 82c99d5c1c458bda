// The catalogue of worlds: grouped, searched by what is typed, built by a press.

import { el } from "./dom.js";

const $ = (id) => document.getElementById(id);

// `choose(world)` builds one.
export function wireWorlds(choose) {
  const dialog = $("catalogue");
  let worlds = [];
  let building = [];

  const draw = () => {
    const words = $("catalogue-search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = worlds.filter((world) => {
      const text = `${world.id} ${world.group} ${world.title} ${world.description}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    $("catalogue-count").textContent = `${found.length} of ${worlds.length} worlds`;
    const groups = new Map();
    for (const world of found) groups.set(world.group, [...(groups.get(world.group) ?? []), world]);
    $("catalogue-list").replaceChildren(
      ...[...groups].map(([group, members]) =>
        el(
          "section",
          {},
          el("h3", {}, group),
          el("ul", {}, members.map((world) => el("li", {}, entry(world)))),
        ),
      ),
    );
  };
  const entry = (world) =>
    el(
      "button",
      {
        type: "button",
        class: "world",
        disabled: building.includes(world.id),
        data: { world: world.id },
        on: { click: () => choose(world) },
      },
      el("b", {}, world.title),
      el("span", {}, building.includes(world.id) ? "Being built …" : world.description),
    );

  $("catalogue-search").addEventListener("input", draw);
  $("catalogue-close").addEventListener("click", () => dialog.close());
  $("open-catalogue").addEventListener("click", async () => {
    if (worlds.length === 0) worlds = (await (await fetch("/demo/worlds")).json()).worlds;
    draw();
    dialog.showModal();
    $("catalogue-search").focus();
  });
  return {
    close: () => dialog.close(),
    show: (now) => {
      if (String(now) === String(building)) return;
      building = now;
      if (dialog.open) draw();
    },
  };
}
