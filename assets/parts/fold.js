// Filters stand open beside what they narrow; on a narrow screen, above it, they start folded.
export function foldOnNarrow(details) {
  if (matchMedia("(width < 48rem)").matches) details.open = false;
}
