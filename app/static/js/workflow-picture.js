/* Draws the workflow of a template: [data-workflow] names the JSON of its nodes and edges. Laid out by dagre, drawn
   as SVG with attributes and classes only, as the page's policy wants it. */
(function () {
  'use strict';

  const SVG = 'http://www.w3.org/2000/svg';
  const NODE_HEIGHT = 34;
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

  function laidOut(flow) {
    const graph = new dagre.graphlib.Graph({ multigraph: true });
    graph.setGraph({ rankdir: 'TB', nodesep: 28, ranksep: 34, edgesep: 14, marginx: 14, marginy: 22 });
    graph.setDefaultEdgeLabel(() => ({}));
    for (const node of flow.nodes) {
      graph.setNode(node.key, { width: widthOf(node.label, 14) + 32, height: NODE_HEIGHT });
    }
    flow.edges.forEach((edge, index) => {
      graph.setEdge(edge.source, edge.target, { width: widthOf(edge.label, 12) + 8, height: 16, labelpos: 'c' }, String(index));
    });
    dagre.layout(graph);
    return graph;
  }

  function drawEdge(svg, label, place) {
    const group = element('g', { class: 'workflow-edge' }, svg);
    const points = place.points;
    let way = `M${points[0].x},${points[0].y}`;
    for (let i = 1; i < points.length - 1; i += 1) {
      const next = points[i + 1];
      const last = i === points.length - 2;
      const x = last ? next.x : (points[i].x + next.x) / 2;
      const y = last ? next.y : (points[i].y + next.y) / 2;
      way += ` Q${points[i].x},${points[i].y} ${x},${y}`;
    }
    element('path', { d: way, 'marker-end': 'url(#workflow-tip)' }, group);
    element('text', { x: place.x, y: place.y }, group).textContent = label;
  }

  function drawNode(svg, node, place, initial) {
    const final = FINAL.has(node.category) ? ' is-final' : '';
    const group = element('g', { class: `workflow-node tone-${node.color || 'gray'}${final}` }, svg);
    element('rect', { x: place.x - place.width / 2, y: place.y - place.height / 2, width: place.width, height: place.height, rx: 8 }, group);
    element('text', { x: place.x, y: place.y }, group).textContent = node.label;
    if (initial) element('circle', { class: 'workflow-start', cx: place.x, cy: place.y - place.height / 2 - 10, r: 5 }, svg);
  }

  function draw(box) {
    const flow = JSON.parse(document.getElementById(box.dataset.workflow).textContent);
    const graph = laidOut(flow);
    const { width, height } = graph.graph();
    const svg = element('svg', { viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`, width: Math.ceil(width), height: Math.ceil(height), 'aria-hidden': 'true', focusable: 'false' });
    const tip = element('marker', { id: 'workflow-tip', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' }, element('defs', {}, svg));
    element('path', { class: 'workflow-tip', d: 'M0,0 L8,4 L0,8 z' }, tip);
    flow.edges.forEach((edge, index) => drawEdge(svg, edge.label, graph.edge(edge.source, edge.target, String(index))));
    for (const node of flow.nodes) drawNode(svg, node, graph.node(node.key), node.key === flow.initial);
    box.replaceChildren(svg);
  }

  gongdan.ready((root) => {
    if (!window.dagre) return;
    for (const box of root.querySelectorAll('[data-workflow]')) draw(box);
  });
})();
