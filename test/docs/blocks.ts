import { read } from './pages.js';

/** The first block of a language under a heading of a page, as it stands there. Fails where there is none. */
export function blockOf(page: string, heading: string, language: string): string {
  const text = read(page);
  const from = text.search(new RegExp(`^#+ ${heading.replaceAll('.', '\\.')}$`, 'm'));
  if (from < 0) throw new Error(`${page} has no heading "${heading}"`);
  const section = text.slice(from).split(/\n#+ .*\n/)[0] ?? '';
  const block = new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(section)?.[1];
  if (block === undefined) throw new Error(`"${heading}" in ${page} has no ${language} block`);
  return block;
}

/** Every block of a language in a page. */
export function blocksOf(page: string, language: string): readonly string[] {
  return [...read(page).matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, block = '']) => block,
  );
}
