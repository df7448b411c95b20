// The schema as a list that can be searched: types, their fields, and what each means.
import { ask } from "./asking.js";

const QUESTION = `query Schema {
  __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types {
      name kind description
      fields { name description type { ...Type } args { name description defaultValue type { ...Type } } }
      inputFields { name description defaultValue type { ...Type } }
      enumValues { name description }
    }
  }
}
fragment Type on __Type { name kind ofType { name kind ofType { name kind ofType { name kind } } } }`;

// Fills the list, and gives a sentence about the schema.
export async function showSchema(list, search, count, token) {
  const { body } = await ask({ query: QUESTION }, token);
  if (!body.data) throw new Error(body.errors[0].message);
  const { types, ...roots } = body.data.__schema;
  const first = Object.values(roots).map((root) => root?.name);
  const own = types.filter((type) => !type.name.startsWith("__"));
  own.sort((a, b) => order(a, first) - order(b, first) || a.name.localeCompare(b.name));
  const draw = () => drawList(list, count, own, search.value.trim().toLowerCase());
  search.oninput = draw;
  list.onclick = (event) => {
    const target = event.target.closest("a[data-type]");
    if (!target) return;
    event.preventDefault();
    search.value = "";
    draw();
    const found = list.querySelector(`details[data-name="${target.dataset.type}"]`);
    if (found) {
      found.open = true;
      found.scrollIntoView({ block: "start" });
      found.querySelector("summary").focus();
    }
  };
  draw();
  const queries = own.find((type) => type.name === first[0])?.fields.length ?? 0;
  return `connected; ${queries} questions in ${own.length} types`;
}

const PLAIN = ["Boolean", "Float", "ID", "Int", "String"];

function order(type, first) {
  const place = first.indexOf(type.name);
  if (place >= 0) return place;
  return first.length + (PLAIN.includes(type.name) ? 1 : 0);
}

function drawList(list, count, types, sought) {
  const drawn = [];
  let hits = 0;
  for (const type of types) {
    const members = type.fields ?? type.inputFields ?? type.enumValues ?? [];
    const byName = has(type.name, sought) || has(type.description, sought);
    const shown = sought && !byName ? members.filter((m) => has(m.name, sought) || has(m.description, sought)) : members;
    if (sought && !byName && !shown.length) continue;
    hits += 1;
    drawn.push(drawType(type, shown, sought ? !byName : type === types[0], sought));
  }
  list.replaceChildren(...drawn);
  count.textContent = sought ? `${hits} of ${types.length} types` : `${types.length} types`;
}

function drawType(type, members, open, sought) {
  const details = make("details");
  details.dataset.name = type.name;
  details.open = open;
  const summary = make("summary");
  summary.append(make("code", marked(type.name, sought)), " ", make("span", type.kind.toLowerCase().replace("_", " "), "quiet"));
  details.append(summary);
  if (type.description) details.append(make("p", type.description));
  if (members.length) {
    const list = make("ul");
    list.append(...members.map((member) => drawMember(member, sought)));
    details.append(list);
  }
  return details;
}

function drawMember(member, sought) {
  const item = make("li");
  const code = make("code", marked(member.name, sought));
  if (member.args?.length) {
    code.append("(");
    member.args.forEach((arg, i) => code.append(i ? ", " : "", `${arg.name}: `, typeLink(arg.type)));
    code.append(")");
  }
  if (member.type) code.append(": ", typeLink(member.type));
  item.append(code);
  if (member.description) item.append(make("p", member.description));
  return item;
}

function typeLink(type) {
  let inner = type;
  while (inner.ofType) inner = inner.ofType;
  const link = make("a", written(type));
  link.href = "#";
  link.dataset.type = inner.name;
  return link;
}

function written(type) {
  if (type.kind === "NON_NULL") return `${written(type.ofType)}!`;
  return type.kind === "LIST" ? `[${written(type.ofType)}]` : type.name;
}

function marked(text, sought) {
  const begin = sought ? text.toLowerCase().indexOf(sought) : -1;
  if (begin < 0) return text;
  const end = begin + sought.length;
  const part = document.createDocumentFragment();
  part.append(text.slice(0, begin), make("mark", text.slice(begin, end)), text.slice(end));
  return part;
}

function make(tag, content, className) {
  const element = document.createElement(tag);
  if (content) element.append(content);
  if (className) element.className = className;
  return element;
}

function has(text, sought) {
  return !sought || Boolean(text?.toLowerCase().includes(sought));
}
