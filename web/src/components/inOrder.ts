/** Marks what has not got its height yet. */
export const holding = { "data-holds": "" } as const;

const unseen = {
  visibility: "hidden",
  animationName: { from: { visibility: "hidden" }, to: { visibility: "visible" } },
  animationDuration: "1ms",
  animationDelay: "1.5s",
  animationFillMode: "forwards",
} as const;

/**
 * The style of a box whose parts stand below each other: what stands below one that has not
 * got its height yet is not seen, lest it move under the reader's eyes, but for so long only
 * that one part that takes its time does not hide all others.
 */
export const inOrder = {
  "& > :has([data-holds]) ~ *": unseen,
  "& > [data-holds] ~ *": unseen,
} as const;
