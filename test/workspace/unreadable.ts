import { chmod } from 'node:fs/promises';
import { join } from 'node:path';

/** "nobody", who owns nothing. */
const nobody = 65534;

/**
 * Does something while the rights to some paths of a folder are taken away. Root may read everything, so there this process
 * goes on as somebody whom the disk refuses; nothing of the folder can be written then.
 */
export async function whileUnreadable(
  folder: string,
  paths: readonly string[],
  doing: () => Promise<void>,
): Promise<void> {
  const all = paths.map((path) => join(folder, path));
  await chmod(folder, 0o555);
  for (const path of all) await chmod(path, 0);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(nobody);
  try {
    await doing();
  } finally {
    if (isRoot) process.seteuid?.(0);
    for (const path of [folder, ...all]) await chmod(path, 0o755);
  }
}
