/** What stands in the place of a secret. */
export const MASK = '***';

/** A shorter secret is not masked wherever it stands: it would make every text unreadable, and it protects nothing. */
export const SHORTEST_MASKED = 4;
