// A text area with colours beneath it, and the keys one expects of an editor.
const PAIRS = { "{": "}", "(": ")", "[": "]", '"': '"' };

export function makeEditor(box, colour, run) {
  const area = box.querySelector("textarea");
  const under = box.querySelector("pre");
  let leaving = false;

  const paint = () => under.replaceChildren(colour(area.value), "\n");
  const put = (text, back = 0) => {
    // execCommand keeps the undo history of the browser, which setRangeText does not.
    if (!document.execCommand("insertText", false, text)) area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.selectionStart = area.selectionEnd = area.selectionEnd - back;
  };

  area.addEventListener("input", paint);
  area.addEventListener("scroll", () => {
    under.scrollTop = area.scrollTop;
    under.scrollLeft = area.scrollLeft;
  });
  area.addEventListener("keydown", (event) => {
    const { key } = event;
    const next = area.value[area.selectionEnd] ?? "";
    const chosen = area.value.slice(area.selectionStart, area.selectionEnd);
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation();
      run();
    } else if (key === "Tab" && !leaving && !event.shiftKey) {
      event.preventDefault();
      put("  ");
    } else if (key === "Enter") {
      event.preventDefault();
      newLine(area, put);
    } else if (Object.values(PAIRS).includes(key) && next === key && !chosen) {
      event.preventDefault();
      area.selectionStart = area.selectionEnd = area.selectionEnd + 1;
    } else if (key in PAIRS && (chosen || /^[\s)}\]]?$/.test(next))) {
      event.preventDefault();
      put(key + chosen + PAIRS[key], 1);
    }
    leaving = key === "Escape";
  });
  return {
    get value() { return area.value; },
    set value(text) {
      area.value = text;
      area.scrollTop = 0;
      paint();
    },
  };
}

function newLine(area, put) {
  const before = area.value.slice(0, area.selectionStart);
  const indent = /[^\n]*$/.exec(before)[0].match(/^ */)[0];
  const opened = /[{([]\s*$/.test(before);
  const closes = /^[})\]]/.test(area.value.slice(area.selectionEnd));
  if (opened && closes) put(`\n${indent}  \n${indent}`, indent.length + 1);
  else put(`\n${indent}${opened ? "  " : ""}`);
}
