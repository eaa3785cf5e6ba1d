/** When something is collected: every day, on the first day of the week, or what is new since then. */
export type CollectMode = 'daily' | 'weekly' | 'incr';
