/** How descriptions end that speak of one allowance: what else the pods may do is up to other policies. */
export const needsIngress = '; their other ingress needs a policy that allows it.';
export const needsEgress = '; their other egress needs a policy that allows it.';
export const needsTraffic = '; their other traffic needs a policy that allows it.';
