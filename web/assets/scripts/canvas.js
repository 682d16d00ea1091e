// The drawing of a draft on a canvas of LogicFlow: states are dragged, verbs drawn from one state to another; everything by
// keyboard too. It decides nothing: what is done is told to the page, and what the page says is drawn.
import LogicFlow, { h, PolylineEdge, PolylineEdgeModel, RectNode, RectNodeModel } from "@logicflow/core";

const WIDE = 160, HIGH = 96, STEP = 10, LINE = 18, ROOM = 32;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const fill = (words, told) => words.replace(/\{(\w+)\}/g, (_, key) => told[key] ?? "");
const cut = (words, most) => (words.length > most ? `${words.slice(0, most - 1)}…` : words);

const black = (count, x, y) => count
  ? [h("circle", { className: "canvas-fault", cx: x, cy: y, r: 9 }), h("text", { className: "canvas-fault-words", x, y: y + 4, "text-anchor": "middle" }, String(count))]
  : [];

const classes = (words) => {
  class NodeModel extends RectNodeModel {
    setAttributes() {
      this.width = WIDE;
      this.height = HIGH;
      this.radius = 6;
      this.autoToFront = false; // A state keeps its place among the others, so that Tab walks them in their order.
      this.text.editable = false;
    }
  }
  class NodeView extends RectNode {
    getShape() {
      const { model } = this.props, { x, y, properties: told } = model;
      const left = x - WIDE / 2, top = y - HIGH / 2;
      const mark = told.initial ? words.initial : told.final ? words.final : "";
      const lines = [...told.lines.slice(0, 3), ...(mark && told.lines.length < 3 ? [mark] : [])].map((line) => cut(line, 11));
      const said = fill(words.node, { title: told.title, lines: [...(told.open ? [told.open] : []), ...lines, ...(told.faults ? [fill(words.faults, { n: told.faults })] : [])].join(" ") }) + (told.open ? ` ${fill(words.open, { n: told.open })}` : "");
      return h("g", { className: `canvas-node${model.isSelected ? " canvas-on" : ""}`, tabindex: 0, role: "button", "aria-label": said, "data-node": model.id }, [
        h("rect", { className: "canvas-box", x: left, y: top, width: WIDE, height: HIGH, rx: 6 }),
        told.final ? h("rect", { className: "canvas-line", x: left + 4, y: top + 4, width: WIDE - 8, height: HIGH - 8, rx: 4 }) : null,
        h("text", { className: "canvas-title", x: left + 12, y: top + 24 }, cut(told.title, 10 - (told.faults ? 2 : 0) - (told.open ? 2 : 0))),
        told.open ? h("text", { className: "canvas-open", x: left + WIDE - (told.faults ? 32 : 12), y: top + 24, "text-anchor": "end" }, String(told.open)) : null,
        h("path", { className: "canvas-line", d: `M${left} ${top + 34}h${WIDE}` }),
        ...lines.map((line, at) => h("text", { className: "canvas-words", x: left + 12, y: top + 52 + at * LINE }, line)),
        ...black(told.faults, left + WIDE - 16, top + 18),
      ]);
    }
  }
  class EdgeModel extends PolylineEdgeModel {
    setAttributes() {
      this.text.editable = false;
      this.text.draggable = false;
      this.offset = 24;
    }
  }
  class EdgeView extends PolylineEdge {
    getEdge() {
      const { model } = this.props, told = model.properties;
      const said = fill(words.edge, { title: told.said, source: told.from, target: told.into }) + (told.faults ? ` ${fill(words.faults, { n: told.faults })}` : "");
      return h("g", { className: `canvas-way${model.isSelected ? " canvas-on" : ""}`, tabindex: 0, role: "button", "aria-label": said, "data-way": model.id }, [super.getEdge()]);
    }
    getText() {
      const { model } = this.props, told = model.properties;
      if (!told.title) return null;
      const { x, y } = model.text.x || model.text.y ? model.text : model.textPosition;
      const shown = cut(told.title, 12), wide = shown.length * 13 + 8;
      return h("g", { className: "canvas-label" }, [
        h("rect", { className: "canvas-under", x: x - wide / 2, y: y - 10, width: wide, height: 20, rx: 3 }),
        h("text", { className: "canvas-words canvas-way-words", x, y: y + 4, "text-anchor": "middle" }, shown),
        ...black(told.faults, x + wide / 2 + 8, y),
      ]);
    }
  }
  return { NodeModel, NodeView, EdgeModel, EdgeView };
};

const nodeOf = ({ id, x, y, ...told }) => ({ id, x, y, type: "canvas-state", properties: { ...told } });
const edgeOf = (edge, titles) => ({
  id: edge.id,
  type: "canvas-verb",
  sourceNodeId: edge.source,
  targetNodeId: edge.target,
  ...(edge.points.length ? {
    pointsList: edge.points.map(([x, y]) => ({ x, y })),
    startPoint: { x: edge.points[0][0], y: edge.points[0][1] },
    endPoint: { x: edge.points.at(-1)[0], y: edge.points.at(-1)[1] },
  } : {}),
  properties: { at: edge.at, title: edge.title, said: edge.said, faults: edge.faults, from: titles.get(edge.source), into: titles.get(edge.target) },
});

export const draw = (held, words, hands) => {
  held.hidden = false;
  const made = classes(words);
  const flow = new LogicFlow({
    container: held,
    grid: { size: STEP, visible: true, type: "dot" },
    keyboard: { enabled: false },
    edgeType: "canvas-verb",
    history: false,
    textEdit: false,
    nodeTextEdit: false,
    edgeTextEdit: false,
    nodeTextDraggable: false,
    edgeTextDraggable: false,
    adjustEdge: false,
    adjustEdgeStartAndEnd: false,
    hoverOutline: false,
    nodeSelectedOutline: false,
    edgeSelectedOutline: false,
    stopScrollGraph: true,
    snapline: false,
    animation: false,
  });
  flow.register({ type: "canvas-state", view: made.NodeView, model: made.NodeModel });
  flow.register({ type: "canvas-verb", view: made.EdgeView, model: made.EdgeModel });
  let seen = "", fitted = false;

  flow.on("node:click", ({ data }) => hands.open(data.properties.at));
  flow.on("edge:click", ({ data }) => hands.open(data.properties.at));
  flow.on("blank:click", () => hands.open(""));
  flow.on("node:drop", ({ data }) => hands.moved(data.id, data.x, data.y));
  // What is selected keeps its dots while the pointer, pulling a line, has left it.
  flow.on("anchor:mousedown", ({ nodeModel }) => flow.selectElementById(nodeModel.id, false, false));
  flow.on("edge:add", ({ data }) => hands.connect(data.sourceNodeId, data.targetNodeId));

  const focus = (id) => held.querySelector(`[data-node="${CSS.escape(id)}"], [data-way="${CSS.escape(id)}"]`)?.focus();
  held.addEventListener("keydown", (event) => {
    const id = event.target.dataset?.node ?? event.target.dataset?.way;
    const told = id && (flow.getNodeModelById(id) ?? flow.getEdgeModelById(id));
    if (!told) return;
    const isState = "node" in event.target.dataset;
    if (event.key === "Enter" || event.key === " ") hands.open(told.properties.at);
    else if (event.key === "Delete" || event.key === "Backspace") {
      // Several verbs from one state to another are taken away one by one, in their panel.
      if (told.properties.at.startsWith("way:")) hands.open(told.properties.at);
      else hands.remove(told.properties.at);
    } else if (isState && ARROWS[event.key]) {
      const [x, y] = ARROWS[event.key];
      told.moveTo(told.x + x * STEP, told.y + y * STEP);
      hands.moved(id, told.x, told.y);
    } else return;
    event.preventDefault();
  });

  // Everything that is drawn, with the lanes of ways that leap, in the middle and no larger than it is.
  let drawn = { nodes: [], edges: [] };
  const fit = () => {
    const xs = [], ys = [];
    for (const { x, y } of drawn.nodes) { xs.push(x - WIDE / 2, x + WIDE / 2); ys.push(y - HIGH / 2, y + HIGH / 2); }
    for (const [x, y] of drawn.edges.flatMap((edge) => edge.points)) { xs.push(x); ys.push(y - LINE, y + LINE); }
    if (!xs.length) return;
    const left = Math.min(...xs), top = Math.min(...ys), wide = Math.max(...xs) - left, high = Math.max(...ys) - top;
    const scale = Math.min(1, (held.clientWidth - ROOM) / wide, (held.clientHeight - ROOM) / high);
    flow.resetZoom();
    flow.resetTranslate();
    flow.zoom(scale, [0, 0]);
    flow.translate((held.clientWidth - wide * scale) / 2 - left * scale, (held.clientHeight - high * scale) / 2 - top * scale);
  };

  return {
    focus,
    zoom: (how) => (how === "fit" ? fit() : flow.zoom(how === "in")),
    show: (graph, at) => {
      const told = JSON.stringify(graph);
      if (told !== seen) {
        const titles = new Map(graph.nodes.map((node) => [node.id, node.title]));
        flow.render({ nodes: graph.nodes.map(nodeOf), edges: graph.edges.map((edge) => edgeOf(edge, titles)) });
        drawn = graph;
        if (!fitted) fit();
        fitted = fitted || graph.nodes.length > 0;
        seen = told;
      }
      flow.clearSelectElements();
      const on = [...graph.nodes, ...graph.edges].find((one) => one.at === at);
      if (on) flow.selectElementById(on.id, false, false);
      // What is new or was opened elsewhere comes into sight; the canvas draws in its own time.
      requestAnimationFrame(() => {
        const box = on && held.querySelector(`[data-node="${CSS.escape(on.id)}"]`)?.getBoundingClientRect(), sight = held.getBoundingClientRect();
        if (box && (box.left < sight.left || box.right > sight.right || box.top < sight.top || box.bottom > sight.bottom)) fit();
      });
    },
  };
};
