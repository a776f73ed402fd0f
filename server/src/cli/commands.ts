import { add, addUsage } from './add.js';
import { check, checkUsage } from './check.js';
import type { Command } from './command.js';
import { convertPolicies, convertUsage } from './convert.js';
import { diff, diffUsage } from './diff.js';
import { effective, effectiveUsage } from './effective.js';
import { explain, explainUsage } from './explain.js';
import { list, listUsage } from './list.js';
import { probe, probeUsage } from './probe.js';
import { rules, rulesUsage } from './rules.js';
import { schema, schemaUsage } from './schema.js';
import { snapshot, snapshotUsage } from './snapshot.js';
import { test, testUsage } from './test.js';

export interface CommandEntry {
  readonly run: Command;
  /** Its name with what it is given, in short. */
  readonly synopsis: string;
  /** One line of the list of commands. */
  readonly summary: string;
  /** What --help says. The shells' completion takes the options from it. */
  readonly usage: string;
}

/** Every command but `completion`, which is made from these. */
export const commands = {
  check: {
    run: check,
    synopsis: 'check [PATH...]',
    summary: 'findings, with their lines, causes and fixes',
    usage: checkUsage,
  },
  effective: {
    run: effective,
    synopsis: 'effective [PATH...]',
    summary: 'what is allowed for the pods of a policy or workload',
    usage: effectiveUsage,
  },
  list: {
    run: list,
    synopsis: 'list [PATH...]',
    summary: 'every allowed connection, as text, tables or pictures',
    usage: listUsage,
  },
  explain: {
    run: explain,
    synopsis: 'explain [PATH...]',
    summary: 'why one connection is allowed or blocked, with the lines that decide it',
    usage: explainUsage,
  },
  diff: {
    run: diff,
    synopsis: 'diff BEFORE AFTER',
    summary: 'what becomes allowed and what becomes blocked, and which policies do it',
    usage: diffUsage,
  },
  test: {
    run: test,
    synopsis: 'test [PATH...]',
    summary: 'whether the connections that *.netpol-test.yaml files expect are as expected',
    usage: testUsage,
  },
  probe: {
    run: probe,
    synopsis: 'probe [PATH...]',
    summary: 'the commands that try connections on a live cluster; it runs none of them',
    usage: probeUsage,
  },
  snapshot: {
    run: snapshot,
    synopsis: 'snapshot',
    summary: "a cluster's state as a file of manifests, read through your kubectl",
    usage: snapshotUsage,
  },
  add: {
    run: add,
    synopsis: 'add TEMPLATE',
    summary: 'a standard policy, or the layered baseline of a namespace as files',
    usage: addUsage,
  },
  convert: {
    run: convertPolicies,
    synopsis: 'convert --to FAMILY',
    summary: 'policies as those of Kubernetes, Calico or Cilium that mean the same',
    usage: convertUsage,
  },
  rules: { run: rules, synopsis: 'rules [ID]', summary: "the catalogue of rules; one rule's page", usage: rulesUsage },
  schema: { run: schema, synopsis: 'schema KIND', summary: "a kind's JSON Schema", usage: schemaUsage },
} satisfies Readonly<Record<string, CommandEntry>>;
