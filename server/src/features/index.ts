import { baselineChoicesFeature, baselineFeature } from './actions/baseline-requests.js';
import {
  applyTemplateFeature,
  codeActionFeature,
  codeActionResolveFeature,
  templatesFeature,
} from './actions/code-action-requests.js';
import { changesFeature, revisionsFeature } from './changes/changes-request.js';
import { completionFeature } from './completion/completion.js';
import { endpointsFeature } from './explain/endpoints-request.js';
import { explainFeature, repairFeature, repairsFeature } from './explain/explain-request.js';
import type { Feature } from './feature.js';
import { incomingFeature, outgoingFeature, prepareHierarchyFeature } from './glance/call-hierarchy.js';
import { codeLensFeature, codeLensResolveFeature } from './glance/code-lens.js';
import { inlayHintFeature } from './glance/inlay-hints.js';
import { semanticTokensFeature, semanticTokensRangeFeature } from './glance/semantic-tokens.js';
import { effectiveFeature, hoverFeature } from './hover/hover.js';
import { mapArrowFeature, mapCursorFeature, mapFeature } from './map/map.js';
import { definitionFeature } from './navigation/definition.js';
import { documentHighlightFeature } from './navigation/document-highlight.js';
import { referencesFeature } from './navigation/references.js';
import { prepareRenameFeature, renameFeature } from './navigation/rename.js';
import { documentLinkFeature } from './outline/document-links.js';
import { documentSymbolFeature } from './outline/document-symbols.js';
import { foldingFeature } from './outline/folding.js';
import { selectionRangeFeature } from './outline/selection-range.js';
import { workspaceSymbolFeature } from './outline/workspace-symbols.js';
import { overviewFeature, scopeObjectsFeature } from './overview.js';
import { runTestsFeature, testsFeature } from './tests/run-tests.js';

/** Every request that the server answers, but for the diagnostics, which it also pushes (`server.ts`). */
export const features: readonly Feature[] = [
  hoverFeature,
  completionFeature,
  definitionFeature,
  referencesFeature,
  documentHighlightFeature,
  prepareRenameFeature,
  renameFeature,
  codeActionFeature,
  codeActionResolveFeature,
  codeLensFeature,
  codeLensResolveFeature,
  prepareHierarchyFeature,
  incomingFeature,
  outgoingFeature,
  changesFeature,
  revisionsFeature,
  effectiveFeature,
  explainFeature,
  repairsFeature,
  repairFeature,
  endpointsFeature,
  templatesFeature,
  applyTemplateFeature,
  baselineChoicesFeature,
  baselineFeature,
  testsFeature,
  runTestsFeature,
  overviewFeature,
  scopeObjectsFeature,
  mapFeature,
  mapCursorFeature,
  mapArrowFeature,
  documentSymbolFeature,
  workspaceSymbolFeature,
  foldingFeature,
  selectionRangeFeature,
  documentLinkFeature,
  inlayHintFeature,
  semanticTokensFeature,
  semanticTokensRangeFeature,
];
