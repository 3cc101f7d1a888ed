/**
 * How Node is started for a process that holds an engine. What executions leave behind is mostly kept, so a young
 * generation as large as Node's own choice only takes memory (60 MB) and is copied through the caches.
 */
export const engineNodeFlags = ['--max-semi-space-size=16'] as const;
