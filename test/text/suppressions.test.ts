import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SourceFile } from '#server/text/file.js';
import { suppressionsOf } from '#server/text/suppressions.js';
import { URI } from './reading.js';

function of(text: string): { codes: readonly string[]; lines: string }[] {
  return suppressionsOf(SourceFile.of(URI, text)).map(({ codes, lines }) => ({
    codes,
    lines: lines === undefined ? 'none' : `${lines.first}-${lines.last}`,
  }));
}

test('the next line with content', () => {
  assert.deepEqual(of('a: 1\n# netpol-disable-next-line one, two\n\n  # more\nb: 2\nc: 3\n'), [
    { codes: ['one', 'two'], lines: '4-4' },
  ]);
  assert.deepEqual(of('a: 1\n# netpol-disable-next-line one\n'), [{ codes: ['one'], lines: 'none' }]);
});

test('its own line', () => {
  assert.deepEqual(of('a: 1 # netpol-disable-line one -- because, of that\nb: 2\n'), [
    { codes: ['one'], lines: '0-0' },
  ]);
});

test('the rest of the file from its top, else of the document', () => {
  assert.deepEqual(of('# top\n# netpol-disable one\na: 1\n---\nb: 2\n'), [{ codes: ['one'], lines: '1-5' }]);
  assert.deepEqual(of('a: 1\n# netpol-disable\nb: 1\n---\nc: 2\n'), [{ codes: [], lines: '1-2' }]);
  assert.deepEqual(of('a: 1\n---\n# netpol-disable one\nb: 2\n'), [{ codes: ['one'], lines: '2-3' }]);
});

test('only comments count, and only these words', () => {
  assert.deepEqual(of('a: "# netpol-disable one"\nb: |\n  # netpol-disable one\n'), []);
  assert.deepEqual(of('# netpol-disable-nothing\n# netpol-disabled\n# see netpol-disable\na: 1\n'), []);
});

test('ranges are offsets in the file, for the comment and each code', () => {
  const text = 'a: 1\r\n---\r\nb: 2 # netpol-disable-line one,two -- why\r\n';
  const [suppression] = suppressionsOf(SourceFile.of(URI, text));
  assert.ok(suppression);
  assert.equal(text.slice(suppression.span.start, suppression.span.end), '# netpol-disable-line one,two -- why');
  assert.deepEqual(
    suppression.codeSpans.map(({ code, range }) => [code, text.slice(range.start, range.end)]),
    [
      ['one', 'one'],
      ['two', 'two'],
    ],
  );
  assert.ok(suppression.covers({ start: text.indexOf('b: 2'), end: text.length }));
  assert.ok(!suppression.covers({ start: 0, end: text.length }));
});
