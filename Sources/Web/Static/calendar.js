// Marks a stretch of a time grid, by dragging or with the keyboard, and fills it into the form that
// the grid names. Every form works without this.
"use strict";

(() => {
  const STEP = 30; // minutes of a cell
  const HOLD = 350; // milliseconds that a finger rests before it marks and does not scroll
  const SLACK = 6; // pixels that a pointer may move before it drags

  const two = (number) => String(number).padStart(2, "0");
  const field = (minutes) => `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;

  // One grid: its days, the cells of each, and what is marked.
  class Grid {
    constructor(element) {
      this.element = element;
      this.form = document.getElementById(element.dataset.form);
      this.said = this.form.querySelector("[data-said]");
      this.hours = element.dataset.hours.split(" ").map(Number);
      this.cells = this.hours.length * 2;
      this.days = [...element.querySelectorAll(".day")].map((day) => ({
        lane: day.querySelector(".lane"), name: day.dataset.name, date: day.dataset.date,
        lacks: new Set(day.dataset.lacks.split(" ").filter(Boolean).map(Number)),
      }));
      this.at = { day: 0, cell: Math.min(4, this.cells - 1) };
      this.anchor = null;
      this.marked = null;
      this.cursor = this.box("cursor");
      this.stretch = this.box("stretch");
      this.surface = this.makeSurface();
      for (const [index, day] of this.days.entries()) this.follow(day.lane, index);
      element.addEventListener("dragstart", (event) => event.preventDefault());
    }

    box(name) {
      const box = document.createElement("div");
      box.className = name;
      box.hidden = true;
      return box;
    }

    // The one stop of the tabulator: what the arrow keys move in.
    makeSurface() {
      const surface = document.createElement("div");
      surface.className = "surface";
      surface.tabIndex = 0;
      surface.setAttribute("role", "application");
      surface.setAttribute("aria-label", this.element.dataset.label);
      const help = document.createElement("p");
      help.className = "unseen";
      help.id = `${this.form.id}-help`;
      help.textContent = this.element.dataset.help;
      surface.setAttribute("aria-describedby", help.id);
      surface.addEventListener("keydown", (event) => this.press(event));
      surface.addEventListener("focus", () => this.showCursor());
      surface.addEventListener("blur", () => { this.cursor.hidden = true; });
      this.element.prepend(help, surface);
      return surface;
    }

    // MARK: cells and times

    isThere(day, cell) {
      return cell >= 0 && cell < this.cells && !this.days[day].lacks.has(cell >> 1);
    }

    // Where an hour comes twice, its two rows have the same name on the wall: whoever sells a part
    // of the second sells the first one along with it.
    whole({ day, from, until }) {
      while (from < until && !this.isThere(day, from)) from += 1;
      while (until > from && !this.isThere(day, until - 1)) until -= 1;
      for (let row = 0; row + 1 < this.hours.length; row += 1) {
        if (this.hours[row] !== this.hours[row + 1] || !this.isThere(day, 2 * row + 2)) continue;
        if (from === 2 * row + 2 || from === 2 * row + 3) from -= 2;
        if (until === 2 * row + 2 || until === 2 * row + 3) until = 2 * row + 4;
      }
      return from < until ? { day, from, until } : null;
    }

    // Minutes on the wall at which a cell begins.
    wall(cell) { return this.hours[cell >> 1] * 60 + (cell & 1) * STEP; }

    minutes({ day, from, until }) {
      let minutes = 0;
      for (let cell = from; cell < until; cell += 1) if (this.isThere(day, cell)) minutes += STEP;
      return minutes;
    }

    clock(minutes) {
      return this.element.dataset.clock === "9.30"
        ? `${Math.floor(minutes / 60)}.${two(minutes % 60)}`
        : `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
    }

    words(marked) {
      const minutes = this.minutes(marked);
      const length = [[Math.floor(minutes / 60), "h"], [minutes % 60, "min"]]
        .filter(([number]) => number > 0).map((part) => part.join("\u00a0")).join(" ");
      const values = [
        this.days[marked.day].name, this.clock(this.wall(marked.from)),
        this.clock(this.wall(marked.until - 1) + STEP), length,
      ];
      return this.element.dataset.says.replace(/\{(\d)\}/g, (_, index) => values[index]);
    }

    // MARK: what is shown and said

    put(box, day, from, until) {
      this.days[day].lane.append(box);
      box.style.top = `${(from / this.cells) * 100}%`;
      box.style.height = `${((until - from) / this.cells) * 100}%`;
      box.hidden = false;
    }

    showCursor() {
      this.put(this.cursor, this.at.day, this.at.cell, this.at.cell + 1);
      this.cursor.scrollIntoView({ block: "nearest" });
      if (!this.marked) this.say(this.here());
    }

    // A cell, and what stands there.
    here() {
      const { day, cell } = this.at;
      const found = this.under({ day, from: cell, until: cell + 1 }, ".entry, .window")
        .map((each) => each.textContent.trim()).at(-1);
      return `${this.days[day].name} ${this.clock(this.wall(cell))}${found ? `: ${found}` : ""}`;
    }

    say(words) { this.said.textContent = words; }

    // What stands in a stretch of a day.
    under({ day, from, until }, selector) {
      const { lane } = this.days[day];
      const cell = lane.offsetHeight / this.cells;
      return [...lane.querySelectorAll(selector)].filter((each) => {
        const start = each.offsetTop;
        return start < until * cell - 1 && start + each.offsetHeight > from * cell + 1;
      });
    }

    mark(day, one, other) {
      const [from, until] = one <= other ? [one, other + 1] : [other, one + 1];
      this.marked = this.whole({ day, from: Math.max(from, 0), until: Math.min(until, this.cells) });
      if (!this.marked) return this.clear();
      this.put(this.stretch, day, this.marked.from, this.marked.until);
      this.say(this.words(this.marked));
    }

    clear() {
      this.marked = null;
      this.anchor = null;
      this.stretch.hidden = true;
    }

    // Fills the form for what is marked: on published ground another than on free ground.
    fill() {
      if (!this.marked) return null;
      const where = this.under(this.marked, ".window").length > 0 ? "window" : "free";
      const parts = [...this.form.querySelectorAll("[data-where]")];
      const part = parts.find((each) => each.dataset.where === where) ?? parts[0];
      for (const each of parts) if (each !== part && "open" in each) each.open = false;
      if ("open" in part) part.open = true;
      const values = {
        date: this.days[this.marked.day].date, from: field(this.wall(this.marked.from)),
        to: field(this.wall(this.marked.until - 1) + STEP),
      };
      for (const [name, value] of Object.entries(values)) {
        // a part may say itself which of its fields are meant
        const named = part.dataset[name]?.split(" ").map((each) => `input[name=${each}]`)
          ?? [`input[name=${name}], input[name$=_${name}]`];
        for (const each of named) {
          const input = part.querySelector(each);
          if (input) input.value = value;
        }
      }
      return part;
    }

    // MARK: the keyboard

    press(event) {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const moves = {
        ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0],
        PageUp: [0, -4], PageDown: [0, 4], Home: [0, -this.cells], End: [0, this.cells],
      };
      if (moves[event.key]) {
        event.preventDefault();
        this.move(...moves[event.key], event.shiftKey);
      } else if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        this.choose();
      } else if (event.key === "Escape") {
        this.leave();
      }
    }

    move(days, cells, isMarking) {
      if (isMarking && days === 0) this.anchor ??= this.at.cell;
      else this.clear();
      const last = this.days.length - 1;
      this.at.day = Math.min(Math.max(this.at.day + days, 0), last);
      const step = Math.sign(cells) || 1;
      let cell = Math.min(Math.max(this.at.cell + cells, 0), this.cells - 1);
      while (cell > 0 && cell < this.cells - 1 && !this.isThere(this.at.day, cell)) cell += step;
      this.at.cell = cell;
      if (this.anchor !== null) this.mark(this.at.day, this.anchor, cell);
      this.showCursor();
    }

    // First marks the cell, then goes to what can be done with what is marked.
    choose() {
      if (!this.marked) return this.mark(this.at.day, this.at.cell, this.at.cell);
      this.fill()?.querySelector("input:not([type=hidden]), button")?.focus();
    }

    leave() {
      if (this.marked) {
        this.clear();
        this.say(this.here());
      } else {
        this.surface.blur();
      }
    }

    // MARK: the pointer

    cellAt(lane, y) {
      const { top, height } = lane.getBoundingClientRect();
      return Math.min(Math.max(Math.floor(((y - top) / height) * this.cells), 0), this.cells - 1);
    }

    follow(lane, day) {
      let pressed = null;
      const begin = () => {
        pressed.isDragging = true;
        this.clear();
        this.element.classList.add("dragging");
        lane.setPointerCapture(pressed.pointer);
        this.mark(day, pressed.cell, pressed.cell);
      };
      const end = () => {
        clearTimeout(pressed?.timer);
        this.element.classList.remove("dragging");
        pressed = null;
      };
      lane.addEventListener("pointerdown", (event) => {
        if (event.button !== 0 || getComputedStyle(lane).position !== "relative") return;
        pressed = {
          pointer: event.pointerId, cell: this.cellAt(lane, event.clientY), x: event.clientX,
          y: event.clientY, isTouch: event.pointerType === "touch", isDragging: false,
        };
        if (pressed.isTouch) pressed.timer = setTimeout(begin, HOLD);
        else if (!event.target.closest("a")) event.preventDefault();
      });
      lane.addEventListener("pointermove", (event) => {
        if (!pressed || event.pointerId !== pressed.pointer) return;
        const far = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > SLACK;
        if (!pressed.isDragging && far && pressed.isTouch) return end();
        if (!pressed.isDragging && far) begin();
        if (pressed?.isDragging) this.mark(day, pressed.cell, this.cellAt(lane, event.clientY));
      });
      lane.addEventListener("pointerup", (event) => {
        if (!pressed || event.pointerId !== pressed.pointer) return;
        const wasDragged = pressed.isDragging;
        if (!wasDragged && !event.target.closest("a")) {
          this.clear();
          this.mark(day, pressed.cell, pressed.cell);
        }
        if (this.marked) this.at = { day, cell: this.marked.from };
        // what ends a drag follows no link
        if (wasDragged) {
          const still = (click) => { click.preventDefault(); click.stopPropagation(); };
          addEventListener("click", still, { capture: true, once: true });
          setTimeout(() => removeEventListener("click", still, { capture: true }));
        }
        end();
        this.fill();
      });
      lane.addEventListener("pointercancel", end);
      // a finger that marks does not scroll
      lane.addEventListener("touchmove", (event) => {
        if (pressed?.isDragging) event.preventDefault();
      }, { passive: false });
      lane.addEventListener("contextmenu", (event) => {
        if (pressed?.isTouch) event.preventDefault();
      });
    }
  }

  for (const grid of document.querySelectorAll(".timegrid[data-form]")) new Grid(grid);
})();
