// The explorer: joins the panels and runs questions. Asks no address but this server.
import { ask, follow, getJson } from "./asking.js";
import { drawCharts } from "./charts.js";
import { makeEditor } from "./editor.js";
import { colourGraphQL, colourJson, writeJson } from "./colours.js";
import { showSchema } from "./schema.js";
import { makeTabs } from "./tabs.js";
import { History } from "./history.js";

const at = (id) => document.getElementById(id);
const query = makeEditor(at("query-editor"), colourGraphQL, run);
const variables = makeEditor(at("variables-editor"), colourJson, run);
const history = new History(at("history-list"), fill);
let stop = null;

async function run() {
  stop?.();
  const asked = { query: query.value, variables: readVariables() };
  if (asked.variables === undefined || !asked.query.trim()) return;
  history.add(asked.query, variables.value);
  busy(true);
  if (/^\s*subscription\b/m.test(asked.query)) {
    stop = follow(asked, at("token").value, show, (note) => { busy(false); tell(note); });
    return;
  }
  const began = performance.now();
  try {
    const { status, body, size } = await ask(asked, at("token").value);
    show(body);
    const spent = Math.round(performance.now() - began);
    tell(`${spent} ms, ${(size / 1024).toFixed(1)} KiB${status === 200 ? "" : `, HTTP ${status}`}`, Boolean(body.errors));
  } catch (error) {
    show({ errors: [{ message: `the server did not answer: ${error.message}` }] });
    tell("no answer", true);
  }
  busy(false);
}

function readVariables() {
  const text = variables.value.trim();
  at("variables-note").textContent = "";
  at("variables-note").classList.remove("note-wrong");
  try {
    return text ? JSON.parse(text) : {};
  } catch (error) {
    at("variables-note").textContent = `no JSON: ${error.message}`;
    at("variables-note").classList.add("note-wrong");
    return undefined;
  }
}

function show(body) {
  const text = writeJson(body);
  const answer = at("answer");
  answer.dataset.state = body.errors ? "errors" : "done";
  answer.replaceChildren(text.length < 300000 ? colourJson(text) : document.createTextNode(text));
  answer.scrollTop = 0;
  drawCharts(at("charts"), body.data);
}

function tell(note, wrong = false) {
  at("answer-note").textContent = note;
  at("answer-note").classList.toggle("note-wrong", wrong);
}

function busy(is) {
  at("go").setAttribute("aria-busy", String(is));
  if (is) tell("asking…");
}

function fill(asked, asVariables) {
  query.value = asked;
  variables.value = asVariables;
}

function listQuestions(questions) {
  const list = at("question-list");
  list.replaceChildren(...questions.map(({ title, query: text, variables: given }) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = title;
    button.addEventListener("click", () => {
      fill(text, writeJson(given));
      run();
    });
    const item = document.createElement("li");
    item.append(button);
    return item;
  }));
  if (!questions.length) {
    const item = document.createElement("li");
    item.className = "quiet";
    item.textContent = "Nothing to ask about yet: import a network first, or give a token.";
    list.append(item);
  }
}

async function begin() {
  const token = at("token").value;
  const status = at("status");
  try {
    const [questions, told] = await Promise.all([
      getJson("/graphql/examples", token),
      showSchema(at("schema-list"), at("search"), at("schema-count"), token),
    ]);
    listQuestions(questions);
    status.textContent = told;
    status.classList.remove("wrong");
    if (!query.value.trim() && questions.length) fill(questions[0].query, writeJson(questions[0].variables));
    const wanted = /^#run(?:=(\d+))?$/.exec(location.hash);
    const question = wanted && questions[Number(wanted[1] ?? 0)];
    if (question) {
      fill(question.query, writeJson(question.variables));
      await run();
    }
  } catch (error) {
    listQuestions([]);
    status.textContent = error.message;
    status.classList.add("wrong");
  }
}

function keepToken() {
  const field = at("token");
  field.value = sessionStorage.getItem("token") ?? "";
  at("access").addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("change", () => {
    sessionStorage.setItem("token", field.value);
    begin();
  });
}

function keepTheme() {
  const root = document.documentElement;
  const kept = localStorage.getItem("theme");
  if (kept) root.dataset.theme = kept;
  at("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
  });
}

at("go").addEventListener("click", run);
at("forget").addEventListener("click", () => history.forget());
at("copy").addEventListener("click", () => navigator.clipboard?.writeText(at("answer").textContent));
addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    run();
  }
});
makeTabs(document.querySelector('[role="tablist"]'));
keepToken();
keepTheme();
fill(...history.last());
begin();
