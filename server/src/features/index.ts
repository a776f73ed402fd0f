import { baselineChoicesFeature, baselineFeature } from './baseline-requests.js';
import { incomingFeature, outgoingFeature, prepareHierarchyFeature } from './call-hierarchy.js';
import { changesFeature, revisionsFeature } from './changes-request.js';
import {
  applyTemplateFeature,
  codeActionFeature,
  codeActionResolveFeature,
  templatesFeature,
} from './code-action-requests.js';
import { codeLensFeature, codeLensResolveFeature } from './code-lens.js';
import { completionFeature } from './completion.js';
import { definitionFeature } from './definition.js';
import { documentHighlightFeature } from './document-highlight.js';
import { documentLinkFeature } from './document-links.js';
import { documentSymbolFeature } from './document-symbols.js';
import { endpointsFeature } from './endpoints-request.js';
import { explainFeature, repairFeature, repairsFeature } from './explain-request.js';
import type { Feature } from './feature.js';
import { foldingFeature } from './folding.js';
import { effectiveFeature, hoverFeature } from './hover.js';
import { inlayHintFeature } from './inlay-hints.js';
import { mapArrowFeature, mapCursorFeature, mapFeature } from './map.js';
import { overviewFeature, scopeObjectsFeature } from './overview.js';
import { referencesFeature } from './references.js';
import { prepareRenameFeature, renameFeature } from './rename.js';
import { runTestsFeature, testsFeature } from './run-tests.js';
import { selectionRangeFeature } from './selection-range.js';
import { semanticTokensFeature, semanticTokensRangeFeature } from './semantic-tokens.js';
import { workspaceSymbolFeature } from './workspace-symbols.js';

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
