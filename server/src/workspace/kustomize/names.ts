import { stringOf, type YamlScalar } from '../../text/tree.js';
import { changedAt, scalarAt } from './derive.js';
import { type Built, currentId, type Step, withId } from './step.js';

/**
 * Puts every object into a namespace. The namespace itself is not written into the objects: it is known from the step.
 * A Namespace object takes the name.
 * Source: kustomize NamespaceTransformer, with its default field specs.
 */
export function namespaceStep(value: YamlScalar, namespace: string): Step {
  return {
    namespace,
    reads: [],
    apply(built) {
      if (built.kind !== 'Namespace') return withId(built, { namespace }, built.node);
      const node = changedAt(built.node, ['metadata', 'name'], undefined, (name) =>
        stringOf(name) === namespace ? name : scalarAt(name ?? value, namespace),
      );
      return withId(built, { name: namespace }, node);
    },
  };
}

/** What other objects speak of by its name alone. */
export const namedTypes = ['service', 'serviceAccount'] as const;

export type NamedType = (typeof namedTypes)[number];

const ofTemplate = ['spec/template/spec/serviceAccountName'];
const ofWebhooks = ['webhooks/clientConfig/service/name'];

/** Where kinds that are read speak of others. Source: kustomize nameReference field specs. */
const references: Readonly<Record<NamedType, Readonly<Record<string, readonly string[]>>>> = {
  service: {
    Ingress: [
      'spec/defaultBackend/service/name',
      'spec/rules/http/paths/backend/service/name',
      'spec/backend/serviceName',
      'spec/rules/http/paths/backend/serviceName',
    ],
    HTTPRoute: ['spec/rules/backendRefs/name'],
    ValidatingWebhookConfiguration: ofWebhooks,
    MutatingWebhookConfiguration: ofWebhooks,
    APIService: ['spec/service/name'],
  },
  serviceAccount: {
    Pod: ['spec/serviceAccountName'],
    Deployment: ofTemplate,
    StatefulSet: ofTemplate,
    DaemonSet: ofTemplate,
    ReplicationController: ofTemplate,
    Job: ofTemplate,
    CronJob: ['spec/jobTemplate/spec/template/spec/serviceAccountName'],
  },
};

const neverRenamed = new Set(['Namespace', 'CustomResourceDefinition', 'APIService']);

/**
 * Puts a prefix and a suffix around names, also where other objects speak of them. `namesOf` gives what the
 * kustomization builds of a type, as it was called before.
 * Source: kustomize PrefixTransformer, SuffixTransformer and NameReferenceTransformer.
 */
export function nameStep(prefix: string, suffix: string, namesOf: (type: NamedType) => ReadonlySet<string>): Step {
  const rename = (name: string) => prefix + name + suffix;
  return {
    rename,
    reads: [],
    apply(built) {
      let { node } = built;
      for (const type of namedTypes) {
        for (const path of references[type][built.kind] ?? []) {
          node = changedAt(node, path.split('/'), undefined, (at) => {
            const name = stringOf(at);
            return at !== undefined && name !== undefined && namesOf(type).has(name) ? scalarAt(at, rename(name)) : at;
          });
        }
      }
      return neverRenamed.has(built.kind) ? { ...built, node } : renamed({ ...built, node }, rename);
    },
  };
}

function renamed(built: Built, rename: (name: string) => string): Built {
  const node = changedAt(built.node, ['metadata', 'name'], undefined, (at) => {
    const name = stringOf(at);
    return at !== undefined && name !== undefined ? scalarAt(at, rename(name)) : at;
  });
  return node === built.node ? built : withId(built, { name: rename(currentId(built).name) }, node);
}
