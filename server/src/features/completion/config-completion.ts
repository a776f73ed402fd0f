import type { CompletionItem } from 'vscode-languageserver-types';
import { type DnsPods, kubeDns, openShiftDns } from '../../model/profile.js';
import { rules } from '../../rules/index.js';
import type { SourceFile } from '../../text/file.js';
import { settingsFields } from '../../workspace/settings-fields.js';
import type { CompletionSupport } from './completion-text.js';
import { fieldCompletions, type Preset } from './field-completion.js';

/** What may be typed in `.netpol.yaml`: settings, their values, the names of rules. */
export function configCompletions(
  file: SourceFile,
  offset: number,
  support: CompletionSupport,
): readonly CompletionItem[] {
  return fieldCompletions(file, offset, {
    root: settingsFields(rules),
    support,
    presets: (path) => (path.length === 1 && path[0] === 'cluster' ? dnsPresets : []),
  });
}

const dnsPresets: readonly Preset[] = [
  dnsPreset('kube-dns', kubeDns, 'The cluster DNS of most distributions, behind kube-dns or CoreDNS.'),
  dnsPreset('OpenShift', openShiftDns, 'The DNS of OpenShift.'),
];

function dnsPreset(name: string, { namespace, labels, port }: DnsPods, doc: string): Preset {
  const entries = { dns: { namespace, labels: Object.fromEntries(labels), ports: `[${port}]` } };
  return { label: `dns (${name})`, doc, entries };
}
