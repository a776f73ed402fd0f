/** The shop: an API that a frontend calls, with a default-deny and the policy that opens it. */

export const frontend = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: frontend
  namespace: shop
spec:
  selector:
    matchLabels: {app: frontend}
  template:
    metadata:
      labels:
        app: frontend
    spec:
      containers:
        - name: web
          ports:
            - {name: http, containerPort: 8080}
`;

export const api = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: shop
spec:
  selector:
    matchLabels: {app: api}
  template:
    metadata:
      labels:
        app: api
    spec:
      containers:
        - name: api
          ports:
            - {name: http, containerPort: 8080}
`;

export const apiPolicy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes:
    - Ingress
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: frontend
      ports:
        - protocol: TCP
          port: 8080
`;

export const denyEgress = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: deny-egress
  namespace: shop
spec:
  podSelector: {}
  policyTypes:
    - Egress
`;

export const allowDns = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-dns
  namespace: shop
spec:
  podSelector: {}
  policyTypes:
    - Egress
  egress:
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
`;

/** A wrong endPort: found in the file alone, whatever else there is. */
export const badEndPort = apiPolicy.replace('port: 8080\n', 'port: 8080\n          endPort: 80\n');

export const shop: Readonly<Record<string, string>> = {
  'workloads/frontend.yaml': frontend,
  'workloads/api.yaml': api,
  'policies/api.yaml': apiPolicy,
};
