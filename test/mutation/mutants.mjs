// Finds the places of a compiled module that can be wrong in a small way, and writes the module with all of these faults
// in it, each behind a switch: `__m(7)` is true while the mutant 7 is on. So nothing is compiled again for a mutant.

import { parse } from 'acorn';

const comparisons = { '<': ['<=', '>='], '<=': ['<', '>'], '>': ['>=', '<='], '>=': ['>', '<'] };
const opposites = { '===': '!==', '!==': '===', '==': '!=', '!=': '==' };
const sums = { '+': '-', '-': '+', '*': '/', '/': '*', '%': '*' };
const assigned = { '+=': '-=', '-=': '+=', '*=': '/=', '/=': '*=', '??=': '&&=', '&&=': '||=', '||=': '&&=' };
const otherMethod = {
  some: 'every',
  every: 'some',
  min: 'max',
  max: 'min',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
};
/** A call of these is left out: what it is called on stays. */
const leftOut = new Set(['filter', 'slice', 'sort', 'toSorted', 'reverse', 'toReversed', 'trim']);
/** Words for people, which no test of behaviour can hold. */
const prose = new Set(['references', 'message', 'why', 'bad', 'good', 'summary', 'doc']);

/**
 * The mutants of a module's text. Each has the range and the text that replaces it, the kind of fault, and the node that
 * is written in two forms because of it.
 */
export function mutantsOf(source) {
  const program = parse(source, { ecmaVersion: 'latest', sourceType: 'module' });
  const mutants = [];
  const text = (node) => source.slice(node.start, node.end);
  const add = (kind, at, node, replacement, around = node) =>
    mutants.push({ kind, start: node.start, end: node.end, replacement, at, around });

  visit(program, undefined, undefined);
  return { program, mutants };

  /** `chain` is the whole `a?.b.c` that the node is a beginning of: it can only be written twice as a whole. */
  function visit(node, parent, chain) {
    const around = chain ?? node;
    if (node.type === 'Property' && prose.has(node.key.name)) return;
    expressions(node, around);
    statements(node, parent);
    for (const [child, key] of childrenOf(node)) {
      const begins = ['object', 'callee', 'expression'].includes(key) && isLink(child);
      visit(child, node, begins ? (node.type === 'ChainExpression' ? node : chain) : undefined);
    }
  }

  function expressions(node, around) {
    switch (node.type) {
      case 'BinaryExpression': {
        const { left, right, operator } = node;
        const written = (other) => `(${text(left)}) ${other} (${text(right)})`;
        for (const other of comparisons[operator] ?? []) add('comparison', 'expression', node, written(other), around);
        if (operator in opposites) add('equality', 'expression', node, written(opposites[operator]), around);
        if (operator in sums && !isText(left) && !isText(right))
          add('arithmetic', 'expression', node, written(sums[operator]), around);
        break;
      }
      case 'LogicalExpression': {
        const other = node.operator === '&&' ? '||' : '&&';
        add('logical', 'expression', node, `(${text(node.left)}) ${other} (${text(node.right)})`, around);
        break;
      }
      case 'UnaryExpression':
        if (node.operator === '!') add('negation', 'expression', node, `(${text(node.argument)})`, around);
        if (node.operator === '-') add('negation', 'expression', node, `(+${text(node.argument)})`, around);
        break;
      case 'UpdateExpression': {
        const other = node.operator === '++' ? '--' : '++';
        const argument = text(node.argument);
        add('update', 'expression', node, node.prefix ? other + argument : argument + other);
        break;
      }
      case 'AssignmentExpression':
        if (node.operator in assigned)
          add('assignment', 'expression', node, `${text(node.left)} ${assigned[node.operator]} ${text(node.right)}`);
        break;
      case 'Literal':
        if (typeof node.value === 'boolean') add('boolean', 'expression', node, String(!node.value));
        break;
      case 'ArrayExpression':
        if (node.elements.length > 0) add('list', 'expression', node, '[]', around);
        break;
      case 'ConditionalExpression':
        condition(node.test);
        break;
      case 'ArrowFunctionExpression':
        if (node.body.type !== 'BlockStatement') add('result', 'expression', node.body, 'undefined');
        break;
      case 'CallExpression':
        call(node, around);
        if (node.optional) optional(node.callee.end, '', around);
        break;
      case 'MemberExpression':
        if (node.optional) optional(node.object.end, node.computed ? '' : '.', around);
        break;
    }
  }

  function optional(from, replacement, around) {
    const at = source.indexOf('?.', from);
    add('optional', 'expression', rangeOf(at, at + 2), replacement, around);
  }

  function call(node, around) {
    const { callee } = node;
    if (callee.type !== 'MemberExpression' || callee.computed) return;
    const name = callee.property.name;
    if (Object.hasOwn(otherMethod, name)) add('method', 'expression', callee.property, otherMethod[name], around);
    else if (leftOut.has(name) && !callee.optional) add('method', 'expression', node, text(callee.object), around);
  }

  function condition(test) {
    add('condition', 'expression', test, 'true');
    add('condition', 'expression', test, 'false');
  }

  function statements(node, parent) {
    if (node.type === 'IfStatement') condition(node.test);
    if ((node.type === 'WhileStatement' || node.type === 'ForStatement') && node.test && text(node.test) !== 'true')
      add('condition', 'expression', node.test, 'false');
    if (
      node.type === 'BlockStatement' &&
      node.body.length > 0 &&
      !/\bsuper\(/.test(text(node)) &&
      parent.type !== 'TryStatement'
    )
      add('block', 'block', node, '{}');
    if (node.type === 'SwitchCase' && node.consequent.length > 0)
      add('case', 'case', rangeOf(node.consequent[0].start, node.end), '', node);
  }
}

/** The module with its mutants behind switches; the first of them has the number `first`. */
export function switched(source, { program, mutants }, first) {
  const at = new Map();
  mutants.forEach((mutant, index) => {
    const list = at.get(mutant.around) ?? [];
    at.set(mutant.around, [...list, { ...mutant, id: first + index }]);
  });
  return written(program);

  function written(node) {
    const here = at.get(node) ?? [];
    if (node.type === 'SwitchCase' && here.length > 0) {
      const head = source.slice(node.start, node.consequent[0].start);
      const body = inside(node, node.consequent[0].start);
      return `${head}if (!__m(${here[0].id})) {${body}}`;
    }
    let result = inside(node, node.start);
    for (const { id, at: place } of here) if (place === 'block') result = `{if (!__m(${id})) ${result}}`;
    const faults = here.filter(({ at: place }) => place === 'expression');
    if (faults.length === 0) return result;
    const forms = faults.map(({ id, start, end, replacement }) => {
      const whole = source.slice(node.start, start) + replacement + source.slice(end, node.end);
      return `__m(${id})?(${whole}):`;
    });
    return `(${forms.join('')}${result})`;
  }

  function inside(node, from) {
    let result = '';
    let done = from;
    for (const [child] of childrenOf(node)) {
      if (child.start < done) continue;
      result += source.slice(done, child.start) + written(child);
      done = child.end;
    }
    return result + source.slice(done, node.end);
  }
}

/** In the order of the text. Of `{ name }`, whose key and value are one, the value. */
function childrenOf(node) {
  const found = [];
  for (const [key, value] of Object.entries(node)) {
    if (key === 'key' && node.shorthand) continue;
    for (const child of Array.isArray(value) ? value : [value])
      if (typeof child?.type === 'string') found.push([child, key]);
  }
  return found.sort(([a], [b]) => a.start - b.start);
}

function isLink({ type }) {
  return type === 'MemberExpression' || type === 'CallExpression';
}

function isText(node) {
  return node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string');
}

function rangeOf(start, end) {
  return { start, end };
}
