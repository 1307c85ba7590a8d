/* Draws the workflow of a template: [data-workflow] names the JSON of its nodes and edges. Laid out by dagre, drawn
   as SVG with attributes and classes only, as the page's policy wants it. */
(function () {
  'use strict';

  const SVG = 'http://www.w3.org/2000/svg';
  const NODE_HEIGHT = 34;
  const MANY = 3;
  const FINAL = new Set(['resolved', 'closed']);

  function element(name, attributes, parent) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (parent) parent.append(made);
    return made;
  }

  /* Wide enough without measuring: Chinese letters are as wide as they are high. */
  function widthOf(text, size) {
    let width = 0;
    for (const letter of text) width += letter.charCodeAt(0) > 0x2e80 ? size : size * 0.58;
    return Math.ceil(width);
  }

  /* A step open in many states into one (cancel, say) is drawn once, from a node that stands for them all: a dozen
     long lines to one box tell nothing. So is one that stays in each of them, as a loop. */
  function gathered(flow) {
    const together = new Map();
    for (const edge of flow.edges) {
      const key = JSON.stringify([edge.stays ? null : edge.target, edge.label]);
      together.set(key, [...(together.get(key) || []), edge]);
    }
    const nodes = [...flow.nodes];
    const edges = [];
    for (const [key, same] of together) {
      if (same.length < MANY) {
        edges.push(...same);
        continue;
      }
      nodes.push({ key, label: t('%(number)s states', { number: same.length }), many: true });
      edges.push({ source: key, target: same[0].stays ? key : same[0].target, label: same[0].label });
    }
    return { nodes, edges, initial: flow.initial };
  }

  /* Work flows down in the order of the states, whatever goes back: dagre gets every edge pointing down, and those
     turned round for it are drawn from their true source. */
  function laidOut(flow) {
    const graph = new dagre.graphlib.Graph({ multigraph: true });
    graph.setGraph({ rankdir: 'TB', nodesep: 36, ranksep: 30, edgesep: 22, marginx: 14, marginy: 22 });
    const rank = new Map(flow.nodes.map((node, index) => [node.key, node.many ? -1 : index]));
    const led = new Set();
    for (const node of flow.nodes) {
      graph.setNode(node.key, { width: widthOf(node.label, node.many ? 12 : 14) + 32, height: node.many ? 26 : NODE_HEIGHT });
    }
    flow.edges.forEach((edge, index) => {
      const back = rank.get(edge.source) > rank.get(edge.target);
      const ends = back ? [edge.target, edge.source] : [edge.source, edge.target];
      // The first step onwards is the usual way and is kept straight.
      const usual = !back && !led.has(edge.source);
      if (usual) led.add(edge.source);
      graph.setEdge(...ends, { width: widthOf(edge.label, 12) + 8, height: 16, labelpos: 'c', weight: usual ? 8 : 1, back }, String(index));
      edge.ends = ends;
    });
    dagre.layout(graph);
    return graph;
  }

  /* Where a line touches a box: its lower or upper side, as near as the box allows to where the line goes. */
  function port(box, towards) {
    const room = box.width / 2 - 12;
    const x = box.x + Math.max(-room, Math.min(room, (towards.x - box.x) * 0.35));
    return { x, y: box.y + (towards.y > box.y ? box.height / 2 : -box.height / 2) };
  }

  function wayOf(graph, edge, place) {
    const [from, to] = edge.ends.map((key) => graph.node(key));
    if (from === to) {
      const side = from.x + from.width / 2;
      return `M${side},${from.y - 8} C${place.x},${from.y - 24} ${place.x},${from.y + 24} ${side},${from.y + 8}`;
    }
    const inner = place.points.slice(1, -1);
    let points = [port(from, inner[0]), ...inner, port(to, inner[inner.length - 1])];
    if (place.back) points = points.reverse();
    let way = `M${points[0].x},${points[0].y}`;
    for (let i = 1; i < points.length; i += 1) {
      const middle = (points[i - 1].y + points[i].y) / 2;
      way += ` C${points[i - 1].x},${middle} ${points[i].x},${middle} ${points[i].x},${points[i].y}`;
    }
    return way;
  }

  function drawEdge(svg, graph, edge, index) {
    const place = graph.edge(...edge.ends, String(index));
    const group = element('g', { class: place.back ? 'workflow-edge is-back' : 'workflow-edge' }, svg);
    element('path', { d: wayOf(graph, edge, place), 'marker-end': 'url(#workflow-tip)' }, group);
    return () => { element('text', { x: place.x, y: place.y }, group).textContent = edge.label; };
  }

  function drawNode(svg, node, place, initial) {
    const kind = node.many ? ' is-many' : FINAL.has(node.category) ? ' is-final' : '';
    const group = element('g', { class: `workflow-node tone-${node.color || 'gray'}${kind}` }, svg);
    element('rect', { x: place.x - place.width / 2, y: place.y - place.height / 2, width: place.width, height: place.height, rx: 8 }, group);
    element('text', { x: place.x, y: place.y }, group).textContent = node.label;
    if (initial) element('circle', { class: 'workflow-start', cx: place.x, cy: place.y - place.height / 2 - 10, r: 5 }, svg);
  }

  function draw(box) {
    const flow = gathered(JSON.parse(document.getElementById(box.dataset.workflow).textContent));
    const graph = laidOut(flow);
    const { width, height } = graph.graph();
    const svg = element('svg', { viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`, width: Math.ceil(width), height: Math.ceil(height), 'aria-hidden': 'true', focusable: 'false' });
    const tip = element('marker', { id: 'workflow-tip', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' }, element('defs', {}, svg));
    element('path', { class: 'workflow-tip', d: 'M0,0 L8,4 L0,8 z' }, tip);
    // All lines before all words, so that no line runs through a word.
    const words = flow.edges.map((edge, index) => drawEdge(svg, graph, edge, index));
    for (const write of words) write();
    for (const node of flow.nodes) drawNode(svg, node, graph.node(node.key), node.key === flow.initial);
    box.replaceChildren(svg);
  }

  gongdan.ready((root) => {
    if (!window.dagre) return;
    for (const box of root.querySelectorAll('[data-workflow]')) draw(box);
  });
})();
