// The search box and its hits, for mouse and keyboard.

const HITS = 100;

class Finder {
  constructor(store, filter, chosen) {
    this.store = store;
    this.filter = filter;
    this.chosen = chosen;
    this.active = -1;
    this.box = document.getElementById('search');
    this.list = document.getElementById('hits');
    this.box.addEventListener('input', () => this.show());
    this.box.addEventListener('keydown', (event) => this.key(event));
    document.addEventListener('keydown', (event) => {
      if (event.key === '/' && !event.target.closest('input, select')) {
        event.preventDefault();
        this.box.focus();
      }
    });
  }

  show() {
    const summary = document.getElementById('summary');
    this.active = -1;
    this.box.removeAttribute('aria-activedescendant');
    if (!this.box.value.trim() && !this.filter.narrow) {
      this.list.replaceChildren();
      summary.textContent =
        `${this.store.known.toLocaleString('en')} entities`;
      return;
    }
    const {hits, count} = this.store.search(
      this.box.value, this.filter.fits, HITS);
    this.list.replaceChildren(
      ...hits.map((node, number) => this.hit(node, number)));
    summary.textContent = count > hits.length
      ? `the first ${hits.length} of ${count.toLocaleString('en')} hits`
      : `${count} ${count === 1 ? 'hit' : 'hits'}`;
  }

  hit(node, number) {
    const made = element('li');
    made.id = `hit-${number}`;
    made.dataset.node = node;
    made.setAttribute('role', 'option');
    made.title = this.store.driftOf(node).join('\n');
    made.append(swatch(this.store.look(node)), ' ', this.store.label(node),
                element('small', '', this.store.type(node)));
    made.addEventListener('click', () => this.chosen(node));
    return made;
  }

  key(event) {
    const moves = {ArrowDown: 1, ArrowUp: -1};
    if (event.key in moves) {
      event.preventDefault();
      this.move(moves[event.key]);
    } else if (event.key === 'Enter') {
      const hit = this.list.children[Math.max(this.active, 0)];
      if (hit) this.chosen(Number(hit.dataset.node));
    } else if (event.key === 'Escape') {
      event.preventDefault();
      this.box.value = '';
      this.show();
    }
  }

  move(by) {
    const items = this.list.children;
    if (!items.length) return;
    items[this.active]?.setAttribute('aria-selected', 'false');
    this.active = Math.min(Math.max(this.active + by, 0), items.length - 1);
    items[this.active].setAttribute('aria-selected', 'true');
    items[this.active].scrollIntoView({block: 'nearest'});
    this.box.setAttribute('aria-activedescendant', items[this.active].id);
  }
}
