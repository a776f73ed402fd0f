import { adminNetworkPolicy, baselineAdminNetworkPolicy } from './admin.js';
import { allowAllEgress, allowAllIngress } from './allow-all.js';
import { allowAmbientHbone, allowAmbientHboneEgress, allowAmbientProbes } from './ambient.js';
import { allowDnsAndApp, allowFromApp } from './applications.js';
import { calicoAllowDns, calicoAllowFromNamespace, calicoDefaultDeny, calicoGlobalDefaultDeny } from './calico.js';
import {
  calicoBlockMetadata,
  calicoDenyExternal,
  calicoDenyList,
  calicoNetworkSet,
  calicoTier,
} from './calico-tier.js';
import {
  ciliumAllowApiServer,
  ciliumAllowDns,
  ciliumAllowFromNamespace,
  ciliumAllowHosts,
  ciliumAllowHttp,
  ciliumAllowWorld,
  ciliumDefaultDeny,
} from './cilium.js';
import { ciliumBlockMetadata, ciliumCidrGroup, ciliumClusterDefaultDeny, ciliumDenyList } from './cilium-cluster.js';
import {
  clusterAllowDns,
  clusterAllowMonitoring,
  clusterDefaultDeny,
  clusterDenyMetadata,
  clusterTenantIsolation,
} from './cluster.js';
import { allowDatabaseReplication, databaseTier } from './database.js';
import { defaultDenyAll, defaultDenyEgress, defaultDenyIngress } from './default-deny.js';
import { allowDnsEgress, allowNodeLocalDns } from './dns.js';
import { allowApiServer, allowExternalApi, blockMetadata } from './external.js';
import { allowIngressController } from './ingress-controller.js';
import { allowKubeletProbes } from './kubelet.js';
import { allowPrometheusScrape } from './monitoring.js';
import { allowFromNamespace, allowIntraNamespace, namespaceIsolation } from './namespace.js';
import type { Template } from './template.js';

/** Every standard policy, the layers of the baseline first. */
export const templates: readonly Template[] = [
  defaultDenyAll,
  allowDnsEgress,
  allowIntraNamespace,
  allowIngressController,
  allowPrometheusScrape,
  allowFromNamespace,
  allowFromApp,
  allowDnsAndApp,
  databaseTier,
  allowDatabaseReplication,
  allowExternalApi,
  allowApiServer,
  allowKubeletProbes,
  defaultDenyIngress,
  defaultDenyEgress,
  namespaceIsolation,
  allowNodeLocalDns,
  allowAmbientHbone,
  allowAmbientHboneEgress,
  allowAmbientProbes,
  blockMetadata,
  allowAllIngress,
  allowAllEgress,
  clusterDenyMetadata,
  clusterAllowDns,
  clusterAllowMonitoring,
  clusterTenantIsolation,
  clusterDefaultDeny,
  adminNetworkPolicy,
  baselineAdminNetworkPolicy,
  calicoDefaultDeny,
  calicoAllowDns,
  calicoAllowFromNamespace,
  calicoGlobalDefaultDeny,
  calicoTier,
  calicoDenyExternal,
  calicoBlockMetadata,
  calicoNetworkSet,
  calicoDenyList,
  ciliumDefaultDeny,
  ciliumAllowDns,
  ciliumAllowFromNamespace,
  ciliumAllowHttp,
  ciliumAllowHosts,
  ciliumAllowApiServer,
  ciliumAllowWorld,
  ciliumClusterDefaultDeny,
  ciliumBlockMetadata,
  ciliumCidrGroup,
  ciliumDenyList,
];

/**
 * The layered baseline in the order in which it is applied, one policy for each layer. The sixth stands for the policies
 * of applications: it is the one of them that allows what no earlier layer does.
 */
export const layers: readonly string[] = [
  defaultDenyAll.id,
  allowDnsEgress.id,
  allowIntraNamespace.id,
  allowIngressController.id,
  allowPrometheusScrape.id,
  allowFromNamespace.id,
];

export function templateNamed(id: string): Template | undefined {
  return templates.find((template) => template.id === id);
}
