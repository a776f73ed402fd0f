import type { YamlMap } from '../../text/tree.js';
import type { Kind, ModelObject, ValidityContext } from '../kind.js';
import type { Problem } from '../problem.js';
import { byCalico, checkCalicoPolicy, checkShape } from './check.js';
import { calicoFields } from './fields.js';
import { checkHostEndpoint, checkNetworkSet, checkTier, readNetworkSet, readTier } from './other-kinds.js';
import { type CalicoPolicyKind, readCalicoPolicy } from './read.js';
import { checkStagedKubernetes, readStagedKubernetes } from './staged-kubernetes.js';

function calicoKind(
  kind: keyof typeof calicoFields,
  read: (object: YamlMap) => ModelObject | undefined,
  check: (object: YamlMap, context: ValidityContext) => readonly Problem[],
): Kind {
  const apiVersions = ['projectcalico.org/v3', 'crd.projectcalico.org/v1'];
  return { kind, apiVersions, fields: calicoFields[kind], read, check };
}

function policyKind(kind: CalicoPolicyKind): Kind {
  return calicoKind(
    kind,
    (object) => ({ type: 'policy', value: readCalicoPolicy(object, kind) }),
    (object) => checkCalicoPolicy(object, kind, calicoFields[kind]),
  );
}

function setKind(kind: 'NetworkSet' | 'GlobalNetworkSet'): Kind {
  return calicoKind(
    kind,
    (object) => {
      const value = readNetworkSet(object, kind);
      return value === undefined ? undefined : { type: 'addressSet', value };
    },
    (object) => [...checkShape(object, kind, calicoFields[kind]), ...byCalico(object, checkNetworkSet(object))],
  );
}

/** The kinds of Calico, in its own API and as it keeps them. */
export const calicoKinds: readonly Kind[] = [
  ...(['NetworkPolicy', 'GlobalNetworkPolicy', 'StagedNetworkPolicy', 'StagedGlobalNetworkPolicy'] as const).map(
    policyKind,
  ),
  calicoKind(
    'StagedKubernetesNetworkPolicy',
    (object) => {
      const value = readStagedKubernetes(object);
      return value === undefined ? undefined : { type: 'policy', value };
    },
    (object, context) => checkStagedKubernetes(object, calicoFields.StagedKubernetesNetworkPolicy, context),
  ),
  calicoKind(
    'Tier',
    (object) => {
      const value = readTier(object);
      return value === undefined ? undefined : { type: 'tier', value };
    },
    (object) => [...checkShape(object, 'Tier', calicoFields.Tier), ...byCalico(object, checkTier(object))],
  ),
  setKind('NetworkSet'),
  setKind('GlobalNetworkSet'),
  calicoKind(
    'HostEndpoint',
    () => undefined,
    (object) => [
      ...checkShape(object, 'HostEndpoint', calicoFields.HostEndpoint),
      ...byCalico(object, checkHostEndpoint(object)),
    ],
  ),
];
