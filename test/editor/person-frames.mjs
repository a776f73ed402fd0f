/** What is visible in one of the page's frames: a preview is a page within a page, and is replaced while it loads. */
export async function visibleInFrame(page, find) {
  for (const frame of page.frames()) {
    const found = find(frame);
    if (
      await found
        .first()
        .isVisible()
        .catch(() => false)
    )
      return found;
  }
  return undefined;
}
