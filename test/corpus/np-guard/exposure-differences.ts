/** Where the exposure differs from np-guard's on purpose: the lines of theirs that are not ours, and ours that are not theirs. */
export const exposureDifferences: Readonly<
  Record<string, { readonly missing: readonly string[]; readonly more: readonly string[] }>
> = {
  // A description that implies another: rules add up, so its pods may use the ports of both.
  exposure_test_with_different_rules_2: {
    missing: ['hello-world/workload-a[Deployment] <= hello-world/[pod with {app=x}] : TCP 9090'],
    more: ['hello-world/workload-a[Deployment] <= hello-world/[pod with {app=x}] : TCP 8080,9090'],
  },
  exposure_test_with_different_rules_4: {
    missing: ['hello-world/workload-a[Deployment] <= hello-world/[pod with {role notin (w,x,y,z)}] : TCP 8080'],
    more: ['hello-world/workload-a[Deployment] <= hello-world/[pod with {role notin (w,x,y,z)}] : TCP 8080,9090'],
  },
  exposure_test_with_different_rules_3_with_matching_pod: {
    missing: ['hello-world/workload-a[Deployment] <= hello-world/[pod with {!app}] : TCP 8080'],
    more: ['hello-world/workload-a[Deployment] <= hello-world/[pod with {!app}] : TCP 8080,9090'],
  },
  // Labels with their values that a workload of the manifests has, written as expressions.
  exposure_test_with_different_rules_2_with_matching_pod: {
    missing: ['hello-world/workload-a[Deployment] <= hello-world/[pod with {app=x}] : TCP 9090'],
    more: [],
  },
  exposure_test_with_different_rules_6_with_matching_pods: {
    missing: [
      'hello-world/workload-a[Deployment] <= [namespace with {env=env-1,foo=managed}]/[pod with {app=app-x,role=api}] : TCP 8080',
    ],
    more: [],
  },
  // A port's name without a protocol.
  exposure_test_with_anp_11_with_named_port: {
    missing: ['hello-world/workload-a[Deployment] => entire-cluster :  local-port'],
    more: ['hello-world/workload-a[Deployment] => entire-cluster : SCTP local-port,TCP local-port,UDP local-port'],
  },
};
