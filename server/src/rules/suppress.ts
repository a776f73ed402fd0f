import { nearest } from '../kinds/nearest.js';
import type { SourceFile } from '../text/file.js';
import type { TextRange } from '../text/range.js';
import { type Suppression, suppressionsOf } from '../text/suppressions.js';
import type { Settings } from '../workspace/settings.js';
import { ruleNamed, rules, unusedSuppression } from './index.js';
import type { Severity } from './rule.js';
import type { FileFinding } from './run.js';

/** The findings that no comment silences, and the comments that silence nothing, in the order of the text. */
export function suppress(
  file: SourceFile,
  findings: readonly FileFinding[],
  settings: Settings,
): readonly FileFinding[] {
  const suppressions = suppressionsOf(file);
  const inOrder = (list: FileFinding[]) =>
    list.sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
  if (suppressions.length === 0) return inOrder([...findings]);
  const used = new Set<string>();
  const kept = findings.filter((finding) => {
    let silenced = false;
    suppressions.forEach((suppression, index) => {
      if (!suppression.covers(finding.range)) return;
      if (suppression.codes.length > 0 && !suppression.codes.includes(finding.rule.id)) return;
      used.add(usedKey(index, suppression.codes.length === 0 ? '' : finding.rule.id));
      silenced = true;
    });
    return !silenced;
  });
  if (settings.rules.get(unusedSuppression.id) !== 'off') {
    suppressions.forEach((suppression, index) => {
      kept.push(...unused(file, suppression, (code) => used.has(usedKey(index, code)), settings));
    });
  }
  return inOrder(kept);
}

function usedKey(index: number, code: string): string {
  return `${index} ${code}`;
}

function unused(
  file: SourceFile,
  suppression: Suppression,
  isUsed: (code: string) => boolean,
  settings: Settings,
): readonly FileFinding[] {
  const finding = (range: TextRange, message: string): FileFinding => ({
    rule: unusedSuppression,
    severity:
      settings.rules.get(unusedSuppression.id) === undefined
        ? unusedSuppression.severity
        : (settings.rules.get(unusedSuppression.id) as Severity),
    message,
    uri: file.uri,
    range,
    related: [],
    fixes: [],
  });
  if (suppression.codes.length === 0) {
    return isUsed('')
      ? []
      : [finding(suppression.span, 'Nothing is found here, so this comment silences nothing. Remove it.')];
  }
  return suppression.codeSpans.flatMap(({ code, range }) => {
    if (isUsed(code)) return [];
    if (ruleNamed(code) === undefined) {
      const meant = nearest(
        code,
        rules.map((rule) => rule.id),
      );
      return [
        finding(
          range,
          `There is no rule "${code}"${meant === undefined ? '; see `netpol rules`' : `; did you mean "${meant}"?`}`,
        ),
      ];
    }
    // A rule that is switched off finds nothing: its suppressions are not to blame.
    if (settings.rules.get(code) === 'off') return [];
    return [finding(range, `"${code}" finds nothing here, so this comment silences nothing. Remove it.`)];
  });
}
