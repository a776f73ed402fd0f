import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The files below a folder whose names end so, as paths. */
export function filesBelow(folder, ending) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesBelow(path, ending);
    return name.endsWith(ending) ? [path] : [];
  });
}
