import { parseCidr } from '../model/addresses.js';
import type { ClusterPods } from '../model/profile.js';
import type { TemplateParameter, TemplateValues } from './template.js';

/** The ports of a policy; what they mean differs from template to template. */
export function portsParameter(doc: string, ports: string): TemplateParameter {
  return { name: 'ports', doc, type: 'port', default: ports };
}

/** The value of the label "app" on the pods that a policy is about. */
export function appParameter(what: string, app: string, name = 'app'): TemplateParameter {
  return { name, doc: `The value of the label "app" on the pods ${what}.`, type: 'string', default: app };
}

/** One of some known installs; the cluster profile's where none is named. */
export function choiceParameter(name: string, doc: string, choices: readonly string[]): TemplateParameter {
  return { name, doc, type: 'choice', choices, default: '' };
}

/**
 * The pods that a choice names, else the profile's; in another namespace where `namespace` gives one.
 *
 * @param known the pods behind each choice
 */
export function chosenPods(
  values: TemplateValues,
  parameters: { readonly choice: TemplateParameter; readonly namespace: TemplateParameter },
  known: Readonly<Record<string, ClusterPods>>,
  ofProfile: readonly ClusterPods[],
): readonly ClusterPods[] {
  const choice = values.given[parameters.choice.name] ?? '';
  const chosen = Object.hasOwn(known, choice) ? known[choice] : undefined;
  const pods = chosen === undefined ? ofProfile : [chosen];
  const namespace = values.given[parameters.namespace.name];
  return namespace ? pods.map((each) => ({ ...each, namespace, namespaceLabels: new Map() })) : pods;
}

/** Why a parameter cannot have this text, as the end of a sentence; undefined where it can. */
export function faultOf(parameter: TemplateParameter, text: string): string | undefined {
  const parts = text.split(',').map((part) => part.trim());
  switch (parameter.type) {
    case 'string':
      return undefined;
    case 'choice':
      return parameter.choices?.includes(text) ? undefined : `use one of ${parameter.choices?.join(', ')}`;
    case 'number':
      return /^\d+$/.test(text) ? undefined : `"${text}" is not a whole number`;
    case 'cidr': {
      const wrong = parts.find((part) => parseCidr(part) === undefined);
      return wrong === undefined ? undefined : `"${wrong}" is not an address range such as 203.0.113.0/24`;
    }
    case 'port': {
      const wrong = parts.find((part) => !isPort(part));
      return wrong === undefined ? undefined : `"${wrong}" is not a port such as 8080, http, 8000-8010 or 53/UDP`;
    }
  }
}

function isPort(text: string): boolean {
  const [, port = '', last = port] = /^(\d+)(?:-(\d+))?(?:\/(?:tcp|udp|sctp))?$/i.exec(text) ?? [];
  if (port !== '') return Number(port) >= 1 && Number(port) <= Number(last) && Number(last) <= 65535;
  return /^(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*(\/(tcp|udp|sctp))?$/i.test(text);
}
