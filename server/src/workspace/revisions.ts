/** Why something of a repository cannot be told, in a sentence for a person. */
export interface NoRevision {
  readonly problem: string;
}

/** What a revision has of some files, by URI; undefined for a file that is not in it. */
export type RevisionTexts = ReadonlyMap<string, string | undefined>;

/** The stored states of a workspace's files, where there is a repository. */
export interface Revisions {
  /** What a revision names in the repository of a folder, by an id that is equal for equal states. */
  treeOf(folder: string, revision: string): Promise<{ readonly tree: string } | NoRevision>;
  /**
   * The manifests below a folder that are others in a tree: those of `texts` with another text there, or none, and those
   * that are missing in `texts`. `exclude` names what is left out: patterns as in .gitignore, from the folder.
   */
  differing(
    folder: string,
    tree: string,
    texts: ReadonlyMap<string, string>,
    exclude: readonly string[],
  ): Promise<RevisionTexts | NoRevision>;
  /** Branches and tags, newest first, some of them. */
  names(folder: string): Promise<readonly string[]>;
}
