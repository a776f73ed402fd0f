import type { Connection } from './connection.js';
import type { Changes } from './features/changes/changes.js';
import type { NoRevision } from './workspace/revisions.js';

/** Keeps what differs from HEAD up to date beside all else. */
export interface HeadComparison {
  /** Compares when nothing has been edited for a moment. */
  soon(): void;
  /** A commit changes no manifest: HEAD is asked for anew with the next comparison. */
  askHead(): void;
}

/** `here` is what differs, or why it is not asked; it is asked only where `isShown` says that anybody sees it. */
export function headComparison(
  connection: Connection,
  { here, isShown }: { readonly here: () => Changes | NoRevision; readonly isShown: () => boolean },
): HeadComparison {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let headAsked = 0;
  let notCompared: string | undefined;

  /** Once for each reason: without it nobody knows why lenses say nothing of HEAD. */
  function sayNotCompared(why: string | undefined): void {
    if (why !== undefined && why !== notCompared) connection.log('info', `Nothing is compared with HEAD: ${why}.`);
    notCompared = why;
  }

  function compare(): void {
    const changes = here();
    if ('problem' in changes) return;
    // The repository may be above the workspace's folder, where no watcher sees that HEAD moves.
    if (Date.now() - headAsked > headAskedEvery) {
      headAsked = Date.now();
      changes.headMayHaveMoved();
    }
    changes.update().then(
      () => sayNotCompared(changes.notCompared),
      (error: unknown) => sayNotCompared(String(error)),
    );
  }

  return {
    soon() {
      if (!isShown()) return;
      clearTimeout(timer);
      timer = setTimeout(compare, comparedAfter);
    },
    askHead() {
      headAsked = 0;
    },
  };
}

/** After the last edit, in milliseconds, and how often git is asked what HEAD is. */
const comparedAfter = 500;
const headAskedEvery = 10_000;
