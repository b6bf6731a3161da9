// The page as a whole: what is chosen, and who must hear of it.

const byId = (id) => document.getElementById(id);

function overview(store, onlyType) {
  const columns = {error: 1, 'drift-changed': 1, 'drift-missing': 1,
                   missing: 2, 'not-loaded': 3};
  const counts = store.types.map(() => [0, 0, 0, 0]);
  for (let node = 0; node < store.size; node += 1) {
    const count = counts[store.nodes[node][0]];
    if (store.isKnown(node)) count[0] += 1;
    const column = columns[store.look(node).name];
    if (column) count[column] += 1;
  }
  const table = element('table');
  const row = (tag, ...cells) => {
    const made = element('tr');
    made.append(...cells.map((cell) => {
      const shown = element(tag);
      shown.append(cell);
      return shown;
    }));
    return made;
  };
  table.append(row('th', 'Type', 'Entities', 'In error or drifted',
                   'Not there', 'Not loaded'));
  store.types.forEach((type, number) => {
    const button = element('button', 'link', type);
    button.type = 'button';
    button.addEventListener('click', () => onlyType(number));
    table.append(row('td', button, ...counts[number].map(
      (count) => count.toLocaleString('en'))));
  });
  return table;
}

class Page {
  constructor() {
    this.store = new Store(JSON.parse(byId('data').textContent));
    this.node = null;
    this.choose = this.choose.bind(this);
    this.filter = new Filter(this.store, () => {
      this.finder.show();
      this.draw();
    });
    this.setTheme(matchMedia('(prefers-color-scheme: dark)').matches);
    this.finder = new Finder(this.store, this.filter, this.choose);
    this.panel = new Panel(this.store, this.choose);
    this.drawing = new Drawing(this.store, this.choose);
    this.filter.build();
    this.listen();
    byId('overview').replaceChildren(overview(this.store, (number) =>
      this.filter.onlyTypes([number])));
    this.finder.show();
    this.follow();
    document.documentElement.dataset.ready = 'yes';
  }

  listen() {
    byId('depth').addEventListener('change', () => this.draw());
    byId('fit').addEventListener('click', () => this.drawing.fit());
    byId('home').addEventListener('click', () => { location.hash = ''; });
    byId('all-types').addEventListener('click', () =>
      this.filter.onlyTypes([...this.store.types.keys()]));
    byId('no-types').addEventListener('click', () =>
      this.filter.onlyTypes([]));
    byId('theme').addEventListener('click', () => this.setTheme(!isDark()));
    addEventListener('hashchange', () => this.follow());
  }

  // The address says what is chosen, so that it can be kept, and gone back.
  choose(node) {
    location.hash = '#' + encodeURIComponent(this.store.key(node));
  }

  follow() {
    let key = '';
    try {
      key = decodeURIComponent(location.hash.slice(1));
    } catch (error) {
      console.info('not an address of this page', error);
    }
    this.node = this.store.numbers.get(key) ?? null;
    const isChosen = this.node !== null;
    byId('tools').hidden = byId('drawing').hidden = !isChosen;
    byId('overview').hidden = isChosen;
    byId('panel').hidden = !isChosen;
    if (isChosen) this.panel.show(this.node);
    this.draw();
  }

  draw() {
    if (this.node === null) return;
    const part = this.drawing.show(
      this.node, Number(byId('depth').value), this.filter.fits);
    byId('shown').textContent = part.total > part.nodes.length
      ? `${part.nodes.length} of ${part.total.toLocaleString('en')} ` +
        'are drawn, the nearest first: filter, or take fewer steps'
      : `${part.total} drawn`;
  }

  setTheme(dark) {
    document.documentElement.classList.toggle('dark', dark);
    const looks = new Map(this.store.looks.map((look) => [look.name, look]));
    document.querySelectorAll('.swatch').forEach((made) =>
      paint(made, looks.get(made.dataset.look)));
    this.drawing?.dress();
  }
}

window.page = new Page();
