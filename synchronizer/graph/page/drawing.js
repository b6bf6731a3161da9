// The neighbourhood of one entity, drawn by Cytoscape.js.

const CAP = 150;      // nodes at once; more nobody can read
const LABELLED = 40;  // up to so many edges bear their kind

// How a type begins, its shape, and the letter that looks like it.
const SHAPES = [
  ['nova.instance', 'ellipse', '●'], ['nova.host', 'rectangle', '■'],
  ['nova.', 'triangle', '▲'],
  ['cinder.volume_', 'rhomboid', '▰'],
  ['cinder.volume', 'diamond', '◆'], ['cinder.', 'rhomboid', '▰'],
  ['heat.stack', 'hexagon', '⬢'], ['heat.', 'round-rectangle', '▢'],
  ['', 'star', '★'],
];

function shapeOf(type) {
  return SHAPES.find(([start]) => type.startsWith(start));
}

// One colour before another, as if it were so thin.
function mixed(front, back, share) {
  const parts = (text) => [1, 3, 5].map((at) =>
    parseInt(text.slice(at, at + 2), 16));
  const behind = parts(back);
  return '#' + parts(front).map((part, at) =>
    Math.round(part * share + behind[at] * (1 - share))
      .toString(16).padStart(2, '0')).join('');
}

class Drawing {
  constructor(store, chosen) {
    this.store = store;
    this.cy = cytoscape({
      container: document.getElementById('drawing'),
      minZoom: 0.1, maxZoom: 3, boxSelectionEnabled: false,
      autoungrabify: false,
    });
    this.cy.on('tap', 'node', (event) => chosen(Number(event.target.id())));
    this.cy.on('mouseover', 'node', (event) => this.point(event.target));
    this.cy.on('mouseout', 'node', (event) => this.leave(event.target));
  }

  point(node) {
    node.connectedEdges().addClass('near');
    this.cy.container().title =
      this.store.driftOf(Number(node.id())).join('\n');
  }

  leave(node) {
    node.connectedEdges().removeClass('near');
    this.cy.container().title = '';
  }

  show(start, depth, fits) {
    const part = this.store.around(start, depth, fits, CAP);
    const edges = this.store.edgesAmong(part.nodes);
    this.cy.elements().remove();
    this.cy.add([
      ...part.nodes.map((node) => this.node(node, node === start)),
      ...edges.map((edge) => this.edge(edge, edges.length <= LABELLED))]);
    this.dress();
    this.arrange(part);
    this.dress();     // again, now that it is known how far away it is
    return part;
  }

  node(node, isChosen) {
    const look = this.store.look(node);
    return {group: 'nodes', classes: isChosen ? 'chosen' : '', data: {
      id: String(node), label: this.store.label(node),
      type: this.store.type(node), border: look.border,
      shape: shapeOf(this.store.type(node))[1],
      look: this.store.nodes[node][5],
    }};
  }

  edge([start, kind, end], isLabelled) {
    return {group: 'edges', classes: isLabelled ? 'labelled' : '', data: {
      source: String(start), target: String(end), label: kind,
    }};
  }

  // Around the chosen one in rings, pulled apart from there: the same
  // neighbourhood always looks the same.
  arrange(part) {
    const deepest = Math.max(...part.steps.values());
    const layout = this.cy.layout({
      name: 'concentric', animate: false, padding: 40, minNodeSpacing: 46,
      concentric: (node) => deepest - part.steps.get(Number(node.id())),
      levelWidth: () => 1, startAngle: -Math.PI / 2, fit: false,
    });
    layout.run();
    if (part.nodes.length > 2) {
      this.cy.layout({
        name: 'cose', animate: false, randomize: false, fit: false,
        nodeDimensionsIncludeLabels: true, idealEdgeLength: () => 90,
        nodeRepulsion: () => 30000, edgeElasticity: () => 120,
        gravity: 0.3, numIter: 400, componentSpacing: 60,
      }).run();
    }
    this.fit();
  }

  fit() {
    this.cy.resize();
    this.cy.fit(undefined, 40);
    if (this.cy.zoom() > 1.3) {
      this.cy.zoom(1.3);
      this.cy.center();
    }
  }

  // Larger where much is drawn, so that they can be read from afar.
  letters() {
    return Math.min(Math.max(11 / this.cy.zoom(), 11), 17);
  }

  dress() {
    const css = getComputedStyle(document.documentElement);
    const value = (name) => css.getPropertyValue(name).trim();
    const tint = (node) => colour(this.store.looks[node.data('look')]);
    this.cy.style([
      {selector: 'node', style: {
        label: 'data(label)', shape: 'data(shape)', width: 26, height: 26,
        'background-color': (node) => mixed(
          tint(node), value('--back'),
          fill(this.store.looks[node.data('look')])),
        'border-width': 4, 'border-color': tint,
        'border-style': 'data(border)', color: value('--text'),
        'font-size': this.letters(), 'text-valign': 'bottom',
        'text-margin-y': 4,
        'text-wrap': 'ellipsis', 'text-max-width': 120,
        'text-background-color': value('--back'),
        'text-background-opacity': 0.75, 'text-background-padding': 1,
        'font-family': 'system-ui, DejaVu Sans, sans-serif',
      }},
      {selector: 'node.chosen', style: {
        width: 40, height: 40, 'font-size': this.letters() + 3,
        'font-weight': 'bold',
        'text-max-width': 240, 'underlay-color': value('--link'),
        'underlay-opacity': 0.35, 'underlay-padding': 12,
        'underlay-shape': 'ellipse', 'z-index': 9,
      }},
      {selector: 'edge', style: {
        width: 1.5, 'line-color': value('--edge'), 'curve-style': 'bezier',
        'target-arrow-shape': 'triangle', 'arrow-scale': 0.9,
        'target-arrow-color': value('--edge'),
      }},
      {selector: 'edge.labelled, edge.near', style: {
        label: 'data(label)', 'font-size': 9, color: value('--soft'),
        'text-rotation': 'autorotate',
        'text-background-color': value('--back'),
        'text-background-opacity': 0.85, 'text-background-padding': 1,
      }},
      {selector: 'edge.near', style: {
        'line-color': value('--link'), 'target-arrow-color': value('--link'),
        width: 2.5,
      }},
    ]);
  }
}
