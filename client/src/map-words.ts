import * as vscode from 'vscode';
import type { MapWords } from './map-messages.js';

/** The texts of the policy map; `{0}` is filled in by the page. */
export function mapWords(): MapWords {
  const { t } = vscode.l10n;
  return {
    title: t('What may connect to what'),
    search: t('Search names and ports'),
    scope: t('Scope'),
    namespace: t('Namespace'),
    allNamespaces: t('All namespaces'),
    fit: t('Fit'),
    zoomIn: t('Zoom in'),
    zoomOut: t('Zoom out'),
    neighbours: t('Neighbors Only'),
    neighboursHelp: t('Draw only what is selected and what it is connected with'),
    denied: t('Denied'),
    deniedHelp: t('Mark what the selected workloads may not reach'),
    closeAll: t('Close All'),
    openAll: t('Open All'),
    save: t('Save as SVG…'),
    list: t('List'),
    listHelp: t('Show the connections in words, beside the picture'),
    loading: t('Looking for the lines that decide it…'),
    nothingFound: t('Nothing here has that name or port.'),
    found: t('Found: {0}'),
    here: t('At the cursor: {0}'),
    mayReach: t('May reach'),
    reachedBy: t('May be reached by'),
    mayNotReach: t('May not reach'),
    reachesNothing: t('Nothing: its policies let nothing out, or nothing lets it in.'),
    reachedByNothing: t('Nothing: its policies let nothing in, or nothing may send to it.'),
    oneSided: t('Allowed by one end only, and so blocked'),
    openNamespace: t('Open Namespace {0}'),
    closeNamespace: t('Close Namespace {0}'),
    explain: t('Explain This Connection'),
    decidedBy: t('Decided by'),
    everything: t('All connections'),
    help: t(
      'Arrow keys go from node to node, Enter opens the manifest or a closed namespace, Space selects, Escape clears. Plus, minus and 0 zoom and fit, / searches.',
    ),
    legendAllowed: t('allowed'),
    legendOneSided: t('one end allows it, the other blocks it'),
    legendDenied: t('denied to what is selected'),
    legendHere: t('what the cursor is at'),
    legendEvery: t('every workload of the namespace'),
  };
}
