// The page: listens to the state of the local Slack and draws it.

import { wireComposer } from "./composer.js";
import { el, reconcile } from "./dom.js";
import { drawMessage } from "./message.js";
import { wireViews } from "./views.js";
import { wireWorlds } from "./worlds.js";

const $ = (id) => document.getElementById(id);

let state = null;
let channelId = null;
let openTs = null;
let atHome = false;
// The message to scroll to when the thread is drawn next.
let showTs = null;
// When one did something last, in seconds: the thread in which the app answers opens by itself where there is room.
let expecting = null;

const context = {
  get users() {
    return state.users;
  },
  get shortcuts() {
    return state.shortcuts;
  },
  userName: (id) => state.users[id]?.name,
  channelName: (id) => state.channels.find((channel) => channel.id === id)?.name,
  press,
  openThread,
  shortcut: (message, callbackId) => {
    expecting = now();
    post("shortcut", { channel: channelId, ts: message.ts, callback_id: callbackId });
  },
};

const now = () => Date.now() / 1000;

// Telling the server

async function post(action, body) {
  try {
    const answer = await fetch(`/demo/${action}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const told = await answer.json();
    if (told.problem) say(told.problem);
    return told;
  } catch {
    say("The demo does not answer. Is it still running?");
    return {};
  }
}

let saying;
function say(problem) {
  $("problem").textContent = problem;
  $("problem").hidden = false;
  clearTimeout(saying);
  saying = setTimeout(() => ($("problem").hidden = true), 8000);
}

async function press(message, item, node) {
  expecting = now();
  node.classList.add("busy");
  await post("click", { channel: channelId, ts: message.ts, action_id: item.action_id, option: item.selected_option?.value });
  node.classList.remove("busy");
}

const views = wireViews((action, body) => {
  if (action === "submit") expecting = now();
  return post(action, body);
}, context);

const worlds = wireWorlds(async (world) => {
  const { arn } = await post("build", { id: world.id });
  if (!arn) return;
  worlds.close();
  check({ arn });
});

function send(text, thread) {
  expecting = now();
  post("send", { channel: channelId, text, thread_ts: thread });
}

// Drawing

function currentChannel() {
  return state.channels.find((channel) => channel.id === channelId);
}

function draw(next) {
  const before = state;
  state = next;
  channelId ??= state.channels[0].id;
  $("team").textContent = state.team;
  $("connection").textContent = state.connected ? "pullcheck is connected" : "pullcheck is not connected";
  $("connection").className = state.connected ? "on" : "off";
  drawChannels();
  drawTasks();
  worlds.show(state.building);
  views.drawModal(state.modal);
  if (atHome) views.drawHome(state.home);
  openAnswered(before);
  drawMessages();
  drawThread();
}

function drawChannels() {
  const entry = (id, name, note, act) =>
    el(
      "li",
      {},
      el(
        "button",
        { type: "button", "aria-current": here() === id && "true", data: { place: id }, on: { click: act } },
        name,
        note && " ",
        note && el("small", {}, note),
      ),
    );
  const place = (channel) =>
    entry(
      channel.id,
      channel.is_im ? "pullcheck: messages" : `# ${channel.name}`,
      !channel.has_app && "without pullcheck",
      () => openChannel(channel.id),
    );
  const version = (channel) => `${channel.id === here()} ${channel.name} ${channel.has_app}`;
  const is = (im) => state.channels.filter((channel) => Boolean(channel.is_im) === im);
  reconcile($("channels"), is(false), (channel) => channel.id, version, place);
  reconcile(
    $("apps"),
    [{ id: "home" }, ...is(true)],
    (item) => item.id,
    version,
    (item) => (item.id === "home" ? entry("home", "pullcheck: Home", null, openHome) : place(item)),
  );
}

const here = () => (atHome ? "home" : channelId);

const STATES = {
  broken: ["As built", "Apply the fix"],
  fixing: ["Fixing…", "Applying…"],
  fixed: ["Fixed", "Fix applied"],
  failed: ["Fix failed", "Try again"],
};

function drawTasks() {
  reconcile(
    $("tasks"),
    state.tasks,
    (task) => task.id,
    (task) => task.state,
    (task) => {
      const [word, action] = STATES[task.state];
      return el(
        "li",
        { class: `task ${task.state}`, data: { task: task.id } },
        el("p", { class: "task-head" }, el("b", {}, task.service), el("span", { class: "pill" }, word)),
        el("p", { class: "task-title" }, task.title),
        el("code", { class: "arn", title: task.arn }, `…/${task.arn.split("/").at(-1)}`),
        el(
          "p",
          { class: "task-actions" },
          el("button", { type: "button", class: "button check", on: { click: () => check(task) } }, "Check"),
          el(
            "button",
            {
              type: "button",
              class: "button fix",
              title: task.description,
              disabled: task.state === "fixing" || task.state === "fixed",
              on: { click: () => post("fix", { id: task.id }) },
            },
            action,
          ),
        ),
        task.ran &&
          el(
            "details",
            { class: "ran", open: true },
            el("summary", {}, task.ran.status === 0 ? "What the command printed" : `It failed with status ${task.ran.status}`),
            el("pre", { class: "printed", tabindex: "0", role: "region", "aria-label": "What the command printed" }, task.ran.printed || "(nothing)"),
            el("details", {}, el("summary", {}, "The command, as the thread shows it"), el("pre", { tabindex: "0" }, task.ran.command)),
          ),
      );
    },
  );
}

function check(task) {
  showSide(false);
  if (atHome || currentChannel().is_im) openChannel(state.channels[0].id);
  if (openTs && !window.matchMedia("(min-width: 900px)").matches) closeThread();
  composer.fill(`${state.commands[0].command} ${task.arn}`);
}

function repliesOf(ts) {
  return currentChannel().messages.filter((message) => message.thread_ts === ts);
}

function drawMessages() {
  const channel = currentChannel();
  $("channel-name").textContent = atHome ? "Home of pullcheck" : channel.is_im ? channel.name : `# ${channel.name}`;
  $("channel-topic").textContent = atHome ? "Only you see it" : channel.topic;
  $("messages").hidden = $("composer").hidden = atHome;
  $("home").hidden = !atHome;
  $("text").placeholder = "Type /pullcheck, alone or with a task ARN";
  const parents = channel.messages.filter((message) => message.thread_ts === null);
  keepAtEnd($("messages"), () =>
    reconcile(
      $("messages"),
      parents,
      (message) => message.ts,
      (message) => `${message.revision} ${repliesOf(message.ts).length}`,
      (message) => drawMessage(message, repliesOf(message.ts), context),
    ),
  );
}

function drawThread() {
  const parent = openTs && currentChannel().messages.find((message) => message.ts === openTs);
  keepAtEnd($("messages"), () => {
    $("thread").hidden = !parent;
    document.body.classList.toggle("with-thread", Boolean(parent));
  });
  if (!parent) return;
  $("thread-channel").textContent = `# ${currentChannel().name}`;
  reconcile(
    $("replies"),
    [parent, ...repliesOf(openTs)],
    (message) => message.ts,
    (message) => message.revision,
    (message) => drawMessage(message, null, context),
  );
  // Answers are long: the reader wants the beginning of the one just asked for.
  if (showTs) $("replies").querySelector(`[data-key="${CSS.escape(showTs)}"]`)?.scrollIntoView({ block: "start" });
  showTs = null;
}

// Follows the newest message unless the reader has scrolled up.
function keepAtEnd(list, change) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  change();
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function openAnswered(before) {
  if (!before || expecting === null) return;
  const known = new Set(before.channels.flatMap((channel) => channel.messages.map((message) => message.ts)));
  const answer = currentChannel().messages.find(
    (message) => message.thread_ts !== null && !known.has(message.ts) && state.users[message.author].is_app,
  );
  if (!answer) return;
  // A command starts a thread of its own, which is read from its beginning.
  const fresh = openTs !== answer.thread_ts && Number(answer.thread_ts) > expecting;
  expecting = null;
  if (openTs !== answer.thread_ts) {
    if (!window.matchMedia("(min-width: 900px)").matches) return;
    $("replies").replaceChildren();
    openTs = answer.thread_ts;
  }
  showTs = fresh ? openTs : answer.ts;
}

// Moving around

function openChannel(id) {
  channelId = id;
  openTs = null;
  atHome = false;
  $("messages").replaceChildren();
  showSide(false);
  draw(state);
  composer.focus();
}

function openHome() {
  atHome = true;
  openTs = null;
  showSide(false);
  draw(state);
  $("home").focus();
  post("home", {});
}

function openThread(ts, reply = false) {
  if (openTs !== ts) $("replies").replaceChildren();
  openTs = ts;
  showTs = ts;
  drawThread();
  if (reply) replyComposer.focus();
  else $("replies").focus();
}

function closeThread() {
  const line = document.querySelector(`#messages [data-key="${CSS.escape(openTs ?? "")}"] .thread-line`);
  openTs = null;
  drawThread();
  if (line && !line.closest("[hidden]")) line.focus();
  else composer.focus();
}

function showSide(open) {
  document.body.classList.toggle("with-side", open);
  $("menu").setAttribute("aria-expanded", String(open));
  if (open) $("side").querySelector("button").focus();
}

const MENTION = { command: "@pullcheck", hint: "TARGET", description: "Ask by a mention; in a thread it answers there" };
const composer = wireComposer($("composer"), (text) => send(text), () => [...(state?.commands ?? []), MENTION]);
const replyComposer = wireComposer($("reply-composer"), (text) => send(text, openTs), () => [MENTION]);
$("close-thread").addEventListener("click", closeThread);
$("menu").addEventListener("click", () => showSide(!document.body.classList.contains("with-side")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (document.querySelector("dialog[open]")) return;
  if (document.body.classList.contains("with-side")) {
    showSide(false);
    $("menu").focus();
  }
  else if (openTs) closeThread();
});

const events = new EventSource("/demo/events");
events.onmessage = (event) => draw(JSON.parse(event.data));
events.onerror = () => {
  $("connection").textContent = "the demo does not answer";
  $("connection").className = "off";
};
composer.focus();
