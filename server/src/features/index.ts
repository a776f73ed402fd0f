import { baselineChoicesFeature, baselineFeature } from './baseline-requests.js';
import {
  applyTemplateFeature,
  codeActionFeature,
  codeActionResolveFeature,
  templatesFeature,
} from './code-action-requests.js';
import { completionFeature } from './completion.js';
import { endpointsFeature } from './endpoints-request.js';
import { explainFeature, repairFeature, repairsFeature } from './explain-request.js';
import type { Feature } from './feature.js';
import { effectiveFeature, hoverFeature } from './hover.js';

/** Every request that the server answers, but for the diagnostics, which it also pushes (`server.ts`). */
export const features: readonly Feature[] = [
  hoverFeature,
  completionFeature,
  codeActionFeature,
  codeActionResolveFeature,
  effectiveFeature,
  explainFeature,
  repairsFeature,
  repairFeature,
  endpointsFeature,
  templatesFeature,
  applyTemplateFeature,
  baselineChoicesFeature,
  baselineFeature,
];
