// All that is known of one entity, in words.

const AT_ONCE = 50;   // neighbours of one kind, before the button for more

class Panel {
  constructor(store, chosen) {
    this.store = store;
    this.chosen = chosen;
    this.place = document.getElementById('panel');
  }

  show(node) {
    const heading = element('h2', '', this.store.label(node));
    this.place.replaceChildren(
      heading, this.facts(node), ...this.drift(node),
      ...this.neighbours(node),
      ...this.attributes(node));
    this.place.hidden = false;
    this.place.scrollTop = 0;
  }

  facts(node) {
    const look = this.store.look(node);
    const state = element('span');
    state.append(swatch(look), ' ' + (this.store.state(node) ?? look.label));
    const extra = this.details(node);
    return list([
      ['Type', this.store.type(node)], ['Id', visible(this.store.id(node))],
      ['State', state], ['Project', this.store.project(node)],
      ['User', extra.user_id], ['Revision', extra.revision],
      ['Sampled', extra.sampled_at]]);
  }

  drift(node) {
    const lines = this.store.driftOf(node);
    if (!lines.length) return [];
    return [element('h3', '', 'Drift: desired -> actual'),
            element('pre', 'drift', lines.join('\n'))];
  }

  // One line for each entity: nothing is parsed before somebody looks.
  details(node) {
    this.lines ??= document.getElementById('attributes')
      .textContent.split('\n');
    return JSON.parse(this.lines[node] || '{}');
  }

  neighbours(node) {
    const groups = new Map();
    for (const [other, kind, outward] of this.store.neighbours(node)) {
      const title = outward ? `${kind} →` : `← ${kind}`;
      if (!groups.has(title)) groups.set(title, []);
      groups.get(title).push(other);
    }
    return Array.from(groups).flatMap(([title, others]) => [
      element('h3', '', `${title} (${others.length.toLocaleString('en')})`),
      this.links(others)]);
  }

  links(others) {
    const box = element('div', 'links');
    const more = (from) => {
      box.append(...others.slice(from, from + AT_ONCE)
        .map((other) => this.link(other)));
      if (from + AT_ONCE >= others.length) return;
      const button = element('button', 'more', 'More');
      button.type = 'button';
      button.addEventListener('click', () => {
        button.remove();
        more(from + AT_ONCE);
      });
      box.append(button);
    };
    more(0);
    return box;
  }

  link(other) {
    const made = element('button', 'link');
    made.type = 'button';
    made.title = this.store.driftOf(other).join('\n');
    made.append(swatch(this.store.look(other)), ' ', this.store.label(other),
                element('small', '', this.store.type(other)));
    made.addEventListener('click', () => this.chosen(other));
    return made;
  }

  attributes(node) {
    const {attributes} = this.details(node);
    const names = Object.keys(attributes || {}).sort();
    if (!names.length) return [];
    return [element('h3', '', 'Attributes'), list(names.map((name) => [
      visible(name), simple(attributes[name])]))];
  }
}

function simple(value) {
  if (typeof value === 'string') return visible(value);
  if (value === null || typeof value !== 'object') return String(value);
  const lines = JSON.stringify(value, null, 1).split('\n');
  return element('pre', '', lines.map(visible).join('\n'));
}

function list(pairs) {
  const made = element('dl');
  for (const [name, value] of pairs) {
    if (value === null || value === undefined || value === '') continue;
    const shown = element('dd');
    shown.append(value instanceof Node ? value : String(value));
    made.append(element('dt', '', name), shown);
  }
  return made;
}
