import { orchestratorKey } from '../model/pod-facts.js';
import type { Selector } from '../model/selector.js';
import type { YamlData } from '../text/render.js';

/** What a label selector of Kubernetes asks of one label; all of a list must hold. */
export interface Requirement {
  readonly op: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly key: string;
  readonly values: readonly string[];
}

/**
 * A selector as requirements of labels; undefined where it says more than they can: alternatives, parts of values, and
 * what is no label of pods or namespaces (`model/pod-facts.ts`).
 */
export function requirementsOf(selector: Selector): readonly Requirement[] | undefined {
  switch (selector.op) {
    case 'All':
      return [];
    case 'In':
    case 'NotIn': {
      // All pods are run by Kubernetes.
      if (asksForPods(selector)) return [];
      if (selector.key.includes(':')) return undefined;
      const values = [...new Set(selector.values)];
      // Of nothing: `In` holds for nothing, and `NotIn` for everything.
      if (values.length === 0) return selector.op === 'In' ? undefined : [];
      return [{ op: selector.op, key: selector.key, values }];
    }
    case 'Exists':
    case 'DoesNotExist':
      return selector.key.includes(':') ? undefined : [{ op: selector.op, key: selector.key, values: [] }];
    case 'And': {
      const terms = selector.terms.map(requirementsOf);
      const known = terms.filter((term) => term !== undefined);
      return known.length < terms.length ? undefined : known.flat();
    }
    default:
      return undefined;
  }
}

/** Calico's way to say that no set of addresses is meant: what is run by Kubernetes (FACTS A3.6). */
export function asksForPods(selector: Selector): boolean {
  if (selector.op === 'And') return selector.terms.some(asksForPods);
  return selector.op === 'In' && selector.key === orchestratorKey && selector.values.includes('k8s');
}

/** As a label selector: what asks for one value of a label goes into matchLabels. */
export function labelSelectorOf(requirements: readonly Requirement[]): { readonly [key: string]: YamlData } {
  const labels = new Map<string, string>();
  const expressions: YamlData[] = [];
  for (const { op, key, values } of requirements) {
    const [value, ...more] = values;
    if (op === 'In' && value !== undefined && more.length === 0 && !labels.has(key)) labels.set(key, value);
    else expressions.push({ key, operator: op, ...(values.length === 0 ? {} : { values }) });
  }
  return {
    ...(labels.size === 0 ? {} : { matchLabels: Object.fromEntries(labels) }),
    ...(expressions.length === 0 ? {} : { matchExpressions: expressions }),
  };
}

/** Only pods, and no sets of addresses, as Calico asks for them where it reads a NetworkPolicy (FACTS A3.7). */
export const podsOnly: Requirement = { op: 'In', key: 'projectcalico.org/orchestrator', values: ['k8s'] };

/** As a selector of Calico; `all()` where nothing is asked. Label values hold no quotes. Source: FACTS A3.5. */
export function calicoSelectorOf(requirements: readonly Requirement[]): string {
  return requirements.length === 0 ? 'all()' : requirements.map(calicoTerm).join(' && ');
}

function calicoTerm({ op, key, values }: Requirement): string {
  const [value, ...more] = values;
  const set = `{${values.map((each) => `'${each}'`).join(', ')}}`;
  switch (op) {
    case 'In':
      return more.length === 0 ? `${key} == '${value}'` : `${key} in ${set}`;
    case 'NotIn':
      return more.length === 0 ? `${key} != '${value}'` : `${key} not in ${set}`;
    case 'Exists':
      return `has(${key})`;
    case 'DoesNotExist':
      return `!has(${key})`;
  }
}
