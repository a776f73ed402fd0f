import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Writes a program named helm into a folder: it notes its arguments and what of its environment keeps it from the network,
 * each call a line of `calls.json`, and then does what `body` says, in JavaScript.
 */
export async function fakeHelm(folder: string, body: string): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const program = join(bin, 'helm');
  const { HTTPS_PROXY, KUBECONFIG, HELM_NO_PLUGINS } = { HTTPS_PROXY: '', KUBECONFIG: '', HELM_NO_PLUGINS: '' };
  const names = Object.keys({ HTTPS_PROXY, KUBECONFIG, HELM_NO_PLUGINS });
  await writeFile(
    program,
    `#!${process.execPath}
const { appendFileSync, readFileSync } = require('node:fs');
const args = process.argv.slice(2);
const env = Object.fromEntries(${JSON.stringify(names)}.map((name) => [name, process.env[name]]));
appendFileSync(${JSON.stringify(join(folder, 'calls.json'))}, JSON.stringify({ args, env }) + '\\n');
${body}
`,
  );
  await chmod(program, 0o755);
  return program;
}

/** A chart whose one template allows a port that its values name. */
export const chart = {
  'shop/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 0.1.0\n',
  'shop/values.yaml': 'port: 80\n',
  'shop/templates/policy.yaml': `{{- if .Values.port }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .Release.Name }}-web
spec:
  podSelector: {}
  ingress:
    - ports:
        - port: {{ .Values.port }}
          endPort: {{ .Values.end }}
{{- end }}
`,
};

/** What helm prints of it where the range of ports is the wrong way round. */
export const printed = `---
# Source: shop/templates/policy.yaml
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: release-name-web
spec:
  podSelector: {}
  ingress:
    - ports:
        - port: 80
          endPort: 70
`;

export const prints = `process.stdout.write(${JSON.stringify(printed)});`;
