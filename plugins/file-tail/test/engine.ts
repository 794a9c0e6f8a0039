import { makeLogger, systemClock } from '@dynamic-informer/sdk';
import { Engine, type EngineOptions } from '../matching/engine.ts';

/** An engine of which only what it counts is looked at. */
export const engineForTest = (options: Partial<EngineOptions> & Pick<EngineOptions, 'patterns'>): Engine =>
  new Engine({
    limitMs: 100,
    timeouts: () => ({ inc: () => undefined }),
    fileOf: () => 'app.log',
    clock: systemClock,
    logger: makeLogger(() => undefined),
    ...options,
  });
