/** A policy of Cilium for the pods `app: api` of `shop`, as examples on rule pages show it: `rules` are its sections, indented. */
export function ciliumPolicy(rules: string): string {
  return `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  endpointSelector:
    matchLabels:
      app: api
${rules}`;
}

const withDnsRule = `          rules:
            dns:
              - matchPattern: "*"
`;

/** One whose pods may ask the DNS and connect to one name; `dnsRules` show Cilium the answers, `wide` is an entry more. */
export function ciliumFqdnPolicy({ dnsRules = withDnsRule, wide = '' }): string {
  return ciliumPolicy(`  egress:
    - toEndpoints:
        - matchLabels:
            k8s:io.kubernetes.pod.namespace: kube-system
            k8s-app: kube-dns
      toPorts:
        - ports:
            - port: "53"
              protocol: ANY
${dnsRules}    - toFQDNs:
        - matchName: api.example.com
      toPorts:
        - ports:
            - port: "443"
              protocol: TCP
${wide}`);
}
