import { bubble, day, initials, shortTime } from "./drawing.js";

const POLL_INTERVAL_MS = 700;
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const $ = (id) => document.getElementById(id);
const address = new URLSearchParams(location.search);
const chosen = {
  provider: address.get("provider") ?? "",
  account: address.get("account") ?? "",
  patient: address.get("patient") ?? "",
  name: "",
};
let clinic = null; // the chosen clinic, as the server describes it
let file = null;
let drawn = {};
let asked = 0;
let atEnd = true;
let scrolledTo = 0;

async function post(path, body) {
  const answer = await fetch(`/sandbox/${chosen.provider}/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ account: chosen.account, ...body }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

async function refresh() {
  const turn = ++asked;
  const { provider, account, patient } = chosen;
  const answer = await fetch(`/phone/state?${new URLSearchParams({ provider, account, patient })}`);
  const state = await answer.json();
  if (turn !== asked) return;
  clinic = state.clinics.find(isChosen) ?? null;
  if (!clinic && state.clinics.length) {
    choose(state.clinics[0]);
    return refresh();
  }
  draw(state);
  if (looking() && state.patient?.phone_on && state.messages.some((message) => message.unread)) {
    await post("read", { patient: chosen.patient });
  }
}

function isChosen({ provider, id }) {
  return provider === chosen.provider && id === chosen.account;
}

function choose({ provider, id }) {
  Object.assign(chosen, { provider, account: id });
}

function looking() {
  const chatShown = getComputedStyle($("messages")).display !== "none" && $("messages").offsetParent !== null;
  return chatShown && document.visibilityState === "visible" && document.hasFocus();
}

/* Each part is drawn again only when it changed, so that focus, scroll and playing audio stay. */
function changed(part, value) {
  const text = JSON.stringify(value);
  if (drawn[part] === text) return false;
  drawn[part] = text;
  return true;
}

function draw(state) {
  if (changed("clinics", [state.clinics, chosen.provider, chosen.account])) drawClinics(state.clinics);
  if (changed("people", [state.patients, chosen])) drawPeople(state);
  if (changed("head", [state.patient, state.clinics, chosen])) drawHead(state);
  if (changed("messages", [state.messages, chosen])) drawMessages(state.messages);
}

function drawClinics(clinics) {
  $("clinic").replaceChildren(...clinics.map((other) => new Option(`${other.name} · ${other.channel} ${other.address}`)));
  $("clinic").selectedIndex = clinics.findIndex(isChosen);
  $("clinic").onchange = () => {
    choose(clinics[$("clinic").selectedIndex]);
    open("", "");
  };
  if (clinic) drawNewcomer(clinic);
}

function drawNewcomer({ address_hint: hint, can_opt_out: canOptOut }) {
  $("new-address-label").textContent = hint.label;
  $("new-address").placeholder = hint.placeholder;
  $("new-address").inputMode = hint.input_mode;
  $("stop").hidden = $("start").hidden = !canOptOut;
}

function drawPeople({ patients, clinics }) {
  const focused = document.activeElement?.closest?.(".person")?.dataset.patient;
  $("patients").replaceChildren(...patients.map(person));
  if (focused) document.querySelector(`.person[data-patient="${CSS.escape(focused)}"]`)?.focus();
  $("nobody").hidden = patients.length > 0;
  $("nobody").textContent = clinics.length ? "Nobody has written to this clinic yet." : "No clinic yet: add an account first.";
}

function person(one) {
  const button = document.createElement("button");
  const part = (tag, name, text) => {
    const element = document.createElement(tag);
    element.className = name;
    element.textContent = text;
    button.append(element);
    return element;
  };
  button.type = "button";
  button.className = "person";
  button.dataset.patient = one.id;
  button.setAttribute("aria-current", one.id === chosen.patient);
  part("span", "avatar", initials(one.name || one.id)).setAttribute("aria-hidden", "true");
  part("span", "name", one.name || one.id);
  part("time", "", one.last ? shortTime(one.last.at) : "");
  part("span", "preview", one.last ? one.last.body || "Attachment" : one.id);
  if (one.unread) part("span", "count", one.unread).setAttribute("aria-label", `${one.unread} unread`);
  button.addEventListener("click", () => open(one.id, one.name));
  const row = document.createElement("li");
  row.append(button);
  return row;
}

function drawHead({ patient }) {
  const name = patient?.name || chosen.name;
  const isOpen = Boolean(clinic && chosen.patient);
  const off = patient?.phone_on === false;
  $("chat-title").textContent = isOpen ? clinic.name : "No chat open";
  $("chat-subtitle").textContent = isOpen ? `You are ${name ? `${name} · ` : ""}${chosen.patient}` : "";
  $("avatar").textContent = isOpen ? initials(clinic.name) : "";
  $("avatar").hidden = !isOpen;
  $("power").disabled = !isOpen;
  $("power").setAttribute("aria-checked", String(!off));
  $("off").hidden = !off;
  for (const control of $("composer").querySelectorAll("button, textarea")) control.disabled = !isOpen || off;
  say(patient?.opted_out ? "You wrote STOP: the clinic cannot reach you. START lets it again." : "");
}

function drawMessages(messages) {
  const log = $("messages");
  const drawnRows = new Map([...log.children].map((element) => [element.dataset.key, element]));
  const rows = [];
  let last = "";
  for (const message of messages) {
    const date = day(message.at);
    if (date !== last) rows.push(drawnRows.get(date) ?? separator(date));
    last = date;
    rows.push(drawnRows.get(message.id) ?? bubble(message));
  }
  for (const element of drawnRows.values()) if (!rows.includes(element)) element.remove();
  rows.forEach((row, place) => log.children[place] !== row && log.insertBefore(row, log.children[place] ?? null));
  $("empty").hidden = messages.length > 0;
  $("empty").textContent = chosen.patient ? "Nothing here yet. Say hello to the clinic." : "Choose who you are, or type a name and a number.";
  keepEnd();
}

function keepEnd() {
  if (atEnd) $("messages").scrollTop = $("messages").scrollHeight;
}

function separator(date) {
  const row = document.createElement("li");
  row.className = "day";
  row.dataset.key = date;
  row.textContent = date;
  return row;
}

function say(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
}

function open(patient, name) {
  Object.assign(chosen, { patient, name });
  hold(null);
  document.body.dataset.view = patient ? "chat" : "list";
  history.replaceState(null, "", `?${new URLSearchParams({ provider: chosen.provider, account: chosen.account, patient })}`);
  $("messages").replaceChildren();
  atEnd = true;
  refresh().then(() => patient && $("text").focus());
}

function hold(picked) {
  file = picked;
  $("file").value = "";
  $("attachment").hidden = !picked;
  $("attachment-name").textContent = picked?.name ?? "";
}

function base64(blob) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });
}

async function write(body, attached = null) {
  const media = attached ? [{ content_type: attached.type || "application/octet-stream", base64: await base64(attached) }] : [];
  await post("inbound", { from: chosen.patient, name: chosen.name, body, media });
  atEnd = true;
  await refresh();
}

async function send() {
  const text = $("text").value.trim();
  const attached = file;
  if (!text && !attached) return;
  $("text").value = "";
  hold(null);
  try {
    await write(text, attached);
  } catch {
    $("text").value = text;
    hold(attached);
    say("Not sent. Is the sandbox still running?");
  }
}

async function switchPhone(on) {
  await post("patients", { patient: chosen.patient, phone_on: on });
  await refresh();
}

function meet(event) {
  event.preventDefault();
  if (!clinic) return;
  const { ignored, pattern, refusal } = clinic.address_hint;
  const typed = $("new-address").value.replace(new RegExp(ignored, "g"), "");
  const valid = new RegExp(`^(?:${pattern})$`).test(typed);
  $("new-error").hidden = valid;
  $("new-error").textContent = valid ? "" : refusal;
  if (!valid) return $("new-address").focus();
  open(typed, $("new-name").value.trim());
  $("newcomer").reset();
}

$("newcomer").addEventListener("submit", meet);
$("back").addEventListener("click", () => open("", ""));
$("power").addEventListener("click", () => switchPhone($("power").getAttribute("aria-checked") !== "true"));
$("switch-on").addEventListener("click", () => switchPhone(true));
$("stop").addEventListener("click", () => write("STOP"));
$("start").addEventListener("click", () => write("START"));
$("attach").addEventListener("click", () => $("file").click());
$("attachment-remove").addEventListener("click", () => hold(null));
$("file").addEventListener("change", () => {
  const picked = $("file").files[0] ?? null;
  if (picked && picked.size > MAX_FILE_BYTES) return say("That file is larger than 16 MB.");
  hold(picked);
  $("text").focus();
});
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
$("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send();
});
/* Only scrolling up leaves the end; content that grows below does not. */
$("messages").addEventListener("scroll", ({ target }) => {
  if (target.scrollHeight - target.scrollTop - target.clientHeight < 60) atEnd = true;
  else if (target.scrollTop < scrolledTo) atEnd = false;
  scrolledTo = target.scrollTop;
});
/* Pictures get their height late, and a keyboard on the screen takes some away. */
$("messages").addEventListener("load", keepEnd, true);
new ResizeObserver(keepEnd).observe($("messages"));
for (const name of ["focus", "visibilitychange"]) addEventListener(name, () => refresh().catch(() => {}));

document.body.dataset.view = chosen.patient ? "chat" : "list";
(async function poll() {
  await refresh().catch(() => {});
  setTimeout(poll, POLL_INTERVAL_MS);
})();
