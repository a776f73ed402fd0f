/** Manifests as people write them. */
export const POLICY = `# Who may talk to the database.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: test-network-policy
  namespace: default # where it lives
spec:
  podSelector:
    matchLabels:
      role: db
  policyTypes:
    - Ingress
    - Egress
  ingress:
    # the office
    - from:
        - ipBlock:
            cidr: 172.17.0.0/16
            except:
              - 172.17.1.0/24
        - namespaceSelector:
            matchLabels:
              project: "myproject"
        # the frontend
        - podSelector:
            matchLabels: {role: frontend}
      ports:
        - protocol: TCP
          port: 6379
  egress:
    - to:
        - ipBlock: {cidr: 10.0.0.0/24}
      ports:
        - {protocol: TCP, port: 5978}
`;

export const LIST = `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: 'a', labels: {app: x}}
  data:
    text: |
      one
      ---
      two

    folded: >-
      three
      four
- kind: Namespace
  metadata:
    name: "ünïcode-😀"
`;

export const ANCHORS = `base: &base
  app: web
  tier: &tier front
labels:
  <<: *base
  tier: back
copy: *base
also:
- *tier
- <<: [*base, {extra: 1}]
`;

export const CHART = `{{- if .Values.enabled }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "chart.name" . }}
  labels:
    {{- include "chart.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      app: "{{ .Values.app }}-web"
  ingress:
    {{- range .Values.ports }}
    - ports:
        - port: {{ . }}
    {{- end }}
    {{- /* a note
      over two lines */ -}}
{{- end }}
`;

export const JSON_TEXT = `{
  "kind": "NetworkPolicy",
  "spec": {
    "podSelector": {},
    "policyTypes": ["Ingress"],
    "ingress": [
      {"from": []}
    ]
  }
}
`;

export const SAMPLES: readonly string[] = [POLICY, LIST, ANCHORS, CHART, JSON_TEXT];
