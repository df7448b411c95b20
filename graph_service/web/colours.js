// Colours for GraphQL and JSON, and JSON written so that columns stay on few lines.
const GRAPHQL = /(#[^\n]*)|("(?:\\.|[^"\\\n])*"?)|(\$\w+)|(\b\d[\d.eE+-]*)|(\b(?:query|mutation|subscription|fragment|on|true|false|null)\b)|(\b[A-Z][A-Z0-9_]+\b)|(\b\w+(?=\s*:))/g;
const GRAPHQL_CLASSES = ["t-quiet", "t-text", "t-number", "t-number", "t-word", "t-text", "t-name"];
const JSON_TOKENS = /("(?:\\.|[^"\\])*"(?=\s*:))|("(?:\\.|[^"\\])*")|(-?\b\d[\d.eE+-]*)|(\b(?:true|false|null)\b)/g;
const JSON_CLASSES = ["t-name", "t-text", "t-number", "t-word"];

export const colourGraphQL = (text) => colour(text, GRAPHQL, GRAPHQL_CLASSES);
export const colourJson = (text) => colour(text, JSON_TOKENS, JSON_CLASSES);

function colour(text, pattern, classes) {
  const painted = document.createDocumentFragment();
  let end = 0;
  for (const found of text.matchAll(pattern)) {
    painted.append(text.slice(end, found.index));
    const span = document.createElement("span");
    span.className = classes[found.slice(1).findIndex((group) => group !== undefined)];
    span.textContent = found[0];
    painted.append(span);
    end = found.index + found[0].length;
  }
  painted.append(text.slice(end));
  return painted;
}

// JSON with two spaces; lists of plain values, and objects of few of them, take one line.
export function writeJson(value, indent = "") {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((item) => writeJson(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${writeJson(item, inner)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  if (!parts.length) return open + close;
  const line = parts.join(", ");
  const flat = !line.includes("\n") && (isPlainList(value) || line.length < 90);
  return flat ? `${open}${line}${close}` : `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}

function isPlainList(value) {
  return Array.isArray(value) && value.every((item) => item === null || typeof item !== "object");
}
