const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const SHORT_DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const EXACT = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "medium" });

export const day = (at) => DAY.format(new Date(at));

export function shortTime(at) {
  return day(at) === day(Date.now()) ? TIME.format(new Date(at)) : SHORT_DAY.format(new Date(at));
}

export function initials(name) {
  const letters = name.match(/\p{L}+/gu)?.slice(0, 2).map((word) => word[0].toUpperCase());
  return letters?.join("") || name.slice(-2);
}

export function bubble(message) {
  const row = document.createElement("li");
  row.className = `bubble ${message.mine ? "mine" : "theirs"}`;
  row.dataset.key = message.id;
  row.append(...message.media.map(attachment));
  if (message.body) row.append(paragraph(message.body));
  row.append(stamp(message.at));
  return row;
}

/* What people wrote goes in as text, never as markup. */
function paragraph(text) {
  const element = document.createElement("p");
  element.dir = "auto";
  element.textContent = text;
  return element;
}

function stamp(at) {
  const element = document.createElement("time");
  element.dateTime = at;
  element.title = EXACT.format(new Date(at));
  element.textContent = TIME.format(new Date(at));
  return element;
}

function attachment({ url, type, size }) {
  if (/^image\/(png|jpeg|webp|gif)$/.test(type)) return Object.assign(new Image(), { src: url, alt: "Picture" });
  if (type.startsWith("audio/")) return Object.assign(new Audio(url), { controls: true, preload: "metadata" });
  const link = document.createElement("a");
  link.className = "file";
  link.href = url;
  link.download = "";
  link.textContent = `${type.split("/").pop().toUpperCase()} · ${Math.max(1, Math.round(size / 1024))} kB`;
  return link;
}
