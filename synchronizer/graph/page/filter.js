// Which entities are to be seen: by type, project, state and drift.

class Filter {
  constructor(store, changed) {
    this.store = store;
    this.changed = changed;
    this.types = new Set(store.types.keys());
    this.looks = new Set(store.looks.keys());
    this.project = null;
    this.drifted = false;
    this.fits = this.fits.bind(this);
  }

  fits(node) {
    const [type, , , project, , look] = this.store.nodes[node];
    return this.types.has(type) && this.looks.has(look) &&
      (!this.drifted || node in this.store.drift) &&
      (this.project === null || project === null || project === this.project);
  }

  get narrow() {
    return this.types.size < this.store.types.length ||
      this.looks.size < this.store.looks.length ||
      this.project !== null || this.drifted;
  }

  build() {
    const counts = (place, counted) => {
      const found = new Map();
      this.store.nodes.forEach((row, node) => {
        if (!counted(node)) return;
        found.set(row[place], (found.get(row[place]) || 0) + 1);
      });
      return found;
    };
    const known = (node) => this.store.isKnown(node);
    const types = counts(0, known);
    document.getElementById('types').replaceChildren(
      ...this.store.types.map((type, number) => choice(
        type, types.get(number), this.types, number, this.changed,
        element('span', 'glyph', shapeOf(type)[2]))));
    const looks = counts(5, () => true);
    document.getElementById('states').replaceChildren(
      ...this.store.looks.map((look, number) => choice(
        look.label, looks.get(number), this.looks, number, this.changed,
        swatch(look))));
    this.buildProjects(counts(3, known));
    this.buildDrift();
  }

  buildDrift() {
    const count = Object.keys(this.store.drift).length;
    const box = document.getElementById('drifted');
    box.addEventListener('change', () => {
      this.drifted = box.checked;
      this.changed();
    });
    document.getElementById('drifted-count').textContent =
      count.toLocaleString('en');
    document.getElementById('drifted-choice').hidden = count === 0;
  }

  buildProjects(counts) {
    const select = document.getElementById('project');
    select.replaceChildren(new Option('all', ''), ...this.store.projects.map(
      (project, number) => new Option(
        `${visible(project)} (${counts.get(number)})`, number)));
    select.addEventListener('change', () => {
      this.project = select.value === '' ? null : Number(select.value);
      this.changed();
    });
  }

  onlyTypes(numbers) {
    this.types.clear();
    numbers.forEach((number) => this.types.add(number));
    document.querySelectorAll('#types input').forEach((box, number) => {
      box.checked = this.types.has(number);
    });
    this.changed();
  }
}

function choice(text, count, chosen, number, changed, ...before) {
  const box = element('input');
  box.type = 'checkbox';
  box.checked = true;
  box.addEventListener('change', () => {
    if (box.checked) chosen.add(number); else chosen.delete(number);
    changed();
  });
  const label = element('label', 'choice');
  label.append(box, ...before, text,
               element('span', 'count', (count || 0).toLocaleString('en')));
  return label;
}

function element(tag, class_, text) {
  const made = document.createElement(tag);
  if (class_) made.className = class_;
  if (text !== undefined) made.textContent = text;
  return made;
}

function isDark() {
  return document.documentElement.classList.contains('dark');
}

function colour(look) {
  return isDark() ? look.dark : look.light;
}

// Filled, or hardly, or not: with the border, that tells without colours.
function fill(look) {
  return {solid: 1, double: 0.55}[look.border] ?? 0;
}

function swatch(look) {
  const made = element('span', 'swatch');
  made.dataset.look = look.name;
  paint(made, look);
  return made;
}

function paint(made, look) {
  made.style.border = `3px ${look.border} ${colour(look)}`;
  made.style.background =
    `color-mix(in srgb, ${colour(look)} ${100 * fill(look)}%, transparent)`;
}
