// What was asked in this browser, the newest first; kept in the browser and nowhere else.
const MOST = 30;

export class History {
  constructor(list, fill) {
    this.list = list;
    this.fill = fill;
    this.draw();
  }

  get kept() {
    try {
      return JSON.parse(localStorage.getItem("history") ?? "[]");
    } catch {
      return [];
    }
  }

  add(query, variables) {
    const others = this.kept.filter((entry) => entry.query !== query || entry.variables !== variables);
    this.keep([{ query, variables, at: Date.now() }, ...others].slice(0, MOST));
  }

  forget() {
    this.keep([]);
  }

  last() {
    const [newest] = this.kept;
    return [newest?.query ?? "", newest?.variables ?? ""];
  }

  keep(entries) {
    localStorage.setItem("history", JSON.stringify(entries));
    this.draw();
  }

  draw() {
    this.list.replaceChildren(...this.kept.map(({ query, variables, at }) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = /\b(?:query|mutation|subscription)\s+(\w+)/.exec(query)?.[1] ?? query.trim().slice(0, 60);
      const when = document.createElement("span");
      when.className = "quiet";
      when.textContent = new Date(at).toLocaleString();
      button.append(when);
      button.addEventListener("click", () => this.fill(query, variables));
      const item = document.createElement("li");
      item.append(button);
      return item;
    }));
  }
}
