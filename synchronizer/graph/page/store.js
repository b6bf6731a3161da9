// What the page holds: entities by number, their edges, and who fits what.

// Characters that break a line or turn the text beside them around.
const HARMFUL = new RegExp(
  '[\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u2028-\\u202e' +
  '\\u2066-\\u2069\\ufeff]', 'g');

function visible(text) {
  return text.replace(HARMFUL, (found) =>
    '\\u' + found.charCodeAt(0).toString(16).padStart(4, '0'));
}

function compare(one, two) {
  return one < two ? -1 : one > two ? 1 : 0;
}

class Store {
  constructor(data) {
    Object.assign(this, data);
    this.size = data.nodes.length;
    this.known = data.nodes.filter((_, node) => this.isKnown(node)).length;
    this.names = data.nodes.map(([, id, name]) => (name || id).toLowerCase());
    this.ids = data.nodes.map(([, id]) => id.toLowerCase());
    this.byName = Array.from({length: this.size}, (_, number) => number)
      .sort((one, two) => compare(this.names[one], this.names[two]) ||
                          one - two);
    this.numbers = new Map(
      data.nodes.map((_, number) => [this.key(number), number]));
    this.joinEdges(data.edges);
  }

  // Edges are flat triples; each node knows those that it is an end of.
  joinEdges(edges) {
    const counts = new Uint32Array(this.size + 1);
    for (let at = 0; at < edges.length; at += 3) {
      counts[edges[at] + 1] += 1;
      counts[edges[at + 2] + 1] += 1;
    }
    for (let node = 0; node < this.size; node += 1) {
      counts[node + 1] += counts[node];
    }
    this.first = counts;
    this.incident = new Uint32Array(counts[this.size]);
    const next = counts.slice();
    for (let at = 0; at < edges.length; at += 3) {
      this.incident[next[edges[at]]++] = at;
      this.incident[next[edges[at + 2]]++] = at;
    }
  }

  type(node) { return this.types[this.nodes[node][0]]; }
  id(node) { return this.nodes[node][1]; }
  label(node) { return visible(this.nodes[node][2] || this.nodes[node][1]); }
  project(node) { return this.projects[this.nodes[node][3]] ?? null; }
  state(node) { return this.nodes[node][4]; }
  driftOf(node) { return (this.drift[node] || []).map(visible); }
  look(node) { return this.looks[this.nodes[node][5]]; }
  key(node) { return `${this.type(node)}/${this.id(node)}`; }
  isKnown(node) { return !['missing', 'not-loaded'].includes(
    this.look(node).name); }
  degree(node) { return this.first[node + 1] - this.first[node]; }

  // Each edge of a node once: [the other, kind, whether it leads there].
  neighbours(node) {
    const found = [];
    let last = -1;
    for (let i = this.first[node]; i < this.first[node + 1]; i += 1) {
      const at = this.incident[i];
      if (at === last) continue;  // from a node to itself
      last = at;
      const outward = this.edges[at] === node;
      found.push([this.edges[outward ? at + 2 : at],
                  this.kinds[this.edges[at + 1]], outward]);
    }
    return found;
  }

  // The first so many by rank and name, and how many there are.
  search(text, fits, limit) {
    const wanted = text.trim().toLowerCase();
    const ranks = [[], [], []];
    let count = 0;
    for (const node of this.byName) {
      const rank = this.rank(node, wanted);
      if (rank === null || !fits(node)) continue;
      count += 1;
      if (ranks[rank].length < limit) ranks[rank].push(node);
    }
    return {hits: ranks.flat().slice(0, limit), count};
  }

  rank(node, wanted) {
    if (wanted === '') return 2;
    const name = this.names[node];
    const id = this.ids[node];
    if (name === wanted || id === wanted) return 0;
    if (name.startsWith(wanted) || id.startsWith(wanted)) return 1;
    return name.includes(wanted) || id.includes(wanted) ? 2 : null;
  }

  // Those within so many steps, nearest first, at most `cap`; nodes with few
  // neighbours lead on first, so that what all share does not take the room.
  around(start, depth, fits, cap) {
    const steps = new Map([[start, 0]]);
    let level = [start];
    for (let step = 1; step <= depth; step += 1) {
      const following = [];
      level.sort((one, two) => this.degree(one) - this.degree(two) ||
                               one - two);
      for (const node of level) {
        for (const [other] of this.neighbours(node)) {
          if (steps.has(other) || !fits(other)) continue;
          steps.set(other, step);
          following.push(other);
        }
      }
      level = following;
    }
    const kept = Array.from(steps.keys()).slice(0, cap);
    return {nodes: kept, total: steps.size,
            steps: new Map(kept.map((node) => [node, steps.get(node)]))};
  }

  // The edges that have both ends among these.
  edgesAmong(nodes) {
    const kept = new Set(nodes);
    const found = [];
    for (const node of nodes) {
      for (const [other, kind, outward] of this.neighbours(node)) {
        if (outward && kept.has(other)) found.push([node, kind, other]);
      }
    }
    return found;
  }
}
